"""A throw-away PostgreSQL cluster: made in a temporary folder, gone when the work is done.

`python -m tests.postgres -- pytest tests/kernel` runs one command with DATABASE_URL set to it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

_PREFIX = "zhike-pg-"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
_ALWAYS = ("max_connections=100", "shared_buffers=128MB", "logging_collector=off", "log_min_messages=warning")


class NoPostgres(RuntimeError):
    """PostgreSQL's programs are not on this machine."""


def programs() -> Path:
    """The folder with initdb and pg_ctl: on the PATH, or the newest that Debian installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0])
    )
    if not installed:
        raise NoPostgres("PostgreSQL is not installed: apt-get install postgresql")
    return installed[-1].parent


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _as_owner(command: list[str]) -> None:
    """Run as the user the cluster belongs to: PostgreSQL refuses root. Raises with the output on failure."""
    if os.getuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def _make(folder: Path, password: str) -> None:
    """initdb with one superuser `zhike` who signs in with a password, and only over this machine."""
    secret = folder / "password"
    secret.write_text(password)
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        os.chown(secret, owner.pw_uid, owner.pw_gid)
    options = ["--username=zhike", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    _as_owner([str(programs() / "initdb"), "-D", str(folder / "data"), f"--pwfile={secret}", *options])
    secret.unlink()


def _start(folder: Path, port: int, *, durable: bool) -> None:
    settings = (*_ALWAYS, *(_DURABLE if durable else _FAST))
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} " + " ".join(f"-c {s}" for s in settings)
    command = [str(programs() / "pg_ctl"), "start", "-w", "-t", "60", "-D", str(folder / "data")]
    try:
        # pg_ctl's log goes to a file: a pipe would stay open as long as the server lives.
        _as_owner([*command, "-l", str(folder / "log"), "-o", options])
    except RuntimeError as problem:
        log = (folder / "log").read_text() if (folder / "log").exists() else ""
        raise RuntimeError(f"{problem}\n{log}") from None


def _stop(folder: Path) -> None:
    _as_owner([str(programs() / "pg_ctl"), "stop", "-m", "immediate", "-w", "-D", str(folder / "data")])


def _sweep() -> None:
    """Stop and delete clusters whose process was killed before it could do so itself."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            owner = int((folder / "owner").read_text())
            if not _lives(owner):
                with contextlib.suppress(RuntimeError):
                    _stop(folder)
                shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextlib.contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Start a cluster of its own and yield its DATABASE_URL; stop and delete it afterwards, whatever happens.

    `durable` keeps fsync on, for tests that ask what survives. Raises NoPostgres when it is not installed.
    """
    programs()
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / "owner").write_text(str(os.getpid()))
    password, port = secrets.token_hex(16), free_port()
    try:
        _make(folder, password)
        _start(folder, port, durable=durable)
        try:
            yield f"postgresql://zhike:{password}@127.0.0.1:{port}/postgres"
        finally:
            _stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(argv: list[str]) -> int:
    """Run the command after `--` with DATABASE_URL set. Returns its exit status."""
    durable = "--durable" in argv[: argv.index("--")] if "--" in argv else False
    command = argv[argv.index("--") + 1 :] if "--" in argv else []
    if not command:
        print("usage: python -m tests.postgres [--durable] -- COMMAND …", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _end)
    try:
        with cluster(durable=durable) as url:
            environment = {**os.environ, "DATABASE_URL": url}
            return subprocess.run(command, env=environment, check=False).returncode
    except NoPostgres as problem:
        print(problem, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
