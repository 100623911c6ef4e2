"""Runs in a process of its own (`Installation.python`): imports a file with a worker that is killed again and again.

Prints what is there in the end as JSON. The arguments: number of rows, number of kills, a seed, and "forgetful" for the
planted fault, a checkpoint that is not kept.
"""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import sys
import threading
import traceback
from datetime import UTC, datetime


def content(rows: int) -> bytes:
    """A file whose every seventh row is refused."""
    lines = ["姓名,手机,外部编号"]
    for number in range(rows):
        phone = "abc" if number % 7 == 3 else f"138{number:08d}"
        lines.append(f"客户{chr(0x4E00 + number % 5000)}{chr(0x4E00 + number // 5000)},{phone},K{number}")
    return "\n".join(lines).encode()


def killed_once(pause: float) -> None:
    """Let a worker process work for so long after its first chunk is about to commit, then kill -9."""
    from django.db import connections

    from zhike.kernel.jobs import Run
    from zhike.kernel.worker import work_once

    connections.close_all()
    # A pool must not be shared with a child: both would talk on one line.
    if close_pool := getattr(connections["default"], "close_pool", None):
        close_pool()
    began, telling = os.pipe()
    child = os.fork()
    if child == 0:
        keep = Run._keep

        def told(self: Run) -> None:
            os.write(telling, b".")
            keep(self)

        Run._keep = told  # type: ignore[method-assign]
        try:
            work_once()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(telling)
    os.read(began, 2)
    threading.Event().wait(pause)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(began)


def forget_checkpoints() -> None:
    """The planted fault: rows are committed, the place in the file is not."""
    from zhike.kernel.jobs import Run

    keep = Run._keep

    def forgetful(self: Run) -> None:
        kept, self.checkpoint = self.checkpoint, {}
        keep(self)
        self.checkpoint = kept

    Run._keep = forgetful  # type: ignore[method-assign]


def main(rows: int, kills: int, seed: int, fault: str) -> None:
    """Import, kill, go on, and tell what is there."""
    from zhike.customers.models import Party
    from zhike.feeds.imports import work
    from zhike.feeds.models import Import, ImportRow
    from zhike.kernel.actions import run
    from zhike.kernel.actor import Context, system
    from zhike.kernel.models import Fact, SearchEntry
    from zhike.kernel.worker import work_off

    if fault == "forgetful":
        forget_checkpoints()
    work.ROWS = 5
    context = Context(system(), datetime.now(UTC))
    given = {"name": "killed.csv", "content": base64.b64encode(content(rows)).decode()}
    made = run("feeds.upload", context, given).result
    run("feeds.start", context, {"batch": made["id"]})
    moments = random.Random(seed)
    places = set()
    for _kill in range(kills):
        killed_once(moments.uniform(0.0, 0.1))
        places.add(Import.objects.values_list("rows", flat=True).get())
    work_off()
    found = run("feeds.import_read", context, {"batch": made["id"]}).result["batch"]
    result = {name: found[name] for name in ("state", "rows", "created", "updated", "matched", "refused")} | {
        "customers": Party.objects.count(),
        "telephones": Party.objects.values("primary_phone").distinct().count(),
        "entries": SearchEntry.objects.filter(resource="customers").count(),
        "facts": Fact.objects.filter(kind="customers.created").count(),
        "midway": len([rows_there for rows_there in places if 0 < rows_there < rows]),
        "special": ImportRow.objects.count(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
