"""Overwriting on the disk what was erased: a database only marks deleted rows as free, and keeps their bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from zhike.kernel.jobs import Run, job
from zhike.kernel.schedules import due, next_night
from zhike.kernel.search import tidy

SCRUB = "customers.scrub"
_NIGHT = time(3, 45)


def scrub() -> None:
    """Write the database anew without what was deleted. Writers wait meanwhile, so it is done at night."""
    tidy()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Every table of the program: whichever room kept something of an erased person, now or later.
            for table in connection.introspection.django_table_names(only_existing=True):
                cursor.execute(f"VACUUM (FULL) {connection.ops.quote_name(table)}")
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
    due(SCRUB, next_night(now, _NIGHT), now)
