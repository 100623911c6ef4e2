"""Removing what nobody needs any more: how long things are kept, and the job that tidies up each night.

    @tidier("exports")
    def tidy_exports(now: datetime, kept: timedelta) -> int:
        '''Remove files of exports that are older than `kept`; returns how many.'''

A room registers one tidier for each line of `config/retention.yaml` that is its own; several may share a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.utils.translation import gettext_lazy as _

from zhike.kernel.jobs import Run, job, standing
from zhike.kernel.schedules import due, next_night

TIDY = "retention.tidy"
_NIGHT = time(3, 30)

Tidier = Callable[[datetime, timedelta], int]
_tidiers: dict[str, tuple[str, Tidier]] = {}


def tidier(line: str) -> Callable[[Tidier], Tidier]:
    """Register what removes the things of one line of retention.yaml. It must be safe to repeat and to be killed."""

    def wrap(work: Tidier) -> Tidier:
        _tidiers[f"{work.__module__}.{work.__qualname__}"] = (line, work)
        return work

    return wrap


@lru_cache(maxsize=1)
def kept_days() -> Mapping[str, int]:
    """The days of each line of the policy file. Raises ValueError for one that is no whole number of days."""
    path = Path(__file__).resolve().parent.parent / "config" / "retention.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    wrong = [name for name, days in raw.items() if not isinstance(days, int) or days < 0]
    if wrong:
        raise ValueError(f"retention.yaml: days are whole numbers from 0 on: {', '.join(wrong)}")
    return {str(name): days for name, days in raw.items()}


def tidy(now: datetime) -> dict[str, int]:
    """Remove everything whose time is over at this moment; how many things of each line."""
    removed = dict.fromkeys(kept_days(), 0)
    for _name, (line, work) in sorted(_tidiers.items()):
        if days := kept_days()[line]:
            removed[line] += work(now, timedelta(days=days))
    return removed


def old_files(folder: Path, before: datetime) -> Iterator[Path]:
    """The files below a folder that nobody has written to since a moment, in no order."""
    for path in folder.rglob("*") if folder.is_dir() else ():
        try:
            if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                yield path
        except FileNotFoundError:
            continue


@job(TIDY, title=_("Remove files that nobody needs any more"))
def tidy_up(run: Run) -> Mapping[str, Any]:
    """Tidy up, and see to it that this happens again the next night."""
    try:
        return tidy(run.context.now)
    finally:
        with run.chunk():
            schedule(run.context.now, besides=run.id)


@standing
def schedule(now: datetime, *, besides: UUID | None = None) -> None:
    """See to it that tidying is due the next night. Safe to repeat."""
    due(TIDY, next_night(now, _NIGHT), now, besides=besides)
