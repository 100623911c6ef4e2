"""Rows on their way into a table: any Arrow source becomes a stream of batches that fits, or is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from zhike.insight.types import ArrowStream
from zhike.insight.warehouse.errors import WrongRows
from zhike.insight.warehouse.schema import Column, Table

Rows: TypeAlias = "pa.Table | pa.RecordBatch | pa.RecordBatchReader | ArrowStream"


class Fitted:
    """A stream of fitting batches. `rows` counts what went through; `problem` is what stopped it."""

    def __init__(self, table: Table, source: pa.RecordBatchReader) -> None:
        self.rows = 0
        self.problem: Exception | None = None
        self._table = table
        self._source = source
        _check_names(table, source.schema)
        self.reader = pa.RecordBatchReader.from_batches(table.arrow, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        # The engine pulls batches through a C interface that keeps only the text of an error; itself, it stays here.
        try:
            for batch in self._source:
                if batch.num_rows:
                    fitting = fit_batch(self._table, batch)
                    self.rows += batch.num_rows
                    yield fitting
        except Exception as problem:
            self.problem = problem
            raise


def fit(table: Table, rows: Rows) -> Fitted:
    """A stream of `rows` in the schema of `table`; optional columns that are absent become null. Raises WrongRows."""
    if isinstance(rows, pa.RecordBatchReader):
        return Fitted(table, rows)
    if isinstance(rows, pa.RecordBatch):
        rows = pa.Table.from_batches([rows])
    return Fitted(table, pa.RecordBatchReader.from_stream(rows))


def fit_batch(table: Table, batch: pa.RecordBatch) -> pa.RecordBatch:
    """One batch in the schema of `table`. Raises WrongRows naming the column that cannot be."""
    names = set(batch.schema.names)
    columns = [
        fit_column(table, column, batch.column(column.name))
        if column.name in names
        else pa.nulls(batch.num_rows, column.type)
        for column in table.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=table.arrow)


def fit_column(table: Table, column: Column, values: pa.Array) -> pa.Array:
    """`values` in the type of `column`; decimals with more places than it keeps are rounded, halves away from zero.

    Raises WrongRows for nulls where none may be and for values that do not convert.
    """
    if column.required and values.null_count:
        raise WrongRows(f"{table.name}.{column.name}: empty in {values.null_count} rows, but required")
    try:
        return _cast(values, column.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise WrongRows(f"{table.name}.{column.name}: {error}") from error


def _cast(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    if values.type.equals(wanted):
        return values
    if pa.types.is_timestamp(wanted) and pa.types.is_timestamp(values.type) and values.type.tz is None:
        raise pa.ArrowInvalid("moments must carry a time zone")
    if pa.types.is_decimal(wanted) and pa.types.is_integer(values.type):
        values = values.cast(pa.decimal128(38, wanted.scale))
    if pa.types.is_decimal(values.type) and values.type.scale > wanted.scale:
        values = pc.round(values, wanted.scale, "half_towards_infinity")
    return values.cast(wanted)


def _check_names(table: Table, schema: pa.Schema) -> None:
    unknown = set(schema.names) - set(table.names)
    if unknown:
        raise WrongRows(f"{table.name} has no column {', '.join(sorted(unknown))}")
    missing = [column.name for column in table.columns if column.required and column.name not in schema.names]
    if missing:
        raise WrongRows(f"{table.name}: required column {', '.join(missing)} is missing")
