"""Batches of purchase lines as rows of the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zhike.feeds.files.messages import RefusedRow
from zhike.feeds.files.reasons import reason

# What 18 digits with four places hold.
_MOST = Decimal(10) ** 14
_SMALL = (-(2**31), 2**31 - 1)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where lines come from: the source system, the job that brings them, when, and the zone of its days."""

    source: str
    job: str
    zone: str
    loaded_at: datetime


def codes_in(lines: pa.RecordBatch | pa.Table) -> list[str]:
    """The distinct customers that lines name, as the source writes them."""
    return [code for code in pc.unique(lines["source_customer"]).to_pylist() if code is not None]


def split_too_large(lines: pa.Table) -> tuple[pa.Table, list[RefusedRow]]:
    """Lines whose amount and number fit the warehouse, and the others as refused rows."""
    bound = pa.scalar(_MOST, pa.decimal128(38, 10))
    fits = pc.less(pc.abs(lines["amount"]), bound)
    number = lines["line_no"]
    small = pc.and_(pc.greater_equal(number, _SMALL[0]), pc.less_equal(number, _SMALL[1]))
    fits = pc.and_(fits, pc.fill_null(small, True))
    if pc.all(fits).as_py() is not False:
        return lines, []
    refused = [
        RefusedRow(row["source_row"], _cells(row), reason("value_too_large", text=str(row["amount"])))
        for row in lines.filter(pc.invert(fits)).to_pylist()
    ]
    return lines.filter(fits), refused


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for name, value in row.items() if name != "source_row")


def warehouse_rows(lines: pa.Table, keys: Mapping[str, int], origin: Origin) -> pa.Table:
    """Lines in the columns of the table `purchase`. Buyers without a key stay as lines of unknown customers.

    A line without a document is a document of its own; one without a number is numbered by its row.
    """
    count = lines.num_rows
    row = lines["source_row"].cast(pa.string())
    zero = pa.scalar(Decimal(0), pa.decimal128(1, 0))
    local = pc.local_timestamp(lines["occurred_at"].cast(pa.timestamp("us", tz=origin.zone)))
    return pa.table(
        {
            "source": pa.repeat(origin.source, count),
            "document": pc.coalesce(lines["document"], pc.binary_join_element_wise("#", row, "")),
            "line_no": pc.coalesce(lines["line_no"], lines["source_row"]).cast(pa.int32()),
            "customer_key": _keys(lines["source_customer"], keys),
            "source_customer": lines["source_customer"],
            "product": lines["product"],
            "description": lines["description"],
            "quantity": lines["quantity"],
            "unit_price": lines["unit_price"],
            "amount": lines["amount"],
            "currency": lines["currency"],
            "occurred_at": lines["occurred_at"],
            "occurred_date": local.cast(pa.date32()),
            "is_return": pc.or_(pc.less(lines["quantity"], zero), pc.less(lines["amount"], zero)),
            "job": pa.repeat(origin.job, count),
            "loaded_at": pa.repeat(pa.scalar(origin.loaded_at, pa.timestamp("us", tz="UTC")), count),
        }
    )


def _keys(codes: pa.ChunkedArray, keys: Mapping[str, int]) -> pa.Array:
    coded = codes.combine_chunks().dictionary_encode()
    found = pa.array([keys.get(code) for code in coded.dictionary.to_pylist()], pa.int64())
    return found.take(coded.indices)
