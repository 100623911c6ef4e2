"""What benchmarks run in processes of their own: one database at one size, and a served installation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.table import Row
from tests.postgres import free_port

_ROOT = Path(__file__).resolve().parent.parent
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def rows_of(module: str, count: int, database: str, url: str | None) -> list[Row]:
    """The rows that `python -m bench.<module> COUNT DATABASE` tells with `tell`, from a home of its own."""
    with tempfile.TemporaryDirectory(prefix=f"zhike-bench-{module}-") as home:
        environment = {**os.environ, "ZHIKE_HOME": home, "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
        environment.pop("DATABASE_URL", None)
        if url:
            environment["DATABASE_URL"] = url
        command = [sys.executable, "-m", f"bench.{module}", str(count), database]
        done = subprocess.run(
            command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def tell(rows: Iterable[Row]) -> None:
    """Hand rows to the process that started this one."""
    print(json.dumps([asdict(row) for row in rows]))


@contextmanager
def served(*options: str) -> Iterator[tuple[int, int]]:
    """`zhike serve` of this home until the block ends; its port and process id, once it has answered."""
    port = free_port()
    environment = {**os.environ, "ZHIKE_PORT": str(port), "ZHIKE_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "zhike.cli", "serve", "--port", str(port), *options]
    server = subprocess.Popen(
        command, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _await(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


def _await(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            _DIRECT.open(f"http://127.0.0.1:{port}/accounts/login/", timeout=30).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not come up")
