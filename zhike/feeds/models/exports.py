"""Exports: which list was written to which file."""

from __future__ import annotations

from django.db import models

from zhike.kernel.ids import uuid7


class Export(models.Model):
    """One list as a file. `request` is the condition, the sort, the search text and the fields asked for;
    `cleared_at` is when the file was removed."""

    class Format(models.TextChoices):
        """Kinds of files."""

        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"
        VCARD = "vcard", "vCard"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.CharField(max_length=40)
    format = models.CharField(max_length=8, choices=Format.choices)
    bom = models.BooleanField(default=True)
    request = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)
    rows = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    job_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(db_index=True)
    owner_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
