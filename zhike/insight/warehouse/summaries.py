"""Summaries computed from a version of a table and kept beside it: a cache that may be deleted at any time."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from zhike.insight.sql import quoted
from zhike.insight.types import Days
from zhike.insight.warehouse.read import engine, follow_merges, source
from zhike.insight.warehouse.store import Warehouse, opened
from zhike.insight.warehouse.tables import PURCHASE

_KEPT = 3


def purchase_documents(warehouse: Warehouse, period: Days | None = None) -> duckdb.DuckDBPyRelation:
    """Purchases of known customers by document and day: customer_key, source, document, occurred_date, currency,
    amount (net of returns in the document), lines. Merged customers stand under their survivor.

    The first call after a change of the purchases computes and keeps them (2 s for 10^7 lines); later calls read.
    """
    cursor = engine(warehouse)
    during = "WHERE occurred_date >= $start AND occurred_date < $end" if period else ""
    params = {"start": period.start, "end": period.end} if period else {}
    rows = f"SELECT * FROM read_parquet({quoted(str(_kept(warehouse, cursor)))}) {during}"  # noqa: S608
    return cursor.sql(follow_merges(warehouse, rows), params=params)


def _kept(warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection) -> Path:
    delta = opened(warehouse, PURCHASE)
    folder = warehouse.root / "_summaries"
    path = folder / f"document-{delta.version()}.parquet"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        # Written aside and moved into place, so that a reader or a second writer never meets half a file.
        aside = path.with_suffix(f".{os.getpid()}.{id(cursor)}.part")
        sql = f"""SELECT customer_key, source, document, occurred_date, currency,
                         CAST(sum(amount) AS DECIMAL(18,4)) AS amount, CAST(count(*) AS INTEGER) AS lines
                  FROM {source(PURCHASE, delta)} WHERE customer_key IS NOT NULL
                  GROUP BY ALL ORDER BY customer_key, occurred_date"""  # noqa: S608
        cursor.execute(
            f"COPY ({sql}) TO {quoted(str(aside))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)"
        )
        aside.replace(path)
        _forget_older(folder)
    return path


def _forget_older(folder: Path) -> None:
    found = sorted(folder.glob("document-*.parquet"), key=lambda path: int(path.stem.rpartition("-")[2]))
    for path in found[:-_KEPT]:
        path.unlink(missing_ok=True)
