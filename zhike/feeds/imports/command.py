"""`zhike import customers FILE`: the same import from the command line."""

from __future__ import annotations

import math
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import copy_context
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

import orjson
from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from zhike.kernel.acting import context_of
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.commands import command
from zhike.kernel.errors import Invalid, Refusal
from zhike.kernel.intake import blocks_of, stage
from zhike.kernel.worker import work_once

_SECOND = 1.0


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="CSV, TSV, XLSX or vCard; - for standard input")
    parser.add_argument(
        "--mapping", type=Path, help="JSON file: column to field, null for a column to leave out"
    )
    parser.add_argument(
        "--match", choices=("skip", "update", "merge"), default="skip", help="what to do with known customers"
    )
    parser.add_argument("--source", default="", help="the system that ids in the file come from")
    parser.add_argument("--check", action="store_true", help="only try the file out")
    parser.add_argument("--json", action="store_true", help="end with a report as JSON")


def _blocks(path: Path) -> Any:
    handle = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    with handle:
        yield from blocks_of(handle)


def progress_line(job: Mapping[str, Any]) -> str:
    """How far a job has come: `12,000 rows, 1,800/s, 20 s left`; what is not known yet is left out."""
    parts = [_("%(rows)s rows") % {"rows": f"{job['done']:,}"}]
    if job["rate"]:
        parts.append(_("%(rate)s/s") % {"rate": f"{round(job['rate']):,}"})
    if job["remaining"] is not None:
        parts.append(_("%(left)s s left") % {"left": f"{math.ceil(job['remaining']):,}"})
    return _(", ").join(parts)


def _tell(context: Context, batch: str, ended: Event) -> None:
    """Print the progress of an import each second, as long as it changes. Runs in a thread of its own."""
    told = ""
    try:
        while not ended.wait(_SECOND):
            # A database that is just too busy to answer answers the next time.
            with suppress(DatabaseError):
                job = run("feeds.import_read", context, {"batch": batch}).result["job"]
                line = progress_line(job) if job and job["done"] else ""
                if line and line != told:
                    print(line, file=sys.stderr, flush=True)
                    told = line
    finally:
        connections.close_all()


@contextmanager
def _telling(context: Context, batch: str, quiet: bool) -> Iterator[None]:
    """Tell the progress on standard error while the block runs, unless it is to be quiet."""
    if quiet:
        yield
        return
    ended = Event()
    # A thread begins with a fresh set of context variables: the language is among them.
    teller = Thread(target=copy_context().run, args=(_tell, context, batch, ended), daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


def _until_ended(context: Context, batch: str) -> dict[str, Any]:
    """Work, or wait for whoever works, until the job of the import has ended."""
    while True:
        page: dict[str, Any] = run("feeds.import_read", context, {"batch": batch}).result
        if page["job"] is None or page["job"]["ended_at"] is not None:
            found: dict[str, Any] = page["batch"]
            return found
        if not work_once():
            time.sleep(0.2)


@command(
    "import customers",
    "Bring a file of customers in, in one go or going on where it was interrupted",
    _arguments,
)
def import_customers(options: Namespace) -> int:
    """Upload, map, run and report. Exit status 1 when the import did not come to its end."""
    began = time.monotonic()
    context = context_of(options)
    if str(options.file) != "-" and not options.file.is_file():
        raise Invalid({"file": _("The file cannot be opened.")})
    token = stage(_blocks(options.file))
    name = "standard input" if str(options.file) == "-" else options.file.name
    made = run("feeds.upload", context, {"name": name, "staged_file": token, "source": options.source}).result
    mapping = orjson.loads(options.mapping.read_bytes()) if options.mapping else {}
    run("feeds.map", context, {"batch": made["id"], "mapping": mapping, "rule": options.match})
    run("feeds.check" if options.check else "feeds.start", context, {"batch": made["id"]})
    with _telling(context, made["id"], options.json):
        done = _until_ended(context, made["id"])
    if done["state"] in ("failed", "cancelled"):
        raise Refusal(done["error"] or _("The import was cancelled."))
    _report(done, time.monotonic() - began, options)
    return 0


def _report(done: dict[str, Any], seconds: float, options: Namespace) -> None:
    names = ("rows", "created", "updated", "matched", "refused")
    counts = done["preview"]["counts"] if options.check else {name: done[name] for name in names}
    report = {"import": str(UUID(done["id"])), **counts, "seconds": round(seconds, 2)}
    if options.json:
        print(orjson.dumps(report).decode())
        return
    for key, value in report.items():
        print(f"{key}: {value}")
