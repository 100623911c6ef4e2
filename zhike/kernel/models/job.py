"""Background work: a row with a null `done_at`, claimed by UPDATE."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.ids import uuid7


class Job(models.Model):
    """One piece of background work with its progress, its checkpoint and its outcome."""

    class State(models.TextChoices):
        """Where a job stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    # A message in English with the values it holds: people read it in their own language.
    title = models.CharField(max_length=200)
    title_values = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    owner_id = models.UUIDField()
    owner_kind = models.CharField(max_length=12)
    # The API token that the job was asked for with and what it may do; None without a token.
    token_id = models.UUIDField(null=True)
    scopes = models.JSONField(null=True)
    channel = models.CharField(max_length=20, default="python")
    args = models.JSONField(default=dict)
    checkpoint = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    done_count = models.BigIntegerField(default=0)
    total_count = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    cancel_asked = models.BooleanField(default=False)
    run_after = models.DateTimeField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["run_after"], name="job_open", condition=models.Q(done_at__isnull=True)),
            models.Index(fields=["owner_id", "-created_at"], name="job_of_owner"),
        ]
