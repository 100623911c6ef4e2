"""Files of a party."""

from __future__ import annotations

from django.db import models

from zhike.customers.models.party import Party
from zhike.kernel.ids import uuid7


class FileItem(models.Model):
    """A file kept under the installation's file store. `content_type` is what the bytes say it is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
