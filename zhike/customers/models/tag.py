"""Tags."""

from __future__ import annotations

from django.db import models

from zhike.customers.models.party import Party
from zhike.kernel.ids import uuid7


class Tag(models.Model):
    """A word that customers are marked with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class PartyTag(models.Model):
    """A tag on a party."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, models.CASCADE, related_name="tags", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "tag"], name="tag_once")]
