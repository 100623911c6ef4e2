"""Jobs for people: what runs for me, how far it is, stop it, try it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotFound, Refusal
from zhike.kernel.events import News, announce
from zhike.kernel.jobs import require_scopes_of, worded_title, work_bell
from zhike.kernel.models import Job


@dataclass(frozen=True, slots=True)
class JobRead:
    """A job as people see it. `rate` is units a second, `remaining` seconds; both None while unknown.

    `due_at` is when one that waits may begin; None for others.
    """

    id: UUID
    name: str
    title: str
    state: str
    owner: UUID
    done: int
    total: int | None
    note: str
    rate: float | None
    remaining: float | None
    result: Any
    error: str
    cancelling: bool
    created_at: datetime
    due_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


def _read(row: Job) -> JobRead:
    seconds = 0.0
    if row.started_at and row.heartbeat_at:
        seconds = (row.heartbeat_at - row.started_at).total_seconds()
    rate = row.done_count / seconds if seconds > 0 and row.done_count else None
    left = None if row.total_count is None else max(row.total_count - row.done_count, 0)
    running = row.state == Job.State.RUNNING
    return JobRead(
        id=row.id, name=row.name, title=worded_title(row), state=row.state, owner=row.owner_id, done=row.done_count,
        total=row.total_count, note=row.note, rate=rate,
        remaining=left / rate if running and rate and left is not None else None,
        result=row.result, error=row.error, cancelling=row.cancel_asked and row.done_at is None,
        created_at=row.created_at, due_at=row.run_after if row.state == Job.State.WAITING else None,
        started_at=row.started_at, ended_at=row.done_at,
    )  # fmt: skip


def _visible(context: Context) -> QuerySet[Job]:
    """One's own jobs; all of them for who manages jobs."""
    everything = Job.objects.all()
    return everything if context.actor.may("jobs.manage") else everything.filter(owner_id=context.actor.id)


def _load(context: Context, job: UUID) -> Job:
    row = _visible(context).select_for_update(of=("self",)).filter(pk=job).first()
    if row is None:
        raise NotFound(resource="jobs")
    return row


@query("jobs.list", label=gettext_lazy("Jobs"), permission="jobs.read")
def list_jobs(
    context: Context,
    open: Annotated[bool, about(gettext_lazy("Only those not ended"))] = False,
    name: Annotated[str, about(gettext_lazy("Kind of job"))] = "",
    before: Annotated[UUID | None, about(gettext_lazy("Older than this job"))] = None,
    limit: Annotated[int, Bound(ge=1, le=200), about(gettext_lazy("At most"))] = 50,
) -> list[JobRead]:
    """Your jobs, newest first; all jobs if you manage them."""
    rows = _visible(context).order_by("-id")
    if open:
        rows = rows.filter(done_at__isnull=True)
    if name:
        rows = rows.filter(name=name)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_read(row) for row in rows[:limit]]


@query("jobs.read", label=gettext_lazy("Job"), permission="jobs.read")
def read_job(context: Context, job: Annotated[UUID, about(gettext_lazy("Job"))]) -> JobRead:
    """One job with its progress, rate and time left."""
    row = _visible(context).filter(pk=job).first()
    if row is None:
        raise NotFound(resource="jobs")
    return _read(row)


@action("jobs.cancel", label=gettext_lazy("Cancel the job"), permission="jobs.cancel")
def cancel(context: Context, job: Annotated[UUID, about(gettext_lazy("Job"))]) -> JobRead:
    """Ask a job to end. What it has committed stays. One that waits ends at once, one that runs at its next chunk."""
    row = _load(context, job)
    if row.done_at is not None:
        return _read(row)
    row.cancel_asked = True
    if row.state == Job.State.WAITING:
        row.state, row.done_at = Job.State.CANCELLED, context.now
    row.save(update_fields=["cancel_asked", "state", "done_at"])
    announce(context, News("jobs.cancelled", "jobs", row.id, worded_title(row)))
    return _read(row)


@action("jobs.retry", label=gettext_lazy("Try the job again"), permission="jobs.cancel")
def retry(context: Context, job: Annotated[UUID, about(gettext_lazy("Job"))]) -> JobRead:
    """Let a failed or cancelled job go on from its last committed chunk."""
    row = _load(context, job)
    if row.state not in (Job.State.FAILED, Job.State.CANCELLED):
        raise Refusal(_("Only a job that failed or was cancelled can be tried again"))
    require_scopes_of(context.actor, row.id)
    row.state, row.done_at, row.cancel_asked = Job.State.WAITING, None, False
    row.attempts, row.error, row.run_after, row.token_id = 0, "", context.now, context.actor.token
    row.save()
    announce(context, News("jobs.retried", "jobs", row.id, worded_title(row)))
    transaction.on_commit(work_bell.ring)
    return _read(row)
