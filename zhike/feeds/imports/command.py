"""`zhike import customers FILE`: the same import from the command line."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from zhike.kernel.actions import run
from zhike.kernel.actor import Context, system
from zhike.kernel.commands import command
from zhike.kernel.errors import Invalid, Refusal
from zhike.kernel.intake import stage
from zhike.kernel.staff import actor_by_username
from zhike.kernel.worker import work_once

_BLOCK = 1 << 20


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
        while block := handle.read(_BLOCK):
            yield block


def _context(options: Namespace) -> Context:
    actor = actor_by_username(options.acting) if options.acting else system("cli")
    return Context(actor, datetime.now(UTC), "cli", options.key)


def _until_ended(context: Context, batch: str, quiet: bool) -> dict[str, Any]:
    """Work, or wait for whoever works, until the job of the import has ended."""
    while True:
        page: dict[str, Any] = run("feeds.import_read", context, {"batch": batch}).result
        if page["job"] is None or page["job"]["ended_at"] is not None:
            found: dict[str, Any] = page["batch"]
            return found
        if not work_once():
            time.sleep(0.2)
        if not quiet:
            print(f"{page['job']['done']:,}", file=sys.stderr)


@command(
    "import customers",
    "Bring a file of customers in, in one go or going on where it was interrupted",
    _arguments,
)
def import_customers(options: Namespace) -> int:
    """Upload, map, run and report. Exit status 1 when the import did not come to its end."""
    began = time.monotonic()
    context = _context(options)
    if str(options.file) != "-" and not options.file.is_file():
        raise Invalid({"file": _("The file cannot be opened.")})
    token = stage(_blocks(options.file))
    name = "standard input" if str(options.file) == "-" else options.file.name
    made = run("feeds.upload", context, {"name": name, "staged_file": token, "source": options.source}).result
    mapping = orjson.loads(options.mapping.read_bytes()) if options.mapping else {}
    run("feeds.map", context, {"batch": made["id"], "mapping": mapping, "rule": options.match})
    run("feeds.check" if options.check else "feeds.start", context, {"batch": made["id"]})
    done = _until_ended(context, made["id"], options.json)
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
