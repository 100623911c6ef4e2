"""Commands of the knowledge part."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from zhike.kernel.acting import context_of
from zhike.kernel.actor import Context
from zhike.kernel.commands import command
from zhike.kernel.errors import Invalid, Refusal
from zhike.kernel.intake import blocks_of, keep
from zhike.kernel.policy_check import declare_permissions

_PAUSE = 0.2
declare_permissions("feeds.feed")


def _import_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--preset", default="", help="a known kind of file, such as online-retail or cdnow")
    parser.add_argument("--mapping", type=Path, help="JSON file: which column is what")
    parser.add_argument("--source", default="", help="name of the system that the customers' codes are from")
    parser.add_argument("--again", action="store_true", help="also if this file was imported before")
    parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")


@command("import purchases", "Import purchase lines from a file into the warehouse", _import_arguments)
def import_purchases(options: Namespace) -> int:
    """Keep the file, carry the import out in this process, and print its report."""
    from zhike.feeds.knowledge import import_actions, import_files

    began = time.monotonic()
    context = context_of(options)
    with _opened(options.file) as stream:
        upload = keep(blocks_of(stream))
    started = import_actions.import_purchases(
        context, upload, options.file.name[-200:], options.preset, _mapping(options.mapping),
        source=options.source, again=options.again,
    )  # fmt: skip
    report: dict[str, Any] = carry_out(context, started.job)
    report |= {"seconds": round(time.monotonic() - began, 2), "import": str(started.id)}
    if report.get("refused"):
        report["refused_file"] = str(import_files.stored_path(import_files.refused_name(started.id)))
    _show(report, as_json=options.json)
    return 0


def carry_out(context: Context, job: UUID) -> dict[str, Any]:
    """Work on a job here (or wait for the worker that has it) and return its result. Raises Refusal."""
    from zhike.kernel.job_doors import read_job
    from zhike.kernel.worker import work_on

    while True:
        work_on(job)
        state = read_job(context, job)
        if state.state == "done":
            return dict(state.result or {})
        if state.state in ("failed", "cancelled"):
            raise Refusal(state.error or _("The job was cancelled."))
        time.sleep(_PAUSE)


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise Invalid({"file": f"{path}: {error.strerror}"}) from None


def _mapping(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    with _opened(path) as file:
        try:
            found = json.load(file)
        except ValueError as error:
            raise Invalid({"mapping": f"{path}: {error}"}) from None
    if not isinstance(found, dict):
        raise Invalid({"mapping": str(path)})
    return found


def _show(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    for name, value in report.items():
        sys.stdout.write(f"{name:>24}  {value}\n")


def _feed_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--rebuild", action="store_true", help="load the whole stream of facts anew")
    parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")


@command("feed", "Load what is new into the warehouse", _feed_arguments)
def feed(options: Namespace) -> int:
    """Bring the warehouse up to date in this process."""
    from zhike.feeds.knowledge.feed import rebuild, run_feed

    context = context_of(options)
    context.require("feeds.feed")
    _show(asdict((rebuild if options.rebuild else run_feed)(context)), as_json=options.json)
    return 0


def _score_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--as-of", type=date.fromisoformat, help="the day the scores speak of (today)")
    parser.add_argument("--days", type=int, help="length of the period (as decided)")
    parser.add_argument("--currency", default="", help="count purchases in this currency")
    parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")


@command("score", "Score customers: RFM and value pyramid", _score_arguments)
def score(options: Namespace) -> int:
    """Feed, score and write back in this process."""
    from zhike.feeds.knowledge.insight_actions import score as ask

    context = context_of(options)
    job = ask(context, options.as_of, options.days, options.currency)
    _show(carry_out(context, job), as_json=options.json)
    return 0
