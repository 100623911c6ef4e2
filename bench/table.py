"""One table for all benchmarks: what we need, the floor under it, a peer beside it, and how it grows."""

from __future__ import annotations

import math
import resource
import statistics
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

COLUMNS = ("task", "size", "ours", "floor", "peer", "×floor", "×peer", "exponent", "memory", "sql")


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. Times in seconds, memory in MiB, `sql` in statements; None where it was not measured.

    `floor` is the least the work could take (bare SQL, raw COPY), `peer` another program on the same work;
    `peer_name` says whose.
    """

    task: str
    size: int
    ours: float
    floor: float | None = None
    peer: float | None = None
    peer_name: str = ""
    memory: float | None = None
    sql: int | None = None


def median_seconds(work: Callable[[], object], *, repeat: int = 9, warm: int = 1) -> float:
    """Median wall time of one call, after `warm` calls that are not counted."""
    for _ in range(warm):
        work()
    taken = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def peak_mib() -> float:
    """The most memory this process has held so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def exponents(rows: Iterable[Row]) -> dict[tuple[str, int], float]:
    """Growth: the slope of log time over log size from the next smaller size of the same task."""
    slopes: dict[tuple[str, int], float] = {}
    before: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row.task, row.size)):
        smaller = before.get(row.task)
        if smaller and 0 < smaller.size < row.size and smaller.ours > 0 and row.ours > 0:
            slopes[row.task, row.size] = math.log(row.ours / smaller.ours) / math.log(row.size / smaller.size)
        before[row.task] = row
    return slopes


def seconds(value: float | None) -> str:
    """A time with three significant digits and its unit."""
    if value is None:
        return ""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if value * factor >= 1:
            return (
                f"{value * factor:.3g} {unit}" if value * factor < 1000 else f"{value * factor:,.0f} {unit}"
            )
    return f"{value * 1e6:.3g} µs"


def _ratio(ours: float, other: float | None) -> str:
    return f"{ours / other:.2f}" if other else ""


def _cells(row: Row, slopes: dict[tuple[str, int], float]) -> tuple[str, ...]:
    slope = slopes.get((row.task, row.size))
    peer = f"{seconds(row.peer)} {row.peer_name}".strip() if row.peer is not None else row.peer_name
    return (
        row.task,
        f"{row.size:,}",
        seconds(row.ours),
        seconds(row.floor),
        peer,
        _ratio(row.ours, row.floor),
        _ratio(row.ours, row.peer),
        "" if slope is None else f"{slope:.2f}",
        "" if row.memory is None else f"{row.memory:,.0f} MB",
        "" if row.sql is None else str(row.sql),
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(rows: Iterable[Row]) -> str:
    """All rows as an aligned Markdown table. Below 1, a ratio means that we are faster."""
    kept = list(rows)
    lines = [COLUMNS, *(_cells(row, exponents(kept)) for row in kept)]
    widths = [max(3, *(_width(line[at]) for line in lines)) for at in range(len(COLUMNS))]

    def aligned(line: tuple[str, ...]) -> str:
        cells = []
        for at, (cell, width) in enumerate(zip(line, widths, strict=True)):
            space = " " * (width - _width(cell))
            cells.append(cell + space if at == 0 else space + cell)
        return f"| {' | '.join(cells)} |"

    rule = (
        "|"
        + "|".join(
            (":" + "-" * (width + 1)) if at == 0 else ("-" * (width + 1) + ":")
            for at, width in enumerate(widths)
        )
        + "|"
    )
    return "\n".join([aligned(lines[0]), rule, *map(aligned, lines[1:])])
