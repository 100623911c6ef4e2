"""The finder of duplicates among made-up customers, beside a floor of exact rules in plain SQL.

The floor joins on equal phone, e-mail, certificate, and name with birth date in DuckDB, and explains nothing.
Set ZHIKE_BENCH_RECORDLINKAGE to a Python that has `recordlinkage` to have it beside ours up to 10^5. Every
measurement runs in a process of its own that reads Parquet, so that its time and memory are its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench.table import Row

SIZES = {"small": (10_000, 100_000), "large": (10_000, 100_000, 1_000_000)}
_LARGEST_FOR_PEER = 100_000
_THREADS = 2

_OURS = """
import pyarrow.parquet as pq
from zhike.insight.duplicates import Options, find_pairs
findings = find_pairs(pq.read_table(source), options=Options(threads=threads))
pq.write_table(findings.table.select(["left", "right"]), target)
print({step: round(took, 1) for step, took in findings.seconds.items()}, findings.compared, file=sys.stderr)
"""
_FLOOR = """
import duckdb
with duckdb.connect(config={"threads": threads}) as connection:
    connection.execute("create table r as select * from read_parquet(?)", [source])
    keys = ["unnest(phones)", "unnest(emails)", "unnest(certificate_hashes)", "name || birth_date"]
    rules = " union ".join(
        f"select a.id as left, b.id as right from (select id, {k} k from r) a join (select id, {k} k from r) b"
        " on a.k = b.k and a.id < b.id where a.k in (select k from (select id, " + k + " k from r)"
        " group by k having count(*) between 2 and 12)" for k in keys
    )
    connection.execute(f"copy ({rules}) to '{target}' (format parquet)")
"""
_PEER = """
import pandas as pd, recordlinkage
frame = pd.read_parquet(source).set_index("id")
for column in ("phones", "emails"):
    frame[column] = frame[column].str[0]
index = recordlinkage.Index()
for column in ("phones", "emails", "name"):
    index.block(column)
links = index.index(frame)
compare = recordlinkage.Compare()
compare.string("name", "name", method="jarowinkler")
for column in ("phones", "emails", "birth_date"):
    compare.exact(column, column)
compare.string("address", "address", method="jarowinkler")
scores = compare.compute(links, frame)
kept = scores[scores.sum(axis=1) >= 2.5].index
pd.DataFrame({"left": kept.get_level_values(0), "right": kept.get_level_values(1)}).to_parquet(target)
"""
_FRAME = """
import json, resource, sys, time
source, target, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
started = time.perf_counter()
{work}
seconds = time.perf_counter() - started
print()
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def run(size: str) -> Iterator[Row]:
    """One row per number of records; precision and recall stand in the name of the task."""
    with tempfile.TemporaryDirectory() as folder:
        for records in SIZES[size]:
            yield _measured(Path(folder), records)


def _measured(folder: Path, records: int) -> Row:
    source, truth = folder / f"{records}.parquet", folder / f"{records}.json"
    subprocess.run(
        [sys.executable, "-m", "bench._duplicates_data", str(records), str(source), str(truth)], check=True
    )
    true_pairs = {tuple(pair) for pair in json.loads(truth.read_text())}
    floor, _, floor_quality = _ran(_FLOOR, sys.executable, source, true_pairs)
    ours, memory, quality = _ran(_OURS, sys.executable, source, true_pairs)
    peer_python = os.environ.get("ZHIKE_BENCH_RECORDLINKAGE")
    peer, peer_name = None, ""
    if peer_python and records <= _LARGEST_FOR_PEER:
        peer, _, peer_quality = _ran(_PEER, peer_python, source, true_pairs)
        peer_name = f"recordlinkage ({peer_quality})"
    task = f"duplicates found ({quality}; exact rules {floor_quality})"
    return Row(task, records, ours, floor, peer, peer_name, memory)


def _ran(work: str, python: str, source: Path, true_pairs: set[tuple[str, ...]]) -> tuple[float, float, str]:
    """Seconds, MiB and quality of one finder."""
    target = source.with_suffix(".found")
    command = [python, "-c", _FRAME.format(work=work), str(source), str(target), str(_THREADS)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    seconds, memory = json.loads(printed.splitlines()[-1])
    return seconds, memory, _quality(pq.read_table(target), true_pairs)


def _quality(found_table: Any, true_pairs: set[tuple[str, ...]]) -> str:
    left, right = (found_table.column(name).to_pylist() for name in ("left", "right"))
    found = {(min(pair), max(pair)) for pair in zip(left, right, strict=True)}
    hits = len(found & true_pairs)
    return f"P {hits / max(len(found), 1):.3f} R {hits / max(len(true_pairs), 1):.3f}"
