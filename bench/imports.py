"""Import of customers × 20 columns (5 % wrong, 5 % known already) against raw COPY of the rows it stores.

`python -m bench imports [small|large]`; on PostgreSQL the floor puts the very same rows, taken out of the finished
database, back into the same emptied and indexed tables. Beside the table it prints the processor time per row of the
importing process, of PostgreSQL and of the floor: on a busy machine that says more than the clock.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row
from tests import postgres

SIZES = {"small": (10_000, 100_000), "large": (1_000_000,)}
HEAD = (
    "姓名", "手机", "邮箱", "性别", "生日", "地址", "省", "市", "区", "邮编", "客户状态", "等级", "客户来源", "行业",
    "备注", "标签", "外部编号", "英文名", "微信", "国家",
)  # fmt: skip
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
TABLES = (
    "customers_party", "customers_contactpoint", "customers_address", "customers_role", "customers_externalid",
    "customers_partytag", "customers_note", "kernel_fact", "kernel_searchentry", "feeds_importrow",
)  # fmt: skip


def rows(count: int) -> Iterator[list[str]]:
    """Every twentieth row has no telephone number that is one, every other twentieth repeats an earlier customer."""
    source = random.Random(7)
    for number in range(count):
        who = number - 20 if number % 20 == 11 and number > 20 else number
        source.seed(who)
        name = source.choice(_SURNAMES) + source.choice(_GIVEN) + source.choice(_GIVEN)
        yield [
            name, "abc" if number % 20 == 7 else f"13{who % 10}{who % 100_000_000:08d}", f"u{who}@example.com",
            "男" if who % 2 else "女", f"{1950 + who % 50}-{who % 12 + 1:02d}-{who % 28 + 1:02d}",
            f"上海市浦东新区世纪大道{who % 5000}号", "上海", "上海市", "浦东新区", "200120", "潜在客户",
            ("A级", "B级", "")[who % 3], "网站", "制造业", f"备注{who}", "甲,乙", f"E{who}",
            f"English {who}", f"wx{who}", "中国",
        ]  # fmt: skip


def write_file(path: Path, count: int) -> None:
    """The file that is imported."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEAD)
        writer.writerows(rows(count))


def _server_cpu(url: str) -> float | None:
    """Seconds of processor time that PostgreSQL has spent so far; None where /proc does not tell."""
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute("SHOW data_directory").fetchone()
    try:
        master = (Path(str(found and found[0])) / "postmaster.pid").read_text().split()[0]
    except OSError:
        return None
    ticks = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if master in (place.name, told[1]):
            # Own and waited-for children's user and system time: fields 14 to 17 of proc(5).
            ticks += sum(map(int, told[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else None


def _tell(count: int, done: dict[str, float], floor: float, marks: list[float | None]) -> None:
    """Print what a row costs, and how many rows a second that is on one processor after the other."""
    before, between, after = marks
    if before is None or between is None or after is None:
        return
    ours, server, least = (1e6 * each / count for each in (done["cpu"], between - before, after - between))
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"{count:,} rows, processor time per row: import {ours:.0f} µs (with its start) + PostgreSQL {server:.0f} µs, "
        f"raw COPY {least:.0f} µs; {1e6 / (ours + server):,.0f} rows/s by processor time, "
        f"{count / done['seconds']:,.0f} by the clock, raw COPY {1e6 / least:,.0f} and {count / floor:,.0f}; "
        f"load {load}"
    )


def _floor(url: str, folder: Path) -> float:
    """Seconds of raw COPY of all rows that the import stored, into the same tables, emptied, with their indexes."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for table in TABLES:
            with (
                (folder / table).open("wb") as out,
                connection.cursor().copy(f"COPY {table} TO STDOUT") as copy,
            ):
                for block in copy:
                    out.write(block)
        connection.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        connection.execute("SET session_replication_role = replica")
        began = time.perf_counter()
        for table in TABLES:
            with (
                (folder / table).open("rb") as source,
                connection.cursor().copy(f"COPY {table} FROM STDIN") as copy,
            ):
                while block := source.read(1 << 20):
                    copy.write(block)
        return time.perf_counter() - began


def _import(home: Path, file: Path, url: str | None) -> dict[str, float]:
    """The report of `zhike import customers` in a process of its own, with the most memory it held in MiB."""
    environment = {**os.environ, "ZHIKE_HOME": str(home), "PYTHONPATH": os.getcwd()}
    environment |= {"DATABASE_URL": url} if url else {}
    subprocess.run(
        [sys.executable, "-m", "zhike.cli", "migrate"], env=environment, check=True, capture_output=True
    )
    code = (
        "import resource, sys\nfrom zhike.cli.main import main\n"
        "main(['import', 'customers', sys.argv[1], '--json'])\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(file)], env=environment, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    memory, cpu = map(float, said[-1].split())
    return {**json.loads(said[-2]), "memory": memory, "cpu": cpu}


def run(size: str) -> list[Row]:
    """Imports of each size on SQLite (up to 100,000 rows) and on PostgreSQL with its floor."""
    found: list[Row] = []
    for count in SIZES[size]:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            write_file(folder / "customers.csv", count)
            if count <= 100_000:
                (folder / "small").mkdir()
                done = _import(folder / "small", folder / "customers.csv", None)
                found.append(Row("import customers, SQLite", count, done["seconds"], memory=done["memory"]))
            with postgres.cluster(durable=True) as url:
                (folder / "large").mkdir()
                marks = [_server_cpu(url)]
                done = _import(folder / "large", folder / "customers.csv", url)
                marks.append(_server_cpu(url))
                floor = _floor(url, folder)
                marks.append(_server_cpu(url))
                _tell(count, done, floor, marks)
                found.append(
                    Row(
                        "import customers, PostgreSQL",
                        count,
                        done["seconds"],
                        floor=floor,
                        memory=done["memory"],
                    )
                )
    return found
