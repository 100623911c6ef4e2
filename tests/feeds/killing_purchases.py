"""Runs in a process of its own (`Installation.python`): `zhike import purchases`, killed again and again.

Every attempt is a fork of this process, which has all modules loaded and has opened nothing yet. A child tells each
time it is about to commit; it is killed -9 a random while after a random one of those moments. The report of the last
attempt is printed as the last line.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import traceback

MOST_COMMITS = 7


def attempt(file: str, mapping: str, telling: int) -> int:
    """One attempt of the command in this process; a byte goes out before each commit of the job."""
    from zhike.cli.main import main
    from zhike.kernel.jobs import Run

    keep = Run._keep

    def told(self: Run) -> None:
        if telling >= 0:
            os.write(telling, b".")
        keep(self)

    Run._keep = told  # type: ignore[method-assign]
    return main(["import", "purchases", file, "--mapping", mapping, "--source", "shop", "--json"])


def killed_once(file: str, mapping: str, moments: random.Random) -> None:
    """Begin an attempt and kill it. Raises AssertionError when it ended before that."""
    heard, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        try:
            attempt(file, mapping, telling)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(telling)
    for _commit in range(moments.randint(1, MOST_COMMITS)):
        assert os.read(heard, 1), "the attempt ended by itself"
    threading.Event().wait(moments.uniform(0.0, 0.05))
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    os.close(heard)
    assert os.WIFSIGNALED(status), "the attempt ended by itself"


def main(file: str, mapping: str, kills: int, seed: int) -> int:
    """Kill so often, then let it come to its end."""
    from zhike.config.start import start

    start()
    from zhike.feeds.files import purchases
    from zhike.feeds.knowledge import import_run

    # Small pieces, so that kills find every step of many chunks.
    purchases._BLOCK, import_run.CHUNK = 4_000, 200
    moments = random.Random(seed)
    print(f"seed {seed}", file=sys.stderr, flush=True)
    for _kill in range(kills):
        killed_once(file, mapping, moments)
    import_run.CHUNK = 5_000
    return attempt(file, mapping, -1)
