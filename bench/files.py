"""Reading tables: rows a second against the csv module of Python (floor) and pandas (peer)."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from bench.table import Row, median_seconds, peak_mib
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.purchase_mapping import PurchaseMapping
from zhike.feeds.files.purchases import open_purchases
from zhike.feeds.files.tabular import open_table

_SIZES = {"small": (10_000, 100_000), "large": (10_000, 100_000, 1_000_000)}
_PANDAS = find_spec("pandas") is not None
_MAPPING = PurchaseMapping.from_json(
    {
        "fields": {
            "document": {"column": "c0"},
            "customer": {"column": "c1"},
            "quantity": {"column": "c2"},
            "unit_price": {"column": "c3"},
            "occurred_at": {"column": "c4"},
            "currency": {"value": "CNY"},
        }
    }
)


def _write(path: Path, rows: int, *, quoted: bool, encoding: str = "utf-8") -> None:
    """Rows of 20 columns, much like customers; quoted ones carry commas and line ends."""
    rest = ",".join(f'"值, {at}"' if quoted and at % 3 == 0 else f"value {at}" for at in range(15))
    with path.open("w", encoding=encoding, newline="") as handle:
        handle.write(",".join(f"c{at}" for at in range(20)) + "\n")
        for row in range(rows):
            handle.write(f"D{row // 3},客户{row},{row % 9 - 1},{row % 500}.25,2024-03-05 08:00:00,{rest}\n")


def _ours(path: Path, encoding: str = "utf-8") -> int:
    with open_table(path, options=TableOptions(encoding=encoding)) as table:
        return sum(len(chunk.rows) for chunk in table.chunks())


def _floor(path: Path, encoding: str = "utf-8") -> int:
    with path.open(encoding=encoding, newline="") as handle:
        return sum(1 for _ in csv.reader(handle))


def _peer(path: Path, encoding: str = "utf-8") -> int:
    import pandas  # type: ignore[import-untyped]

    frames = pandas.read_csv(path, dtype=str, encoding=encoding, chunksize=2000, keep_default_na=False)
    return sum(len(frame.values.tolist()) for frame in frames)


def _purchases(path: Path) -> int:
    with open_purchases(path, _MAPPING, options=TableOptions()) as table:
        for _ in table.batches():
            pass
        return table.totals.rows


def _row(task: str, size: int, path: Path, ours: Callable[[], int], encoding: str = "utf-8") -> Row:
    repeat = 3 if size < 1_000_000 else 1
    return Row(
        task,
        size,
        median_seconds(ours, repeat=repeat, warm=0),
        floor=median_seconds(lambda: _floor(path, encoding), repeat=repeat, warm=0),
        peer=median_seconds(lambda: _peer(path, encoding), repeat=repeat, warm=0) if _PANDAS else None,
        peer_name="pandas" if _PANDAS else "",
        memory=peak_mib(),
    )


def run(size: str) -> Iterator[Row]:
    """Plain and quoted UTF-8, GB18030, and purchase lines as Arrow, 20 columns each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        for rows in _SIZES[size]:
            _write(path, rows, quoted=False)
            yield _row("read CSV, 20 columns", rows, path, lambda: _ours(path))
            yield _row("purchase lines, 20 columns", rows, path, lambda: _purchases(path))
            _write(path, rows, quoted=True)
            yield _row("read quoted CSV, 20 columns", rows, path, lambda: _ours(path))
            _write(path, rows, quoted=True, encoding="gb18030")
            ours = _row(
                "read quoted GB18030, 20 columns", rows, path, lambda: _ours(path, "gb18030"), "gb18030"
            )
            yield ours
