"""`make bench`: run every benchmark, each in a process of its own, and print one table.

A benchmark is a module of this package with `run(size: str) -> Iterable[Row]`; size is "small" (minutes in all)
or "large" (the sizes of the goals). `python -m bench lists imports` runs those named.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import pkgutil
import shutil
import sys
import tempfile
import traceback
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import bench
from bench.table import Row, table

_TOOLS = {"__main__", "child", "table"}


def names() -> list[str]:
    """All benchmarks, by module name."""
    found = (module.name for module in pkgutil.iter_modules(bench.__path__))
    return sorted(name for name in found if name not in _TOOLS and not name.startswith("_"))


def _enter(home: str) -> None:
    """Give the process an empty home before any of Django is imported."""
    os.environ["ZHIKE_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")


def _measure(name: str, size: str) -> list[Row]:
    return list(importlib.import_module(f"bench.{name}").run(size))


def measured(name: str, size: str) -> list[Row]:
    """Rows of one benchmark, from a fresh process with a fresh home: memory and caches are its own."""
    home = Path(tempfile.mkdtemp(prefix="zhike-bench-"))
    context = multiprocessing.get_context("spawn")
    # Run as `python -m bench` this module is called __main__, a name the new process cannot import it by.
    here = importlib.import_module("bench.__main__")
    try:
        with ProcessPoolExecutor(
            1, mp_context=context, initializer=here._enter, initargs=(str(home),)
        ) as pool:
            rows: list[Row] = pool.submit(here._measure, name, size).result()
            return rows
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main(argv: list[str]) -> int:
    """Print the table of what ran. Returns 1 when a benchmark failed or none is there, and says which."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=["small", "large"], default="small")
    parser.add_argument("names", nargs="*", choices=[*names(), []], help="benchmarks to run (default: all)")
    options = parser.parse_args(argv)
    rows: list[Row] = []
    failed = []
    for name in options.names or names():
        print(f"… {name}", file=sys.stderr, flush=True)
        try:
            rows += measured(name, options.size)
        except Exception:
            traceback.print_exc()
            failed.append(name)
    print(table(rows))
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
