"""RFM and pyramid from the warehouse beside pandas and DuckDB's own group-by; loading; purchases of one customer.

Made-up purchases: ten lines to a customer, three to a document, amounts heavy-tailed. The peer holds
the lines in memory already; ours reads the documents that the warehouse keeps summed up, the floor its lines.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd  # type: ignore[import-untyped]

from bench.table import Row, median_seconds, peak_mib
from zhike.insight.models.pyramid import pyramid
from zhike.insight.models.rfm import rfm
from zhike.insight.types import Days
from zhike.insight.warehouse import (
    PURCHASE,
    Warehouse,
    append,
    compact,
    create,
    purchase_documents,
    purchases,
    purchases_of,
)
from zhike.insight.warehouse.read import source
from zhike.insight.warehouse.store import opened

SIZES = {"small": (10**5, 10**6), "large": (10**5, 10**6, 10**7)}
PERIOD = Days(date(2023, 1, 1), date(2026, 1, 1))

_LINES = """
    SELECT 'shop' AS source, 'D' || document AS document, CAST(i % 3 AS INTEGER) AS line_no, customer_key,
           CAST(customer_key AS VARCHAR) AS source_customer, 'P' || CAST(hash(i, 1) % 5000 AS VARCHAR) AS product,
           CAST(1 AS DECIMAL(18,4)) AS quantity, amount AS unit_price, amount, 'CNY' AS currency,
           CAST(occurred_date AS TIMESTAMPTZ) AS occurred_at, occurred_date, amount < 0 AS is_return,
           'job' AS job, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS loaded_at
    FROM (SELECT i, i // 3 AS document,
                 CAST(floor(pow(hash(i // 3, 2) % 1000000 / 1e6, 1.5) * $customers) AS BIGINT) AS customer_key,
                 DATE '2023-01-01' + CAST(hash(i // 3, 3) % 1096 AS INTEGER) AS occurred_date,
                 CAST(exp(2 + 3 * (hash(i, 4) % 1000000) / 1e6) * CASE WHEN hash(i, 5) % 50 = 0 THEN -1 ELSE 1 END
                      AS DECIMAL(18,4)) AS amount
          FROM range($lines) AS made(i))
"""


def run(size: str) -> Iterator[Row]:
    """Rows for each number of lines."""
    for lines in SIZES[size]:
        folder = Path(tempfile.mkdtemp(prefix="zhike-bench-"))
        try:
            yield from _measured(Warehouse(folder, threads=2), lines)
        finally:
            shutil.rmtree(folder)


def _measured(warehouse: Warehouse, lines: int) -> Iterator[Row]:
    create(warehouse)
    yield Row("warehouse: append lines", lines, *_load(warehouse, lines), memory=peak_mib())
    yield Row(
        "warehouse: sort and compact", lines, _once(lambda: compact(warehouse, PURCHASE)), memory=peak_mib()
    )
    yield Row(
        "warehouse: sum up documents", lines, _once(lambda: purchase_documents(warehouse)), memory=peak_mib()
    )
    yield Row(
        "RFM + pyramid from the warehouse",
        lines,
        median_seconds(lambda: _ours(warehouse), repeat=5),
        floor=median_seconds(_floor(warehouse), repeat=5),
        peer=median_seconds(_pandas(warehouse), repeat=1 if lines > 10**6 else 3),
        peer_name="pandas",
        memory=_alone(warehouse),
    )
    one = lines // 30
    yield Row("purchases of one customer", lines, median_seconds(lambda: purchases_of(warehouse, [one])))


def _load(warehouse: Warehouse, lines: int) -> tuple[float, float]:
    """Seconds to append the lines, and for DuckDB to write the same rows as plain Parquet."""
    path = warehouse.root / "floor.parquet"
    with duckdb.connect(":memory:", config={"threads": 2}) as made:
        made.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        made.execute(f"CREATE TABLE purchase AS {_LINES}", {"lines": lines, "customers": lines // 10})
        floor = _once(lambda: made.execute(f"COPY purchase TO '{path}' (FORMAT parquet, COMPRESSION zstd)"))
        reader = made.sql("FROM purchase").to_arrow_reader(65_536)
        return _once(lambda: append(warehouse, PURCHASE, reader, application="bench", version=1)), floor


def _ours(warehouse: Warehouse) -> None:
    result = rfm(purchase_documents(warehouse), grain="document", as_of=PERIOD.end, period=PERIOD)
    pyramid(result.customers, result.values["money"])


def _floor(warehouse: Warehouse) -> Callable[[], object]:
    """DuckDB's group-by over the same files, without bands, types or tiers, each line a purchase."""
    connection = duckdb.connect(":memory:", config={"threads": 2})
    sql = f"""SELECT customer_key, max(occurred_date), count(*), sum(amount)
              FROM {source(PURCHASE, opened(warehouse, PURCHASE))} GROUP BY customer_key"""
    return lambda: connection.sql(sql).to_arrow_table()


def _pandas(warehouse: Warehouse) -> Callable[[], object]:
    rows = purchases(warehouse).select(
        "customer_key, document, occurred_date, CAST(amount AS DOUBLE) AS amount"
    )
    frame = rows.df()
    return lambda: _rfm_by_pandas(frame)


def _rfm_by_pandas(frame: pd.DataFrame) -> None:
    documents = frame.groupby(["customer_key", "document", "occurred_date"], as_index=False)["amount"].sum()
    by_customer = documents[documents["amount"] > 0].groupby("customer_key")
    bought = by_customer.agg(last=("occurred_date", "max"), frequency=("document", "size"))
    bought["money"] = documents.groupby("customer_key")["amount"].sum()
    bought["recency"] = (pd.Timestamp(PERIOD.end) - bought["last"]).dt.days
    for measure in ("recency", "frequency", "money"):
        bought[measure[0]] = pd.qcut(bought[measure].rank(method="first"), 5, labels=False)
    bought["tier"] = pd.cut(bought["money"].rank(pct=True, ascending=False), [0, 0.01, 0.05, 0.2, 1])
    bought.groupby(["r", "f"])["money"].agg(["size", "sum"])
    bought.groupby("tier", observed=False)["money"].agg(["size", "sum"])


def _once(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _alone(warehouse: Warehouse) -> float:
    """Peak memory of a process that does nothing but our RFM and pyramid."""
    program = (
        "import sys; from pathlib import Path; from bench.insight_rfm import _ours; from bench.table import peak_mib;"
        "from zhike.insight.warehouse import Warehouse; _ours(Warehouse(Path(sys.argv[1]), threads=2));"
        "print(peak_mib())"
    )
    command = [sys.executable, "-c", program, str(warehouse.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    return float(done.stdout)
