"""Overwriting on the disk what was erased: a database only marks deleted rows as free, and keeps their bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhike.kernel.actor import Context, system
from zhike.kernel.job_doors import list_jobs
from zhike.kernel.jobs import Run, enqueue, job
from zhike.kernel.search import tidy

SCRUB = "customers.scrub"
_NIGHT = time(3, 45)
_TABLES = (
    "customers_party", "customers_contactpoint", "customers_address", "customers_certificate", "customers_note",
    "customers_fileitem", "customers_externalid", "customers_merge", "kernel_fact", "kernel_searchentry",
    "kernel_idempotencykey", "feeds_importrow", "feeds_import",
)  # fmt: skip


def scrub() -> None:
    """Write the database anew without what was deleted. Writers wait meanwhile, so it is done at night."""
    tidy()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in _TABLES:
                cursor.execute(f"VACUUM (FULL) {table}")
            return
        cursor.execute("VACUUM")
        # The old pages lie in the log too, until it is cut off.
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@job(SCRUB, title=_("Overwrite what was erased"))
def scrub_job(_run: Run) -> Mapping[str, Any]:
    """Overwrite what was erased since the last time."""
    scrub()
    return {}


def schedule_scrub(now: datetime) -> None:
    """See to it that the database is scrubbed in the next night, once for all erasures of a day."""
    context = Context(system(), now, channel="erasure")
    if not list_jobs(context, open=True, name=SCRUB):
        day = timezone.localtime(now).date() + timedelta(days=1)
        enqueue(context, SCRUB, {}, not_before=timezone.make_aware(datetime.combine(day, _NIGHT)))
