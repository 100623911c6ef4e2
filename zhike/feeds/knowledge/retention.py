"""How long the files of imports of purchases are kept."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce

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


def _clear(row: PurchaseImport, now: datetime) -> None:
    stored_path(refused_name(row.pk)).unlink(missing_ok=True)
    shutil.rmtree(folder_of(row.pk))
    PurchaseImport.objects.filter(pk=row.pk).update(cleared_at=now)
