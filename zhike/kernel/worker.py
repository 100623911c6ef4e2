"""The worker: carries out jobs, seals and delivers facts, and tidies up. A thread or a process of its own.

It looks often while there is work and ever less often while there is none; a job saved in the same process wakes
it at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from zhike.kernel import job_claims
from zhike.kernel.actions import KEY_KEPT
from zhike.kernel.delivery import deliver
from zhike.kernel.errors import Refusal
from zhike.kernel.jobs import Cancelled, LostClaim, Run, Stopped, ensure_schedules, job_kind, work_bell
from zhike.kernel.models import IdempotencyKey, Job
from zhike.kernel.seal import seal
from zhike.kernel.text import as_json

log = logging.getLogger("zhike.worker")
_SHORTEST, _LONGEST = 0.05, 1.0
_PRUNE_EVERY = timedelta(minutes=10)


@contextmanager
def _beating(row: Job) -> Iterator[None]:
    """Beat for a job in a thread of its own while the block runs."""
    ended = threading.Event()

    def keep_beating() -> None:
        while not ended.wait(job_claims.BEAT.total_seconds()):
            try:
                job_claims.beat(row, timezone.now())
            except DatabaseError:
                log.warning("job %s: a heartbeat did not come through", row.pk)
            finally:
                close_old_connections()
        connection.close()

    thread = threading.Thread(target=keep_beating, name=f"beat-{row.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _failed(row: Job, error: str) -> None:
    job_claims.finish(row, Job.State.FAILED, timezone.now(), error=error)


def _crashed(row: Job) -> None:
    """Try again later, or give up after too many crashes. The traceback is in the log, not on a screen."""
    log.exception("job %s (%s) crashed in attempt %s", row.pk, row.name, row.attempts)
    row.refresh_from_db(fields=["attempts"])
    reference = str(row.pk)[-12:]
    if row.attempts >= job_claims.MOST_CRASHES:
        _failed(row, _("Something went wrong. The log has the details under %(id)s.") % {"id": reference})
        return
    text = _("Something went wrong; it will be tried again. The log has the details under %(id)s.")
    job_claims.give_back(
        row, timezone.now(), error=text % {"id": reference}, wait=job_claims.back_off(row.attempts)
    )


def carry_out(row: Job, stop: threading.Event | None = None) -> None:
    """Carry out a claimed job to one of its ends. Raises nothing that the work raises."""
    try:
        if row.attempts > job_claims.MOST_DEATHS:
            raise Refusal(_("The program died in every attempt at this job."))
        run = Run(row, stop=stop)
    except Refusal as refusal:
        _failed(row, str(refusal))
        return
    with translation.override(run.actor.locale):
        _attempt(row, run)


def _attempt(row: Job, run: Run) -> None:
    try:
        with _beating(row):
            run.check()
            result = job_kind(row.name).work(run)
        job_claims.finish(row, Job.State.DONE, timezone.now(), result=as_json(result), error="")
    except Cancelled:
        job_claims.finish(row, Job.State.CANCELLED, timezone.now())
    except Stopped:
        job_claims.give_back(row, timezone.now())
    except LostClaim:
        log.warning("job %s (%s) was taken over by another worker", row.pk, row.name)
    except Refusal as refusal:
        _failed(row, str(refusal))
    except Exception:
        _crashed(row)


def work_once(stop: threading.Event | None = None) -> bool:
    """Claim and carry out one job. False when there was none."""
    now = timezone.now()
    row = job_claims.claim(now) if job_claims.waiting(now) else None
    if row is not None:
        carry_out(row, stop)
    return row is not None


def work_on(job: UUID) -> bool:
    """Claim this very job and carry it out here. False when somebody else has it or it has ended."""
    row = job_claims.claim_one(job, timezone.now())
    if row is not None:
        carry_out(row)
    return row is not None


def work_off() -> int:
    """Carry out jobs until none is left; returns how many. For commands and tests."""
    count = 0
    while work_once():
        count += 1
    return count


def _loop(stop: threading.Event, step: Callable[[], bool]) -> None:
    """Repeat a step until told to stop: at once after work, else ever more rarely."""
    pause = _SHORTEST
    while not stop.is_set():
        seen = work_bell.rings
        try:
            busy = step()
        except Exception:
            log.exception("the worker stumbled and goes on")
            busy = False
        close_old_connections()
        pause = _SHORTEST if busy else min(pause * 1.5, _LONGEST)
        if not busy:
            work_bell.wait(seen, pause)
            pause = _SHORTEST if work_bell.rings != seen else pause
    connection.close()


def prune() -> None:
    """Delete what has had its time: idempotency keys of more than a day, sessions that ran out."""
    now = timezone.now()
    IdempotencyKey.objects.filter(created_at__lt=now - KEY_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()


class _Housekeeping:
    """Sealing, delivery, pruning and standing schedules, one after the other."""

    def __init__(self) -> None:
        self._pruned_at = timezone.now() - _PRUNE_EVERY

    def step(self) -> bool:
        """One round. True when there was something to do."""
        now = timezone.now()
        if now - self._pruned_at >= _PRUNE_EVERY:
            self._pruned_at = now
            prune()
            ensure_schedules(now)
        sealed = seal(now)
        return bool(deliver(now)) or bool(sealed)


def run_forever(stop: threading.Event, *, threads: int = 2) -> None:
    """Work until `stop` is set (call `work_bell.ring()` then to be heard at once).

    Jobs run in `threads` threads, so that a long import does not hold up a small export; facts are sealed and
    delivered in this one.
    """
    workers = [
        threading.Thread(target=_loop, args=(stop, lambda: work_once(stop)), name=f"jobs-{n}", daemon=True)
        for n in range(threads)
    ]
    for thread in workers:
        thread.start()
    _loop(stop, _Housekeeping().step)
    for thread in workers:
        thread.join()
