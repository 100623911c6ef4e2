"""Who works on which job: claiming, beating, giving back, and finding the jobs of the dead."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from zhike.kernel.models import Job

BEAT = timedelta(seconds=5)
STALE = timedelta(seconds=60)
# Crashes of the work itself; deaths of the worker are counted too, but a machine may well fail more often.
MOST_CRASHES = 5
MOST_DEATHS = 60
_LONGEST_WAIT = timedelta(minutes=5)


@lru_cache(maxsize=1)
def _host() -> str:
    return socket.gethostname().replace("|", "-")[:40]


def _started(pid: int) -> str:
    """When a process of this machine started, in ticks since boot; "" when there is none of that number."""
    try:
        # The name of the program stands in parentheses and may contain anything.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except OSError:
        return ""


def worker_name() -> str:
    """A name for one claim: host, process, its start, and something that no other claim has."""
    pid = os.getpid()
    return f"{_host()}|{pid}|{_started(pid)}|{secrets.token_hex(6)}"


def is_dead(worker: str) -> bool:
    """Whether the worker was a process of this machine that is no more. False when one cannot know."""
    host, _, rest = worker.partition("|")
    pid, _, rest = rest.partition("|")
    started = rest.partition("|")[0]
    return host == _host() and pid.isdigit() and bool(started) and _started(int(pid)) != started


def _abandoned(now: datetime) -> list[Job]:
    running = Job.objects.filter(done_at__isnull=True, state=Job.State.RUNNING).order_by("run_after")
    return [
        row
        for row in running
        if row.heartbeat_at is None or row.heartbeat_at < now - STALE or is_dead(row.worker)
    ]


def _take(row: Job, now: datetime) -> Job:
    """Write the claim. Time in which nobody worked does not count as time worked."""
    worked = row.heartbeat_at - row.started_at if row.heartbeat_at and row.started_at else timedelta(0)
    row.state, row.worker, row.heartbeat_at = Job.State.RUNNING, worker_name(), now
    row.started_at = now - worked
    row.attempts += 1
    row.save(update_fields=["state", "worker", "heartbeat_at", "started_at", "attempts"])
    return row


def waiting(now: datetime) -> bool:
    """Whether some job may be claimed, without locking anything."""
    ready = Job.objects.filter(done_at__isnull=True, state=Job.State.WAITING, run_after__lte=now)
    return ready.exists() or bool(_abandoned(now))


def claim(now: datetime) -> Job | None:
    """Claim the job that has waited longest, or one whose worker died; None when there is none.

    No two workers get the same job: rows are locked on PostgreSQL, the whole file on SQLite.
    """
    with transaction.atomic():
        open_jobs = Job.objects.filter(done_at__isnull=True).select_for_update(skip_locked=True)
        ready = open_jobs.filter(state=Job.State.WAITING, run_after__lte=now).order_by("run_after", "id")
        row = ready.first()
        if row is not None:
            return _take(row, now)
        for lost in _abandoned(now):
            same = Q(worker=lost.worker, heartbeat_at=lost.heartbeat_at, state=Job.State.RUNNING)
            row = open_jobs.filter(same, pk=lost.pk).first()
            if row is not None:
                return _take(row, now)
    return None


def claim_one(job: UUID, now: datetime) -> Job | None:
    """Claim this very job if it waits or its worker died; None when somebody has it or it has ended."""
    with transaction.atomic():
        row = Job.objects.filter(pk=job, done_at__isnull=True).select_for_update(skip_locked=True).first()
        free = row is not None and (
            row.state == Job.State.WAITING or row.pk in {lost.pk for lost in _abandoned(now)}
        )
        return _take(row, now) if row is not None and free else None


def beat(row: Job, now: datetime) -> None:
    """Say that the worker lives."""
    Job.objects.filter(pk=row.pk, worker=row.worker, state=Job.State.RUNNING).update(heartbeat_at=now)


def finish(row: Job, state: Job.State, now: datetime, **values: object) -> bool:
    """End a job. False when another worker has it meanwhile."""
    mine = Job.objects.filter(pk=row.pk, worker=row.worker, state=Job.State.RUNNING)
    return bool(mine.update(state=state, done_at=now, heartbeat_at=now, **values))


def give_back(row: Job, now: datetime, *, error: str = "", wait: timedelta = timedelta(0)) -> None:
    """Let a job wait for another attempt, not before `wait` has passed."""
    mine = Job.objects.filter(pk=row.pk, worker=row.worker, state=Job.State.RUNNING)
    mine.update(state=Job.State.WAITING, run_after=now + wait, heartbeat_at=now, error=error)


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 2, 4, 8 … seconds, five minutes at most."""
    return min(timedelta(seconds=2 ** min(attempts, 10)), _LONGEST_WAIT)
