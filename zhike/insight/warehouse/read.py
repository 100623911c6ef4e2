"""Reading: DuckDB over the files that Delta says belong to the table, each query on one consistent version."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from zhike.insight.sql import quoted
from zhike.insight.types import Days
from zhike.insight.warehouse.schema import Table
from zhike.insight.warehouse.store import Warehouse, opened
from zhike.insight.warehouse.tables import CUSTOMER, PURCHASE, TABLES

if TYPE_CHECKING:
    import ibis

Value = str | int | float | bool | date | datetime | None | Sequence[str] | Sequence[int]

_DUCKDB = {
    "int64": "BIGINT",
    "int32": "INTEGER",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "date32[day]": "DATE",
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
    "decimal128(18, 4)": "DECIMAL(18,4)",
    "decimal128(18, 6)": "DECIMAL(18,6)",
}


def engine(warehouse: Warehouse) -> duckdb.DuckDBPyConnection:
    """A cursor on the DuckDB engine of this warehouse: cheap, and safe to use from one thread at a time."""
    return _engine(warehouse, os.getpid()).cursor()


def source(table: Table, delta: DeltaTable, files: Sequence[str] | None = None) -> str:
    """SQL that reads the table (or only `files` of it), also when it is empty or older than a column."""
    empty = ", ".join(f'NULL::{_sql_type(column.type)} AS "{column.name}"' for column in table.columns)
    paths = delta.file_uris() if files is None else files
    if not paths:
        return f"(SELECT {empty} WHERE false)"
    listed = ", ".join(map(quoted, paths))
    stored = f"SELECT * FROM read_parquet([{listed}], union_by_name=true)"  # noqa: S608
    return f"(SELECT {empty} WHERE false UNION ALL BY NAME {stored})"


def query(
    warehouse: Warehouse,
    sql: str,
    params: Mapping[str, Value] | None = None,
    *,
    tables: Sequence[Table] = TABLES,
) -> pa.Table:
    """The answer of `sql`, in which the tables go by their names; `$name` stands for a value of `params`."""
    return relation(warehouse, sql, params, tables=tables).to_arrow_table()


def relation(
    warehouse: Warehouse,
    sql: str,
    params: Mapping[str, Value] | None = None,
    *,
    tables: Sequence[Table] = TABLES,
) -> duckdb.DuckDBPyRelation:
    """As `query`, not yet computed: Arrow batches stream from it, and DuckDB can build on it."""
    named = ", ".join(f'"{table.name}" AS {source(table, opened(warehouse, table))}' for table in tables)
    return engine(warehouse).sql(f"WITH {named} SELECT * FROM ({sql})", params=dict(params or {}))  # noqa: S608


def backend(warehouse: Warehouse, tables: Sequence[Table] = TABLES) -> ibis.BaseBackend:
    """An Ibis backend of its own with every table as a view on its present version."""
    import ibis

    connection = _connect(warehouse)
    for table in tables:
        body = source(table, opened(warehouse, table))
        connection.execute(f'CREATE VIEW "{table.name}" AS SELECT * FROM {body}')  # noqa: S608
    backend: ibis.BaseBackend = ibis.duckdb.from_connection(connection)
    return backend


def purchases_of(
    warehouse: Warehouse, customers: Sequence[int], *, limit: int = 1000, before: datetime | None = None
) -> pa.Table:
    """The newest `limit` lines of these customers (and of those merged into them) before a moment, newest first."""
    delta = opened(warehouse, PURCHASE)
    keys = sorted({*customers, *_merged_into(warehouse, customers)})
    rows = source(PURCHASE, delta, _holding(delta, keys))
    earlier = "AND occurred_at < $before" if before else ""
    sql = f"""SELECT * FROM {rows} WHERE customer_key IN (SELECT unnest($keys::BIGINT[])) {earlier}
              ORDER BY occurred_at DESC, document, line_no LIMIT $limit"""  # noqa: S608
    params: dict[str, Value] = {"keys": keys, "limit": limit}
    if before:
        params["before"] = before
    return engine(warehouse).sql(sql, params=params).to_arrow_table()


def purchases(warehouse: Warehouse, period: Days | None = None) -> duckdb.DuckDBPyRelation:
    """All lines of the period, each under the customer that stands today for its buyer (merges followed)."""
    delta = opened(warehouse, PURCHASE)
    during = "WHERE occurred_date >= $start AND occurred_date < $end" if period else ""
    params = {"start": period.start, "end": period.end} if period else {}
    lines = f"SELECT * FROM {source(PURCHASE, delta)} {during}"  # noqa: S608
    return engine(warehouse).sql(follow_merges(warehouse, lines), params=params)


def follow_merges(warehouse: Warehouse, rows: str) -> str:
    """SQL that puts the customers standing today in the place of those merged into them, in `rows.customer_key`."""
    merged = _merges(warehouse)
    if not merged:
        return rows
    pairs = ", ".join(f"({old}, {new})" for old, new in sorted(merged.items()))
    return f"""SELECT p.* REPLACE (coalesce(m.survivor, p.customer_key) AS customer_key) FROM ({rows}) p
               LEFT JOIN (VALUES {pairs}) AS m(merged, survivor) ON m.merged = p.customer_key"""  # noqa: S608


def customers_as_of(warehouse: Warehouse, when: date | datetime) -> pa.Table:
    """Each customer with the attributes that held at the moment; for a day, at its end (UTC)."""
    moment = (
        when
        if isinstance(when, datetime)
        else datetime.combine(when, time(), UTC) + timedelta(days=1, microseconds=-1)
    )
    return query(
        warehouse,
        "SELECT * FROM customer WHERE valid_from <= $at AND (valid_to IS NULL OR $at < valid_to) ORDER BY customer_key",
        {"at": moment},
        tables=(CUSTOMER,),
    )


def _merges(warehouse: Warehouse) -> dict[int, int]:
    """Which customer now stands for which merged one, chains followed to their end."""
    found = query(
        warehouse,
        "SELECT customer_key, merged_into FROM customer WHERE is_current AND merged_into IS NOT NULL",
        tables=(CUSTOMER,),
    ).to_pydict()
    step = dict(zip(found["customer_key"], found["merged_into"], strict=True))
    return {key: _end_of_chain(step, key) for key in step}


def _end_of_chain(step: Mapping[int, int], key: int) -> int:
    seen = {key}
    while (key := step.get(key, key)) not in seen:
        seen.add(key)
    return key


def _merged_into(warehouse: Warehouse, customers: Sequence[int]) -> list[int]:
    wanted = set(customers)
    return [merged for merged, survivor in _merges(warehouse).items() if survivor in wanted]


def _holding(delta: DeltaTable, keys: Sequence[int]) -> list[str]:
    """The files whose range of customer keys may hold one of `keys` (sorted), by Delta's own statistics."""
    if not keys:
        return []
    actions = pa.table(delta.get_add_actions(flatten=True))
    if "min.customer_key" not in actions.column_names:
        return delta.file_uris()
    apart = pc.or_(
        pc.less(actions["max.customer_key"], keys[0]), pc.greater(actions["min.customer_key"], keys[-1])
    )
    held = pc.invert(pc.fill_null(apart, False))
    root = delta.table_uri.rstrip("/")
    return [f"{root}/{path}" for path in actions["path"].filter(held).to_pylist()]


@lru_cache(maxsize=8)
def _engine(warehouse: Warehouse, process: int) -> duckdb.DuckDBPyConnection:
    # `process` is part of the key because an engine must not be used after a fork.
    return _connect(warehouse)


def _connect(warehouse: Warehouse) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET GLOBAL memory_limit = ?", [warehouse.memory])
    connection.execute("SET GLOBAL temp_directory = ?", [str(warehouse.root / "_spill")])
    connection.execute("SET GLOBAL preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    if warehouse.threads is not None:
        connection.execute("SET GLOBAL threads = ?", [warehouse.threads])
    return connection


def _sql_type(wanted: pa.DataType) -> str:
    if pa.types.is_list(wanted):
        return f"{_sql_type(wanted.value_type)}[]"
    if pa.types.is_struct(wanted):
        return "STRUCT(" + ", ".join(f'"{part.name}" {_sql_type(part.type)}' for part in wanted) + ")"
    return _DUCKDB[str(wanted)]
