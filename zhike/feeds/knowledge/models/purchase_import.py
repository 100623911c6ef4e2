"""One import of purchase lines from a file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.ids import uuid7


class PurchaseImport(models.Model):
    """A file of purchase lines, how it is read, and what became of it. The file itself lies in the home until
    `cleared_at`."""

    class State(models.TextChoices):
        """Where an import stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    source = models.CharField(max_length=60)
    preset = models.CharField(max_length=60, blank=True)
    options = models.JSONField()
    mapping = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    job_id = models.UUIDField()
    report = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_by_id = models.UUIDField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_by_id", "-created_at"], name="purchase_import_of")]
