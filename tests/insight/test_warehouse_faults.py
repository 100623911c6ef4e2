"""A writer that is killed, a disk that is full: the table stays readable and holds what was acknowledged."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.insight.lines import many
from zhike.insight.warehouse import PURCHASE, Warehouse, WarehouseFull, append, create, position, query, state

ROOT = Path(__file__).resolve().parent.parent.parent

WRITER = """
import sys
from pathlib import Path
import pyarrow as pa
from tests.insight.lines import many
from zhike.insight.warehouse import PURCHASE, Warehouse, append, position

warehouse, last = Warehouse(Path(sys.argv[1])), int(sys.argv[2])
rows = many(400).to_batches(max_chunksize=100)

def slowly(version):
    for at, batch in enumerate(rows):
        print("in", version, at, flush=True)
        yield batch

for version in range((position(warehouse, PURCHASE, "feed") or 0) + 1, last + 1):
    reader = pa.RecordBatchReader.from_batches(PURCHASE.arrow, slowly(version))
    append(warehouse, PURCHASE, reader, application="feed", version=version)
    print("done", version, flush=True)
"""


def start(warehouse: Warehouse, last: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(warehouse.root), str(last)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def count(warehouse: Warehouse) -> int:
    return int(query(warehouse, "SELECT count(*) AS n FROM purchase", tables=(PURCHASE,))["n"][0].as_py())


def run_until_killed(warehouse: Warehouse, last: int, lines: int) -> int:
    """Runs the writer, kills it after it said so many lines; returns the last batch it acknowledged."""
    acknowledged = 0
    with start(warehouse, last) as writer:
        assert writer.stdout is not None
        for said, text in enumerate(writer.stdout, 1):
            word, number, *_ = text.split()
            acknowledged = int(number) if word == "done" else acknowledged
            if said == lines:
                writer.send_signal(signal.SIGKILL)
    return acknowledged


@pytest.mark.slow
def test_a_feed_killed_at_random_moments_loses_and_doubles_nothing(warehouse: Warehouse) -> None:
    chance = random.Random(7)
    acknowledged = 0
    for _ in range(8):
        acknowledged = max(acknowledged, run_until_killed(warehouse, 24, chance.randint(1, 18)))
        loaded = position(warehouse, PURCHASE, "feed") or 0
        assert loaded >= acknowledged
        assert count(warehouse) == 400 * loaded
    run_until_killed(warehouse, 24, 10_000)
    assert count(warehouse) == 400 * 24


def mount(folder: Path) -> bool:
    """Puts a disk of three megabytes at the folder, where this process may."""
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], check=True)


def small_disks() -> list[str]:
    """One small disk where this process may mount, else none: then the limit on a file's size stands for it."""
    with TemporaryDirectory() as folder:
        mounted = mount(Path(folder))
        if mounted:
            unmount(Path(folder))
    return ["tmpfs"] if mounted else []


@pytest.mark.parametrize("disk", small_disks())
def test_a_full_disk_is_told_and_leaves_the_table_as_it_was(
    disk: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / disk
    folder.mkdir()
    assert mount(folder)
    request.addfinalizer(lambda: unmount(folder))
    warehouse = Warehouse(folder, threads=1)
    create(warehouse)
    append(warehouse, PURCHASE, many(100), application="feed", version=1)
    fill(folder / "filler")
    with pytest.raises(WarehouseFull, match="purchase: the disk is full"):
        append(warehouse, PURCHASE, many(5000, start=100), application="feed", version=2)
    assert count(warehouse) == 100
    assert position(warehouse, PURCHASE, "feed") == 1
    (folder / "filler").unlink()
    assert append(warehouse, PURCHASE, many(5000, start=100), application="feed", version=2).applied
    assert count(warehouse) == 5100


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 4096)
            except OSError:
                return


LIMITED = """
import resource, signal, sys
from pathlib import Path
from tests.insight.lines import many
from zhike.insight.warehouse import PURCHASE, Warehouse, WarehouseFull, append

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    append(Warehouse(Path(sys.argv[1])), PURCHASE, many(5000), application="feed", version=1)
except WarehouseFull as error:
    print("refused", error)
"""


def test_a_file_that_may_not_grow_is_told_as_a_full_disk(warehouse: Warehouse) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(warehouse.root)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ,
        check=False,
    )
    assert done.stdout.startswith("refused purchase"), done.stderr
    assert (count(warehouse), position(warehouse, PURCHASE, "feed")) == (0, None)
    assert all(each.rows == 0 for each in state(warehouse))
