"""Notes."""

from __future__ import annotations

from django.db import models

from zhike.customers.models.party import Party
from zhike.kernel.ids import uuid7


class Note(models.Model):
    """Something written down about a party."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="notes")
    text = models.TextField()
    pinned = models.BooleanField(default=False)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="note_text_present")]
