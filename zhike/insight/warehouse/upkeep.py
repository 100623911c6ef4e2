"""Looking after the tables: what stands in them, and keeping them quick to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from zhike.insight.warehouse.errors import writing
from zhike.insight.warehouse.read import engine, source
from zhike.insight.warehouse.schema import Table
from zhike.insight.warehouse.store import Warehouse, Written, opened, replace
from zhike.insight.warehouse.tables import TABLES

_COMPACTION = "compaction"


@dataclass(frozen=True, slots=True)
class TableState:
    """How a table stands: rows, files, bytes, Delta version, and the position of each application asked for."""

    name: str
    version: int
    rows: int
    files: int
    bytes: int
    positions: dict[str, int | None]


def state(
    warehouse: Warehouse, applications: Sequence[str] = (), *, tables: Sequence[Table] = TABLES
) -> list[TableState]:
    """The state of each table, from metadata alone: no row is read."""
    return [_state(warehouse, table, applications) for table in tables]


def compact(warehouse: Warehouse, table: Table) -> Written:
    """Writes the table anew in its order and in few files, so that one customer is found quickly.

    Rows appended meanwhile stay as they are; WarehouseBusy is raised if rows were removed meanwhile: repeat the call.
    A table that is one sorted file already is left alone.
    """
    delta = opened(warehouse, table)
    last = delta.transaction_version(_COMPACTION)
    if last is not None and delta.version() == last:
        return Written(0, delta.version(), False)
    order = ", ".join(f'"{name}"' for name in table.sort)
    names = ", ".join(f'"{name}"' for name in table.names)
    sql = f"SELECT {names} FROM {source(table, delta)} ORDER BY {order}"  # noqa: S608
    rows = engine(warehouse).sql(sql).to_arrow_reader(65_536)
    # The version this commit will get is its mark: as long as nobody writes after it, there is nothing to do.
    return replace(
        warehouse, table, rows, application=_COMPACTION, version=delta.version() + 1, snapshot=delta
    )


def is_scattered(warehouse: Warehouse, table: Table, *, files: int = 16) -> bool:
    """Whether the table has gathered so many files that compaction is due."""
    return len(opened(warehouse, table).file_uris()) > files


def vacuum(warehouse: Warehouse, table: Table, *, keep_hours: int = 168, strays: bool = True) -> list[Path]:
    """Deletes files that no version of the last `keep_hours` uses. Returns them.

    `strays`: also files that no version ever used, as a killed writer leaves them. A writer under way has such files
    too, so this needs `keep_hours` that are longer than any write.
    """
    delta = opened(warehouse, table)
    with writing(table.name):
        gone = delta.vacuum(keep_hours, dry_run=False, enforce_retention_duration=False, full=strays)
    return [warehouse.path(table) / name for name in gone]


def _state(warehouse: Warehouse, table: Table, applications: Sequence[str]) -> TableState:
    delta = opened(warehouse, table)
    files = pa.table(delta.get_add_actions(flatten=True))
    return TableState(
        name=table.name,
        version=delta.version(),
        rows=_sum(files, "num_records"),
        files=files.num_rows,
        bytes=_sum(files, "size_bytes"),
        positions={application: delta.transaction_version(application) for application in applications},
    )


def _sum(files: pa.Table, column: str) -> int:
    return int(pc.sum(files[column]).as_py() or 0) if column in files.column_names else 0
