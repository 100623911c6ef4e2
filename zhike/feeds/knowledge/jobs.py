"""Background work of the knowledge part. The engines are imported when the work begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from zhike.feeds.knowledge.import_actions import IMPORT, UNDO
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.kernel.errors import Refusal
from zhike.kernel.jobs import Cancelled, Run, job


@job(IMPORT, title=_("Import purchases"))
def import_purchases(run: Run) -> Mapping[str, Any]:
    """Take the lines of a file into the warehouse; goes on where a killed worker stopped."""
    from zhike.feeds.knowledge.import_files import stored_path
    from zhike.feeds.knowledge.import_run import PurchaseRun

    rows = PurchaseImport.objects.filter(pk=UUID(run.args["import"]))
    rows.update(state=PurchaseImport.State.RUNNING, error="")
    try:
        report = PurchaseRun(run, rows.get()).work()
    except Cancelled:
        rows.update(state=PurchaseImport.State.FAILED, error="cancelled", ended_at=run.context.now)
        raise
    except Refusal as refusal:
        rows.update(state=PurchaseImport.State.FAILED, error=str(refusal), ended_at=run.context.now)
        raise
    rows.update(state=PurchaseImport.State.DONE, report=report, ended_at=run.context.now)
    stored_path(run.args["upload"]).unlink(missing_ok=True)
    return report


@job(UNDO, title=_("Take back purchases"))
def undo_purchases(run: Run) -> Mapping[str, Any]:
    """Remove the lines of an import and the customers that it made and nobody touched."""
    from zhike.feeds.knowledge.import_undo import take_back

    rows = PurchaseImport.objects.filter(pk=UUID(run.args["import"]))
    result = take_back(run, rows.get())
    rows.update(state=PurchaseImport.State.UNDONE, ended_at=run.context.now)
    return result
