"""A disk that is really full in the middle of an import: told clearly, nothing half-written, continued with room."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation, grow_disk, small_disk

ROWS = 4000
_ROOM = 2 << 20
_TELL = """
import json
from django.db import connection
from zhike.customers.models import Party
from zhike.feeds.models import Import
from zhike.kernel.models import Fact, SearchEntry
batch = Import.objects.get()
with connection.cursor() as cursor:
    sound = cursor.execute("PRAGMA integrity_check").fetchone()[0]
print(json.dumps({
    "state": batch.state, "error": batch.error, "job": str(batch.job_id), "rows": batch.rows,
    "created": batch.created, "customers": Party.objects.count(), "sound": sound,
    "entries": SearchEntry.objects.filter(resource="customers").count(),
    "facts": Fact.objects.filter(kind="customers.created").count(),
}))
"""
_GO_ON = """
import sys
from datetime import UTC, datetime
from zhike.kernel.actions import run
from zhike.kernel.actor import Context, system
from zhike.kernel.worker import work_off
run("jobs.retry", Context(system(), datetime.now(UTC)), {"job": sys.argv[1]})
work_off()
"""


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def disk(installation: Installation, tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with little more room than an empty home takes."""
    with small_disk(tmp_path / "disk", _size(installation.home) + _ROOM) as place:
        yield place


def _told(installation: Installation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(installation.python(_TELL).strip().splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_full_disk_stops_an_import_cleanly(installation: Installation, disk: Path, tmp_path: Path) -> None:
    home = disk / "home"
    shutil.copytree(installation.home, home)
    small = replace(
        installation, home=home, environment={**installation.environment, "ZHIKE_HOME": str(home)}
    )
    file = tmp_path / "many.csv"
    lines = (f"客户{chr(0x4E00 + n % 5000)}{chr(0x4E00 + n // 5000)},138{n:08d},K{n}" for n in range(ROWS))
    file.write_text("姓名,手机,外部编号\n" + "\n".join(lines), encoding="utf-8")
    failed = small.zhike("import", "customers", str(file), "--json", check=False)
    assert failed.returncode != 0
    assert "磁盘已满" in failed.stderr, failed.stderr
    assert "Traceback" not in failed.stderr
    grow_disk(disk, 256 << 20)
    found = _told(small)
    assert 0 <= found["rows"] < ROWS
    assert found["sound"] == "ok"
    assert found["created"] == found["customers"] == found["entries"] == found["facts"] == found["rows"]
    small.python(_GO_ON, found["job"])
    done = _told(small)
    assert (done["state"], done["rows"], done["sound"]) == ("done", ROWS, "ok")
    assert done["created"] == done["customers"] == done["entries"] == done["facts"] == ROWS
