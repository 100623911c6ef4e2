"""The running system: seconds from the start to the first page, and the memory of web and worker at rest.

Goals: ready in 4 s, 350 MB for both. The floor of the start is Python importing Django alone.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.child import served
from bench.table import Row, median_seconds

_SETTLED_SECONDS = 5
_STARTS = 3


def run(size: str) -> Iterator[Row]:
    """Starts of a migrated, empty installation on SQLite; the size is that of the house, one."""
    subprocess.run([sys.executable, "-m", "zhike.cli", "migrate"], check=True, stdout=subprocess.DEVNULL)
    bare = [sys.executable, "-c", "import django; import django.core.handlers.wsgi"]
    floor = median_seconds(lambda: subprocess.run(bare, check=True), repeat=_STARTS)
    taken: list[float] = []
    memory: list[float] = []
    for _ in range(_STARTS):
        began = time.perf_counter()
        with served() as (_port, server):
            taken.append(time.perf_counter() - began)
            # The worker starts beside the web and does its first round.
            time.sleep(_SETTLED_SECONDS)
            memory.append(_memory(_family(server)))
    yield Row(
        "ready after start; memory of web and worker", 1, sorted(taken)[_STARTS // 2], floor=floor, memory=max(memory)
    )  # fmt: skip


def _family(parent: int) -> list[int]:
    """The process and those it started."""
    found = [parent]
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


def _memory(processes: list[int]) -> float:
    """MiB that the processes hold: what is each one's own, and once what they map of the same files."""
    own, mapped = 0, 0
    for process in processes:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        told = dict(line.split(":", 1) for line in lines if ":" in line)
        own += int(told["RssAnon"].split()[0])
        mapped = max(mapped, int(told["RssFile"].split()[0]))
    return (own + mapped) / 1024
