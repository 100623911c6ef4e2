"""How long the files of imports of purchases are kept."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Coalesce

from zhike.feeds.knowledge.house import refusal_of, warehouse
from zhike.feeds.knowledge.import_again import has_lines
from zhike.feeds.knowledge.import_files import folder_of, refused_name, stored_path
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.kernel.retention import tidier

_State = PurchaseImport.State


@tidier("imports")
def tidy_purchases(now: datetime, kept: timedelta) -> int:
    """Remove the files of imports of purchases that have ended; from then on these cannot be taken back.

    One that stopped half way keeps its file: its lines are in the warehouse, and somebody has to decide.
    """
    ended = PurchaseImport.objects.filter(
        cleared_at=None, state__in=(_State.DONE, _State.UNDONE, _State.FAILED)
    )
    due = ended.annotate(since=Coalesce("ended_at", "created_at")).filter(since__lt=now - kept)
    removed = 0
    for row in due.order_by("pk"):
        if row.state != _State.FAILED or not has_lines(row):
            _clear(row, now)
            removed += 1
    return removed


@tidier("warehouse")
def tidy_warehouse(now: datetime, kept: timedelta) -> int:
    """Remove files that only older versions of the tables use, and those that killed writers left."""
    from zhike.insight.warehouse import TABLES, WarehouseError, vacuum

    if not Path(settings.WAREHOUSE).is_dir():
        return 0
    try:
        hours = int(kept / timedelta(hours=1))
        return sum(len(vacuum(warehouse(), table, keep_hours=hours)) for table in TABLES)
    except WarehouseError as error:
        raise refusal_of(error) from error


def _clear(row: PurchaseImport, now: datetime) -> None:
    stored_path(refused_name(row.pk)).unlink(missing_ok=True)
    shutil.rmtree(folder_of(row.pk))
    PurchaseImport.objects.filter(pk=row.pk).update(cleared_at=now)
