"""Writing: every change is one Delta commit that happens once, whole, or not at all.

The writer names itself by `application` and counts its batches by `version`; Delta keeps the pair in the same commit
as the rows (application transactions of the Delta protocol), so a batch sent again after a crash changes nothing.
A feed's position in its source is therefore the version of its application and can never disagree with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake import Field as DeltaField
from deltalake import Schema as DeltaSchema

from zhike.insight.sql import quoted
from zhike.insight.warehouse.errors import WarehouseError, writing
from zhike.insight.warehouse.rows import Fitted, Rows, fit
from zhike.insight.warehouse.schema import Table
from zhike.insight.warehouse.tables import TABLES

ROW_GROUP = 65_536
FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Where the tables lie and what reading may use. `memory` is a limit such as "2GB"; beyond it queries spill."""

    root: Path
    threads: int | None = None
    memory: str = "2GB"

    def path(self, table: Table) -> Path:
        """The folder of one table."""
        return self.root / table.name


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: rows written or removed, table version after it; `applied` is False for a repeated batch."""

    rows: int
    version: int
    applied: bool


def create(warehouse: Warehouse, tables: Sequence[Table] = TABLES) -> None:
    """Makes the tables that do not exist yet and adds columns that a newer description has. Safe to repeat."""
    for table in tables:
        with writing(table.name):
            warehouse.path(table).mkdir(parents=True, exist_ok=True)
            DeltaTable.create(
                str(warehouse.path(table)),
                table.arrow,
                mode="ignore",
                name=table.name,
                description=f"{table.en} {table.grain}",
                configuration={
                    "delta.dataSkippingStatsColumns": ",".join(table.statistics),
                    "delta.deletedFileRetentionDuration": "interval 7 days",
                },
            )
            _add_columns(table, opened(warehouse, table))


def opened(warehouse: Warehouse, table: Table) -> DeltaTable:
    """The table at its latest version. Raises WarehouseError when it has not been created."""
    try:
        return DeltaTable(str(warehouse.path(table)))
    except Exception as error:
        raise WarehouseError(f"{table.name}: cannot open the table in {warehouse.root}: {error}") from error


def position(warehouse: Warehouse, table: Table, application: str) -> int | None:
    """The last version `application` wrote to the table, or None if it never did."""
    return opened(warehouse, table).transaction_version(application)


def append(warehouse: Warehouse, table: Table, rows: Rows, *, application: str, version: int) -> Written:
    """Adds `rows` exactly once: a batch whose version is not above the application's last one is left alone, unread.

    Rows stream: memory does not grow with them. Raises WrongRows, WarehouseFull, WarehouseBusy; then nothing changed.
    """
    delta = opened(warehouse, table)
    if _done(delta, application, version):
        return Written(0, delta.version(), False)
    stream = fit(table, rows)
    _write(delta, table, stream, mode="append", commit=_commit(application, version))
    return Written(stream.rows, delta.version(), True)


def replace(
    warehouse: Warehouse,
    table: Table,
    rows: Rows,
    *,
    application: str,
    version: int,
    where: str | None = None,
    snapshot: DeltaTable | None = None,
) -> Written:
    """Puts `rows` in the place of those that meet `where` (of all, without it), exactly once, in one commit.

    `snapshot` is the table the rows were computed from: if rows it covers changed since, WarehouseBusy is raised.
    """
    delta = snapshot or opened(warehouse, table)
    if _done(delta, application, version):
        return Written(0, delta.version(), False)
    stream = fit(table, rows)
    _write(delta, table, stream, mode="overwrite", commit=_commit(application, version), where=where)
    return Written(stream.rows, delta.version(), True)


def remove(warehouse: Warehouse, table: Table, column: str, values: Sequence[int | str]) -> Written:
    """Removes the rows whose `column` is one of `values`, as when an import is undone by its job. Safe to repeat."""
    delta = opened(warehouse, table)
    if not values:
        return Written(0, delta.version(), False)
    with writing(table.name):
        done = delta.delete(one_of(table, column, values), writer_properties=properties())
    return Written(int(done["num_deleted_rows"]), delta.version(), bool(done["num_deleted_rows"]))


def one_of(table: Table, column: str, values: Sequence[int | str]) -> str:
    """SQL saying that `column` is one of `values`, quoted. Raises WarehouseError for a column the table has not."""
    if column not in table.names:
        raise WarehouseError(f"{table.name} has no column {column!r}")
    return f'"{column}" IN ({", ".join(_literal(value) for value in values)})'


def properties() -> WriterProperties:
    """How files are written: small row groups, so that the rows of one customer are found without reading the rest."""
    return WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=ROW_GROUP)


def _literal(value: int | str) -> str:
    return str(int(value)) if isinstance(value, int) else quoted(value)


def _done(delta: DeltaTable, application: str, version: int) -> bool:
    last = delta.transaction_version(application)
    return last is not None and version <= last


def _commit(application: str, version: int) -> CommitProperties:
    return CommitProperties(app_transactions=[Transaction(application, version)])


def _write(
    delta: DeltaTable,
    table: Table,
    stream: Fitted,
    *,
    mode: Literal["append", "overwrite"],
    commit: CommitProperties,
    where: str | None = None,
) -> None:
    with writing(table.name, stream):
        write_deltalake(
            delta,
            stream.reader,
            mode=mode,  # type: ignore[arg-type]  # its overloads do not take the union of their modes
            predicate=where,
            target_file_size=FILE_BYTES,
            writer_properties=properties(),
            commit_properties=commit,
        )


def _add_columns(table: Table, delta: DeltaTable) -> None:
    have = {field.name for field in delta.schema().fields}
    wanted = DeltaSchema.from_arrow(table.arrow).fields
    missing: list[DeltaField] = [field for field in wanted if field.name not in have]
    if missing:
        delta.alter.add_columns(missing)
