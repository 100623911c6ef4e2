"""How long the feeds keep files: of exports, of imports with what undoing needs, and of what was sent in in vain."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from zhike.feeds.models import Export, Import, ImportChunk, ImportRow
from zhike.kernel.actor import Context, system
from zhike.kernel.errors import NotFound, Refusal
from zhike.kernel.job_doors import read_job
from zhike.kernel.retention import kept_days, old_files, tidier
from zhike.kernel.text import is_uuid


def works_still(job: UUID | None, now: datetime) -> bool:
    """Whether a job waits or runs."""
    try:
        return job is not None and read_job(Context(system(), now), job).ended_at is None
    except NotFound:
        return False


def refuse_cleared(cleared_at: datetime | None) -> None:
    """Raise Refusal for an import whose files were removed."""
    if cleared_at is not None:
        raise Refusal(
            _(
                "What this import needs was removed after %(days)s days: it cannot be undone or continued any more."
            )
            % {"days": kept_days()["imports"]}
        )


@tidier("exports")
def tidy_exports(now: datetime, kept: timedelta) -> int:
    """Remove the files of exports; who took what along stays on record."""
    removed = 0
    for row in Export.objects.filter(cleared_at=None, ended_at__lt=now - kept).order_by("pk"):
        Path(default_storage.path(row.path)).unlink(missing_ok=True)
        Export.objects.filter(pk=row.pk).update(cleared_at=now)
        removed += 1
    return removed


@tidier("imports")
def tidy_imports(now: datetime, kept: timedelta) -> int:
    """Remove the files of imports, their refused rows and what undoing needs. From then on they cannot be undone."""
    since = Coalesce("ended_at", "started_at", "created_at")
    due = Import.objects.filter(cleared_at=None).annotate(since=since).filter(since__lt=now - kept)
    return sum(_clear(batch, now) for batch in due.order_by("pk").values_list("pk", flat=True))


def _clear(batch: UUID, now: datetime) -> bool:
    """Take from an import what its file said. False while a job works on it."""
    with transaction.atomic():
        row = Import.objects.select_for_update(of=("self",)).get(pk=batch)
        if works_still(row.job_id, now):
            return False
        ImportRow.objects.filter(batch=row).delete()
        ImportChunk.objects.filter(batch=row).delete()
        row.preview = {
            name: value for name, value in row.preview.items() if name in ("order", "source", "counts")
        }
        row.undone = {name: value for name, value in row.undone.items() if name != "examples"}
        row.cleared_at = now
        row.save(update_fields=["preview", "undone", "cleared_at"])
    file = Path(default_storage.path(row.path))
    for path in (file, file.with_suffix(".refused.csv")):
        path.unlink(missing_ok=True)
    return True


@tidier("uploads")
def tidy_uploads(now: datetime, kept: timedelta) -> int:
    """Remove what was sent in and taken up by nothing, drafts of exports, and spills of engines that were killed."""
    stored = Path(default_storage.path(""))
    left = [
        path
        for folder in (settings.HOME / "uploads", settings.HOME / "spill", stored / "uploads")
        for path in old_files(folder, now - kept)
    ]
    left += [path for path in old_files(stored / "exports", now - kept) if path.suffix == ".part"]
    left += _unclaimed(stored / "imports", now - kept)
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _unclaimed(folder: Path, before: datetime) -> list[Path]:
    """Files of imports that are not there, or were cleared: what a kill left between database and disk."""
    found = list(old_files(folder, before))
    ids = {path: path.name.split(".")[0] for path in found}
    claimed = Import.objects.filter(
        Q(cleared_at=None), pk__in=[each for each in ids.values() if is_uuid(each)]
    )
    known = {str(each) for each in claimed.values_list("pk", flat=True)}
    return [path for path in found if ids[path] not in known]
