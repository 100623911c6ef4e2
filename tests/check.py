"""`make check`: everything a machine can say about the code without running it for its users.

`python -m tests.check` runs all steps, two at a time; `python -m tests.check types layers` runs those named.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_BIN = Path(sys.executable).parent
# Settings as served over TLS, where Django's deployment check has to be silent.
_TLS = {"ZHIKE_URL": "https://crm.example.com", "ZHIKE_HOSTS": "crm.example.com"}


@dataclass(frozen=True, slots=True)
class Step:
    """One check: a command that exits with 0 when all is well."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check said, and how long it took in seconds."""

    step: Step
    status: int
    said: str
    seconds: float


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


# The longest first, so that two at a time end together.
STEPS = [
    Step("types", _python("-m", "mypy", "--no-error-summary", "zhike", "tests", "bench", "docs/build.py")),
    Step(
        "conventions",
        _python("-m", "pytest", "tests/test_conventions.py", "tests/test_docs.py", "--tb=short"),
    ),
    Step("front end", _python("frontend/build.py", "--check")),
    Step("deployment", _python("-m", "django", "check", "--deploy", "--fail-level", "WARNING"), _TLS),
    Step("migrations", _python("-m", "django", "makemigrations", "--check", "--dry-run")),
    Step("layers", [str(_BIN / "lint-imports"), "--no-logo"]),
    Step("lint", [str(_BIN / "ruff"), "check", "--quiet"]),
    Step("format", [str(_BIN / "ruff"), "format", "--check", "--quiet"]),
]


def run(step: Step, home: Path) -> Outcome:
    """Run one check in a home that is no installation's."""
    started = time.monotonic()
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ZHIKE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
    done = subprocess.run(
        step.command,
        cwd=_ROOT,
        env=environment | step.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(step, done.returncode, done.stdout, time.monotonic() - started)


def _report(outcome: Outcome) -> None:
    verdict = "ok" if outcome.status == 0 else "FAILED"
    print(f"{outcome.step.name:<14}{verdict:<8}{outcome.seconds:5.1f} s", flush=True)
    if outcome.status:
        print(outcome.said.rstrip(), flush=True)


def main(names: list[str]) -> int:
    """Run the named checks, or all of them. Returns 1 when one failed, 2 for a name that is none."""
    known = {step.name: step for step in STEPS}
    if unknown := [name for name in names if name not in known]:
        print(f"No such check: {', '.join(unknown)}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    steps = [known[name] for name in names] or STEPS
    with tempfile.TemporaryDirectory(prefix="zhike-check-") as folder, ThreadPoolExecutor(2) as pool:
        outcomes = []
        for outcome in pool.map(lambda step: run(step, Path(folder)), steps):
            _report(outcome)
            outcomes.append(outcome)
    failed = [outcome.step.name for outcome in outcomes if outcome.status]
    print(f"check: {len(outcomes) - len(failed)} passed, {len(failed)} failed {' '.join(failed)}".rstrip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
