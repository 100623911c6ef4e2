"""The customer dimension keeps its past: history of type 2, the same whatever order the changes arrive in.

Each row lists in `seen` every moment (and position in the source) that reported its attributes, also where nothing
changed. From these reports the history of a customer can be computed anew, so a late report opens the row it falls
into, and loading in batches ends in the very table that one load of everything would have made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from zhike.insight.warehouse.errors import writing
from zhike.insight.warehouse.read import engine, source
from zhike.insight.warehouse.rows import Rows, fit
from zhike.insight.warehouse.schema import MOMENT, POSITION, Column, Table
from zhike.insight.warehouse.store import Warehouse, Written, one_of, opened, properties, remove, replace
from zhike.insight.warehouse.tables import ATTRIBUTES, CUSTOMER, CUSTOMER_SCORE, PURCHASE

if TYPE_CHECKING:
    from deltalake import DeltaTable

CHANGE = Table(
    name="customer_change",
    en="What a feed reports: the attributes of a customer from a moment on.",
    zh="客户变更",
    grain="one customer at one moment",
    grain_zh="一个客户的一个时刻",
    columns=(
        CUSTOMER.columns[0],
        *ATTRIBUTES,
        Column("at", MOMENT, "the attributes hold from this moment", "生效时刻", required=True),
        Column(
            "sequence",
            POSITION,
            "position in the source; the higher wins at one moment",
            "位置",
            required=True,
        ),
    ),
    key=("customer_key", "at"),
    sort=("customer_key", "at"),
    statistics=(),
)

# Above this number of customers rewriting the whole table costs less than telling the engine which rows to spare.
_MANY = 5_000

_NAMES = ", ".join(f'"{column.name}"' for column in ATTRIBUTES)
_SAME = " AND ".join(
    f'"{column.name}" IS NOT DISTINCT FROM lag("{column.name}") OVER known' for column in ATTRIBUTES
)

_HISTORY = f"""
WITH report AS (
    SELECT customer_key, {_NAMES}, "at", sequence, 1 AS fresh FROM changes
    UNION ALL
    SELECT customer_key, {_NAMES}, mark."at", mark.sequence, 0 AS fresh
    FROM (SELECT customer_key, {_NAMES}, unnest(seen) AS mark FROM stood)
), latest AS (
    SELECT customer_key, {_NAMES}, "at", sequence FROM report
    QUALIFY row_number() OVER (PARTITION BY customer_key, "at" ORDER BY sequence DESC, fresh DESC) = 1
), marked AS (
    SELECT *, CASE WHEN row_number() OVER known > 1 AND {_SAME} THEN 0 ELSE 1 END AS opens
    FROM latest WINDOW known AS (PARTITION BY customer_key ORDER BY "at")
), numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY customer_key ORDER BY "at") AS span FROM marked
), spans AS (
    SELECT customer_key, span, {", ".join(f'first("{c.name}") AS "{c.name}"' for c in ATTRIBUTES)},
           min("at") AS valid_from, list({{'at': "at", 'sequence': sequence}} ORDER BY "at") AS seen
    FROM numbered GROUP BY customer_key, span
)
SELECT customer_key, {_NAMES}, valid_from,
       lead(valid_from) OVER later AS valid_to,
       lead(valid_from) OVER later IS NULL AS is_current, seen
FROM spans WINDOW later AS (PARTITION BY customer_key ORDER BY valid_from)
ORDER BY customer_key, valid_from
"""  # noqa: S608 — only names of our own columns are put in


def merge_customers(warehouse: Warehouse, changes: Rows, *, application: str, version: int) -> Written:
    """Takes a batch of reports (the columns of `CHANGE`) into the history of the customers, exactly once.

    Reports may come late, doubled and in any order; at one moment the higher `sequence` wins. A repeated batch is a
    no-op. Raises WrongRows, WarehouseFull, WarehouseBusy (repeat the call); then nothing changed.
    """
    delta = opened(warehouse, CUSTOMER)
    last = delta.transaction_version(application)
    if last is not None and version <= last:
        return Written(0, delta.version(), False)
    reports = fit(CHANGE, changes).reader.read_all()
    keys = pc.unique(reports["customer_key"])
    few = len(keys) <= _MANY
    where = one_of(CUSTOMER, "customer_key", keys.to_pylist()) if few else None
    history = _history(warehouse, delta, reports, keys, everybody=not few)
    return replace(
        warehouse, CUSTOMER, history, application=application, version=version, where=where, snapshot=delta
    )


def forget_customers(warehouse: Warehouse, customers: Sequence[int]) -> None:
    """Erases these customers: attributes and scores go, their purchases stay as those of unknown buyers.

    Safe to repeat. Older versions of the files still hold the rows until `vacuum` has deleted them.
    """
    if not customers:
        return
    remove(warehouse, CUSTOMER, "customer_key", customers)
    remove(warehouse, CUSTOMER_SCORE, "customer_key", customers)
    with writing(PURCHASE.name):
        opened(warehouse, PURCHASE).update(
            {"customer_key": "NULL", "source_customer": "NULL"},
            predicate=one_of(PURCHASE, "customer_key", customers),
            writer_properties=properties(),
        )


def _history(
    warehouse: Warehouse, delta: DeltaTable, reports: pa.Table, keys: pa.Array, *, everybody: bool
) -> pa.RecordBatchReader:
    """The rows that shall stand: of the customers reported, or of everybody when the whole table is written anew."""
    cursor = engine(warehouse)
    cursor.register("changes", reports)
    cursor.register("touched", pa.table({"customer_key": keys}))
    stands = source(CUSTOMER, delta)
    cursor.execute(f"CREATE TEMP VIEW stood AS SELECT * FROM {stands} SEMI JOIN touched USING (customer_key)")  # noqa: S608
    rows = _HISTORY
    if everybody:
        names = ", ".join(f'"{name}"' for name in CUSTOMER.names)
        others = f"SELECT {names} FROM {stands} ANTI JOIN touched USING (customer_key)"  # noqa: S608
        rows = f"SELECT {names} FROM ({_HISTORY}) UNION ALL {others} ORDER BY customer_key, valid_from"  # noqa: S608
    return cursor.sql(rows).to_arrow_reader(65_536)
