"""Imports: the file, how it is read, what became of its rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.kernel.ids import uuid7


class Import(models.Model):
    """One file on its way in. `path` is its place in the file store, `job_id` the job that works on it now.

    `mapping` is a list with the target of each column (or null), `preview` what the dry run found,
    `matched` counts known customers that were left as they are. At `cleared_at` the file was removed, with all that
    undoing needs.
    """

    class State(models.TextChoices):
        """Where an import stands."""

        UPLOADED = "uploaded", pgettext_lazy("import", "uploaded")
        CHECKING = "checking", pgettext_lazy("import", "being checked")
        PREVIEWED = "previewed", pgettext_lazy("import", "checked")
        RUNNING = "running", pgettext_lazy("import", "running")
        DONE = "done", pgettext_lazy("import", "done")
        CANCELLED = "cancelled", pgettext_lazy("import", "cancelled")
        FAILED = "failed", pgettext_lazy("import", "failed")
        UNDOING = "undoing", pgettext_lazy("import", "being undone")
        UNDONE = "undone", pgettext_lazy("import", "undone")

    class Rule(models.TextChoices):
        """What happens to a row whose customer is known."""

        SKIP = "skip", _("Leave the known customer as it is")
        UPDATE = "update", _("Overwrite with what the file says")
        MERGE = "merge", _("Only fill in what is missing")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, default="customers")
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    rule = models.CharField(max_length=10, choices=Rule.choices, default=Rule.SKIP)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UPLOADED)
    preview = models.JSONField(default=dict)
    rows = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    matched = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    undone = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    job_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(db_index=True)
    owner_name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)


class ImportChunk(models.Model):
    """The customers that one chunk created: `customers` are their ids, 16 bytes each, in the order of the rows."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Import, models.CASCADE, related_name="chunks", db_index=False)
    last_row = models.BigIntegerField()
    customers = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "last_row"], name="import_chunk_once")]


class ImportRow(models.Model):
    """What became of a row that created no customer: known, changed or refused.

    `cells` and `reasons` are kept of refused rows, `before` of changed ones: what undoing needs.
    """

    class Verdict(models.TextChoices):
        """What became of the row."""

        UPDATED = "updated", pgettext_lazy("row", "updated")
        MATCHED = "matched", pgettext_lazy("row", "known already")
        REFUSED = "refused", pgettext_lazy("row", "refused")

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Import, models.CASCADE, related_name="special_rows", db_index=False)
    row = models.BigIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    customer_id = models.UUIDField(null=True)
    by = models.CharField(max_length=20, blank=True)
    cells = models.JSONField(null=True)
    reasons = models.JSONField(null=True)
    before = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="import_row_once")]


class SavedMapping(models.Model):
    """A mapping that was used, found again by the names of the columns (`signature` is their digest)."""

    id = models.BigAutoField(primary_key=True)
    owner_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    signature = models.CharField(max_length=64)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "kind", "signature"], name="mapping_once")]
