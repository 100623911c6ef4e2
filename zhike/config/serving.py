"""Commands that run an installation: prepare it, serve it, work in the background."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from django.conf import settings
from django.core.management import call_command

from zhike.kernel.commands import command

RESTART_PAUSE = 1.0


def prepare() -> str | None:
    """Bring the database and the static files up to date; the first administrator's password if one was made.

    Raises Refusal when the policy file names what does not exist.
    """
    from zhike.kernel.first import ensure_administrator
    from zhike.kernel.policy_check import require_sound_policy
    from zhike.kernel.staff_search import index_missing

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    require_sound_policy()
    _collect_static()
    index_missing()
    return ensure_administrator(datetime.now(UTC))


def _collect_static() -> None:
    """Collect and compress the static files when the build is newer than the last collection."""
    stamp = settings.STATIC_ROOT / ".collected"
    sources = [path for path in (settings.PACKAGE / "web" / "static").rglob("*") if path.is_file()]
    newest = str(max((path.stat().st_mtime_ns for path in sources), default=0)) + f" {len(sources)}"
    if stamp.exists() and stamp.read_text() == newest:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(newest)


class Helper:
    """The background worker as a child process that is started again when it dies."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def __enter__(self) -> Helper:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(timeout=15)

    def _keep(self) -> None:
        while not self._stop.is_set():
            command = [sys.executable, "-m", "zhike.cli", "worker", "--parent", str(os.getpid())]
            self._process = subprocess.Popen(command)  # noqa: S603 (our own program, no outside input)
            self._process.wait()
            self._stop.wait(RESTART_PAUSE)


def _welcome(address: str, password: str | None) -> None:
    print(f"Zhike 知客  {address}", flush=True)
    if password:
        print(f"  用户名 user: admin\n  一次性密码 one-time password: {password}", flush=True)


def _serve_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=settings.PORT)
    parser.add_argument("--workers", type=int, default=1, help="web processes")
    parser.add_argument("--no-worker", action="store_true", help="run the background worker elsewhere")


@command("serve", "Serve the web, the API and MCP, with a background worker", _serve_arguments)
def serve(options: Namespace) -> int:
    """Prepare the installation and serve until stopped."""
    import uvicorn
    from django.db import connections

    password = prepare()
    _welcome(
        settings.BASE_URL if options.port == settings.PORT else f"http://localhost:{options.port}", password
    )
    # Forked or spawned web processes must not share this one's connections.
    connections.close_all()
    config = {
        "app": "zhike.config.asgi:application",
        "host": options.host,
        "port": options.port,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": 10,
    }
    if options.no_worker:
        uvicorn.run(**config, workers=options.workers)
        return 0
    with Helper():
        uvicorn.run(**config, workers=options.workers)
    return 0


def _worker_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--parent", type=int, default=None, help="stop when this process has gone")


@command("worker", "Do background work: jobs, delivery of news, sealing", _worker_arguments)
def worker(options: Namespace) -> int:
    """Work until told to stop (SIGTERM, SIGINT) or until the parent has gone."""
    from zhike.kernel.policy_check import require_sound_policy
    from zhike.kernel.worker import run_forever

    require_sound_policy()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    if options.parent:
        threading.Thread(target=_watch, args=(options.parent, stop), daemon=True).start()
    run_forever(stop)
    return 0


def _watch(parent: int, stop: threading.Event) -> None:
    while not stop.wait(2):
        if os.getppid() != parent:
            stop.set()


@command("migrate", "Bring the database up to date")
def migrate(_options: Namespace) -> int:
    """Apply migrations, collect static files, make the first administrator."""
    password = prepare()
    if password:
        print(f"admin: {password}")
    return 0
