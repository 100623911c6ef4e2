"""A server that is killed as a power cut would, and writers that never stop asking."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.installation import Installation
from tests.postgres import free_port

_ROOT = Path(__file__).resolve().parents[2]
_STARTUP_SECONDS = 90.0
_REQUEST_SECONDS = 30.0


@dataclass(slots=True)
class Group:
    """A server with all its processes; `kill` ends them at once, `start` runs them anew on the same port."""

    installation: Installation
    workers: int
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.installation.home / "killed-server.log"

    def start(self) -> None:
        """Start and wait until it answers. Raises AssertionError with the log when it does not."""
        environment = {
            **self.installation.environment, "ZHIKE_PORT": str(self.port), "ZHIKE_URL": f"http://127.0.0.1:{self.port}"
        }  # fmt: skip
        command = [sys.executable, "-m", "zhike.cli", "serve", "--no-worker", "--workers", str(self.workers)]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, cwd=_ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + _STARTUP_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if call(self.port, "", "GET", "/api/v1/openapi.json")[0] == 200:
                    return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
        raise AssertionError(f"The server did not come up:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """kill -9 to every process of the server at one moment."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def running(installation: Installation, workers: int) -> Iterator[Group]:
    """A started server; whatever is left of it is killed at the end."""
    group = Group(installation, workers)
    group.start()
    try:
        yield group
    finally:
        group.kill()


def call(
    port: int, secret: str, method: str, path: str, body: Any = None, key: str | None = None
) -> tuple[int, Any, bool]:
    """One request: status, answer, and whether it was a replay. Raises OSError or HTTPException when it was cut."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_REQUEST_SECONDS)
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "Accept-Language": "en",
    }
    if key is not None:
        headers["Idempotency-Key"] = key
    try:
        connection.request(method, path, None if body is None else orjson.dumps(body), headers)
        response = connection.getresponse()
        raw = response.read()
        replayed = response.headers.get("Idempotent-Replayed") == "true"
        return response.status, orjson.loads(raw) if raw else None, replayed
    finally:
        connection.close()


@dataclass(slots=True)
class Writers:
    """Threads that make customers, each one again and again until it is acknowledged."""

    port: int
    secret: str
    keyed: bool = True
    acknowledged: dict[str, Any] = field(default_factory=dict)
    repeated: int = 0
    refused: list[tuple[int, Any]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _news: threading.Condition = field(default_factory=threading.Condition)

    @contextlib.contextmanager
    def at_work(self, many: int) -> Iterator[None]:
        """Let them write until the block ends; then each finishes what it began."""
        threads = [threading.Thread(target=self._write, args=(number,)) for number in range(many)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def await_more(self, many: int) -> None:
        """Wait until so many more customers are acknowledged. Raises AssertionError when they do not come."""
        with self._news:
            wanted = len(self.acknowledged) + many
            came = self._news.wait_for(
                lambda: len(self.acknowledged) >= wanted or self.refused, _STARTUP_SECONDS
            )
        assert came, f"{many} more were not acknowledged"

    def _write(self, number: int) -> None:
        turn = 0
        while not self._stop.is_set():
            turn += 1
            self._until_acknowledged(f"客户{number}第{turn}号", f"w{number}-{turn}")

    def _until_acknowledged(self, name: str, key: str) -> None:
        until = time.monotonic() + _STARTUP_SECONDS
        tries = 0
        while time.monotonic() < until:
            tries += 1
            try:
                status, answer, _replayed = call(
                    self.port,
                    self.secret,
                    "POST",
                    "/api/v1/customers",
                    {"name": name},
                    key if self.keyed else None,
                )
            except (OSError, http.client.HTTPException):
                self._stop.wait(0.02)
                continue
            with self._news:
                self._news.notify_all()
                self.repeated += tries > 1
                if status == 201:
                    self.acknowledged[name] = {"key": key, "answer": answer}
                else:
                    self.refused.append((status, answer))
            return
