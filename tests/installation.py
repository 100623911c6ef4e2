"""An installation for tests that need whole processes: a home, a migrated database, the real server.

The database is SQLite or PostgreSQL as the suite's is; each installation is a copy of one migrated template.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from tests.postgres import free_port

_ROOT = Path(__file__).resolve().parent.parent
_STARTUP_SECONDS = 60.0
# Whatever proxy this machine has, the way to itself is direct.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Server:
    """A running server process: where it answers, and the process, for tests that kill it."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """kill -9, as a power cut would, and wait until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True, slots=True)
class Installation:
    """One home and its database. `environment` makes any process a part of it; `password` is the user admin's."""

    home: Path
    environment: dict[str, str] = field(repr=False)
    password: str = field(default="", repr=False)

    def zhike(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the `zhike` command. Raises AssertionError with its output if `check` and it fails."""
        return self._run([sys.executable, "-m", "zhike.cli", *arguments], check=check)

    def python(self, code: str, *arguments: str) -> str:
        """Run Python code with Django set up, in a process of its own; returns what it printed."""
        source = f"import django\ndjango.setup()\n{code}"
        return self._run([sys.executable, "-c", source, *arguments], check=True).stdout

    def settle(self) -> str:
        """As if the administrator had chosen a password already: the printed one, which is returned, stays."""
        self.python("from zhike.kernel.models import User\nUser.objects.update(must_change_password=False)")
        return self.password

    def _run(self, command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            cwd=_ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    @contextlib.contextmanager
    def serve(self, *options: str) -> Iterator[Server]:
        """`zhike serve` with these options on a free port of 127.0.0.1, until the block ends."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {**self.environment, "ZHIKE_PORT": str(port), "ZHIKE_URL": url}
        log = self.home / f"server-{port}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "zhike.cli", "serve", "--host", "127.0.0.1", *options],
                cwd=_ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        server = Server(url, process, log)
        try:
            _wait_until_it_answers(server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_until_it_answers(server: Server) -> None:
    """Poll until any HTTP answer comes. Raises AssertionError with the log when it dies or stays mute."""
    until = time.monotonic() + _STARTUP_SECONDS
    while time.monotonic() < until and server.process.poll() is None:
        try:
            _DIRECT.open(server.url + "/accounts/login/", timeout=5).close()
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError:
            time.sleep(0.05)
            continue
        return
    raise AssertionError(f"The server did not come up:\n{server.log.read_text()}")


def _environment(home: Path, url: str | None) -> dict[str, str]:
    """The environment of an installation: this process's, less its own database and home."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DATABASE_URL", "ZHIKE_URL", "ZHIKE_PORT"}
    }
    kept |= {
        "ZHIKE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "zhike.config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    return kept | ({"DATABASE_URL": url} if url else {})


def _create(name: str, template: str | None = None) -> str:
    """Make a PostgreSQL database beside the suite's own and return its DATABASE_URL."""
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        copied = f' TEMPLATE "{template}"' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{copied}'.encode())
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@lru_cache(maxsize=1)
def _template(folder: Path) -> Installation:
    """The migrated installation that all others are copied from; made once in this process."""
    home = folder / "template"
    home.mkdir()
    url = _create(f"template_{os.getpid()}") if os.environ.get("DATABASE_URL") else None
    environment = _environment(home, url)
    said = Installation(home, environment).zhike("migrate").stdout
    return Installation(home, environment, said.partition("admin: ")[2].strip())


def _mount(*arguments: str) -> bool:
    """Whether this machine lets us mount so."""
    try:
        return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """A disk of `size` bytes at a new folder. Skips, saying so, where nobody may mount one."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("the disk of a PostgreSQL server is its own")
    place.mkdir()
    if os.geteuid() != 0 or not _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)):
        pytest.skip("only root may mount a disk of limited size")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def grow_disk(place: Path, size: int) -> None:
    """Make room on a small disk."""
    assert _mount("-o", f"remount,size={size}", str(place))


def create(folder: Path, home_of_suite: Path) -> Installation:
    """A fresh migrated installation in an empty folder; on PostgreSQL with a database of its own."""
    template = _template(home_of_suite)
    home = folder / "home"
    shutil.copytree(template.home, home)
    url = None
    if template.environment.get("DATABASE_URL"):
        url = _create(f"installation_{uuid4().hex}", urlsplit(template.environment["DATABASE_URL"]).path[1:])
    return Installation(home, _environment(home, url), template.password)
