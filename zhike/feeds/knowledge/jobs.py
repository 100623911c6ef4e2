"""Background work of the knowledge part. The engines are imported when the work begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.feeds.knowledge.import_actions import IMPORT, UNDO
from zhike.feeds.knowledge.insight_actions import SCORE, score_now
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.kernel.errors import Refusal
from zhike.kernel.jobs import Cancelled, Run, job, standing
from zhike.kernel.schedules import SCHEDULE, due, next_night

FEED = "feeds.feed"
_EVERY = timedelta(hours=1)
_NIGHT = time(2, 30)
_NOTHING = ("no_purchases", "no_customers", "no_value")


@job(IMPORT, title=gettext_lazy("Import purchases"))
def import_purchases(run: Run) -> Mapping[str, Any]:
    """Take the lines of a file into the warehouse; goes on where a killed worker stopped."""
    from zhike.feeds.knowledge.import_files import stored_path
    from zhike.feeds.knowledge.import_run import PurchaseRun

    rows = PurchaseImport.objects.filter(pk=UUID(run.args["import"]))
    if not rows.filter(job_id=run.id).exclude(state=PurchaseImport.State.UNDONE).exists():
        raise Refusal(_("This import was taken back. Send the file again to import it anew."))
    rows.update(state=PurchaseImport.State.RUNNING, error="")
    try:
        report = PurchaseRun(run, rows.get()).work()
    except Cancelled:
        why = _("The job was cancelled.")
        rows.update(state=PurchaseImport.State.FAILED, error=why, ended_at=run.context.now)
        raise
    except Refusal as refusal:
        rows.update(state=PurchaseImport.State.FAILED, error=str(refusal), ended_at=run.context.now)
        raise
    rows.update(state=PurchaseImport.State.DONE, report=report, ended_at=run.context.now)
    schedule(run.context.now)
    stored_path(run.args["upload"]).unlink(missing_ok=True)
    return report


@job(UNDO, title=gettext_lazy("Take back purchases"))
def undo_purchases(run: Run) -> Mapping[str, Any]:
    """Remove the lines of an import and the customers that it made and nobody touched."""
    from zhike.feeds.knowledge.import_undo import take_back

    rows = PurchaseImport.objects.filter(pk=UUID(run.args["import"]))
    result = take_back(run, rows.get())
    rows.update(state=PurchaseImport.State.UNDONE, ended_at=run.context.now)
    return result


@job(FEED, title=gettext_lazy("Load what is new into the warehouse"))
def feed(run: Run) -> Mapping[str, Any]:
    """Bring the warehouse up to date, and see to it that this happens again in an hour."""
    from zhike.feeds.knowledge.feed import run_feed

    try:
        return asdict(run_feed(run.context))
    finally:
        with run.chunk():
            schedule(run.context.now, besides=run.id)


@job(SCORE, title=gettext_lazy("Score customers"))
def score(run: Run) -> Mapping[str, Any]:
    """Score all customers as the policy says (or as was asked), and see to it that it is done each night.

    A night with nothing to score is no failure.
    """
    day = run.args.get("as_of")
    try:
        return asdict(
            score_now(
                run.context, date.fromisoformat(day) if day else None, run.args.get("days"),
                run.args.get("currency", ""),
            )
        )  # fmt: skip
    except Refusal as refusal:
        if run.context.channel == SCHEDULE and refusal.details.get("reason") in _NOTHING:
            return {"written": 0}
        raise
    finally:
        with run.chunk():
            schedule(run.context.now, besides=run.id)


@standing
def schedule(now: datetime, *, besides: UUID | None = None) -> None:
    """See to it that the feed and the scores are due again, whoever asked for them now. Safe to repeat."""
    due(FEED, now + _EVERY, now, besides=besides)
    due(SCORE, next_night(now, _NIGHT), now, besides=besides)
