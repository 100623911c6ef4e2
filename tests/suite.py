"""`make test`: the suite on SQLite, then on PostgreSQL; browser journeys once. Ends with one true line."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests import postgres

_ROOT = Path(__file__).resolve().parent.parent
# What has no database runs once: the library of analysis, the readers of files, the tooling itself.
_WITHOUT_DATABASE = (
    "--ignore=tests/insight", "--ignore-glob=tests/feeds/test_files_*", "--ignore-glob=tests/test_*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tally:
    """What one run of pytest came to. `broken` is set when it ended without saying."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: bool = False


def read_report(path: Path, status: int) -> Tally:
    """Counts from a JUnit report; an absent report or an exit status nothing explains is broken."""
    if not path.exists():
        return Tally(broken=True)
    suites = ElementTree.parse(path).getroot().iter("testsuite")
    ran = failed = skipped = 0
    for suite in suites:
        ran += int(suite.get("tests", "0"))
        failed += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped += int(suite.get("skipped", "0"))
    return Tally(max(ran - failed - skipped, 0), failed, skipped, broken=status != 0 and failed == 0)


def _leg(name: str, url: str | None, arguments: list[str]) -> Tally:
    """Run pytest once against one database."""
    print(f"\n== {name} ".ljust(110, "="), flush=True)
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    if url:
        environment["DATABASE_URL"] = url
    with tempfile.TemporaryDirectory(prefix="zhike-report-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments]
        status = subprocess.run(command, cwd=_ROOT, env=environment, check=False).returncode
        return read_report(report, status)


def summary(tallies: dict[str, Tally], seconds: float) -> str:
    """The closing line: totals over all databases, and what each of them ran."""
    passed, failed, skipped = (
        sum(getattr(tally, field) for tally in tallies.values()) for field in ("passed", "failed", "skipped")
    )
    each = ", ".join(
        f"{name} {'did not finish' if tally.broken else tally.passed}" for name, tally in tallies.items()
    )
    return f"{passed} passed, {failed} failed, {skipped} skipped ({each}) in {seconds:.0f} s"


def _parse(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="python -m tests.suite", description=__doc__)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="run on one database only")
    parser.add_argument(
        "--workers", type=int, default=min(4, os.cpu_count() or 1), help="processes at a time"
    )
    return parser.parse_known_args(argv)


def run(options: argparse.Namespace, rest: list[str]) -> dict[str, Tally]:
    """Run the legs asked for. Raises NoPostgres when PostgreSQL is asked for and not installed."""
    spread = ["-n", str(options.workers), "--dist", "loadfile"] if options.workers > 1 else []
    tallies: dict[str, Tally] = {}
    if options.only != "postgresql":
        tallies["SQLite"] = _leg("SQLite, with the browser journeys", None, [*spread, *rest])
    if options.only != "sqlite":
        with postgres.cluster() as url:
            tallies["PostgreSQL"] = _leg(
                "PostgreSQL", url, [*spread, *_WITHOUT_DATABASE, "-m", "not browser", *rest]
            )
    return tallies


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def main(argv: list[str]) -> int:
    """Run what was asked, print the closing line. Returns 0 only when everything ran and passed."""
    signal.signal(signal.SIGTERM, _end)
    options, rest = _parse(argv)
    started = time.monotonic()
    try:
        tallies = run(options, rest)
    except postgres.NoPostgres as problem:
        print(problem, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    print(f"\n{summary(tallies, time.monotonic() - started)}", flush=True)
    good = all(tally.passed and not tally.failed and not tally.broken for tally in tallies.values())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
