"""Kinds of jobs for tests, also for worker processes of their own."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import F

from zhike.kernel.errors import Refusal
from zhike.kernel.jobs import Run, job
from zhike.kernel.models import Counter, Job

# What a test wants to happen within the next `calling` job.
calls: dict[str, Callable[[Run], Mapping[str, Any] | None]] = {}


def _pause(run: Run, place: str) -> None:
    """Stand still at the place that the environment names, and say so: somebody will kill this process."""
    if os.environ.get("STAND_STILL_AT") == place:
        sys.stdout.write(place + "\n")
        sys.stdout.flush()
        threading.Event().wait()


@job("tests.count", title="Count")
def count(run: Run) -> Mapping[str, Any]:
    """Write one row for each number, five in a chunk. A number written twice would be refused by the database."""
    total = int(run.args["total"])
    _pause(run, "before")
    while run.done < total:
        with run.chunk():
            for number in range(run.done, min(run.done + 5, total)):
                Counter.objects.create(name=f"number-{number}", value=1)
                _pause(run, f"inside-{number}")
            run.checkpoint["chunks"] = run.checkpoint.get("chunks", 0) + 1
            run.progress(min(run.done + 5, total), total, "counting")
        _pause(run, f"after-{run.done}")
    return {"chunks": run.checkpoint["chunks"]}


@job("tests.calling", title="Call")
def calling(run: Run) -> Mapping[str, Any] | None:
    """Do what the test said."""
    return calls[run.args["call"]](run)


@job("tests.once", title="Once")
def once(run: Run) -> None:
    """Count how often each job was carried out."""
    with run.chunk():
        Counter.objects.get_or_create(name=str(run.id))
        Counter.objects.filter(name=str(run.id)).update(value=F("value") + 1)


def refuse(run: Run) -> None:
    """Refuse the work, as for bad input."""
    raise Refusal("the file is empty")


def crash(run: Run) -> None:
    """Crash with something that nobody should see on a screen."""
    raise ValueError("secret detail")


def overtaken(run: Run) -> None:
    """Lose the claim to another worker within a chunk."""
    with run.chunk():
        Counter.objects.create(name="overtaken")
        Job.objects.filter(pk=run.id).update(worker="elsewhere|1|2|3")


calls.update({"refuse": refuse, "crash": crash, "overtaken": overtaken})
