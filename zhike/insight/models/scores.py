"""Results of models as scores: columns for the customers' own records, rows for the table `customer_score`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import pyarrow as pa

from zhike.insight.models.exact import decimals
from zhike.insight.models.pyramid import Pyramid
from zhike.insight.models.rfm import Rfm


def scores_of(result: Rfm, tiers: Pyramid | None = None) -> pa.Table:
    """One row per customer: customer_key, recency_days, frequency, monetary (decimal, in the currency), r, f, m,
    rfm_code ("545"), rfm_type (code) and, with the pyramid of the same customers, value_tier (code).

    Raises ValueError when the pyramid is one of other customers.
    """
    columns = {
        "customer_key": result.customers,
        "recency_days": result.values["recency"],
        "frequency": result.values["frequency"],
        "monetary": decimals(result.values["money"]),
        "r": result.numbers["recency"],
        "f": result.numbers["frequency"],
        "m": result.numbers["money"],
        "rfm_code": result.table["code"],
        "rfm_type": result.table["type"].cast(pa.string()),
    }
    if tiers is not None:
        if not tiers.customers.equals(result.customers):
            raise ValueError("the pyramid ranks other customers than the RFM")
        columns["value_tier"] = tiers.table["tier"].cast(pa.string())
    return pa.table(columns)


def score_rows(scores: pa.Table, *, model: str, as_of: date, scored_at: datetime) -> pa.RecordBatchReader:
    """Columns of scores as a stream of rows of `customer_score`, one score of one customer each."""
    names = [name for name in scores.column_names if name != "customer_key"]
    day, moment = pa.scalar(as_of, pa.date32()), pa.scalar(scored_at, pa.timestamp("us", tz="UTC"))
    common = {"model": pa.scalar(model), "as_of_date": day, "scored_at": moment}
    batches = (
        _rows(batch, name, common) for name in names for batch in scores.to_batches(max_chunksize=65_536)
    )
    return pa.RecordBatchReader.from_batches(_SCHEMA, batches)


_SCHEMA = pa.schema(
    [
        ("customer_key", pa.int64()),
        ("score", pa.string()),
        ("number", pa.float64()),
        ("label", pa.string()),
        ("model", pa.string()),
        ("as_of_date", pa.date32()),
        ("scored_at", pa.timestamp("us", tz="UTC")),
    ]
)


def _rows(batch: pa.RecordBatch, name: str, common: Mapping[str, pa.Scalar]) -> pa.RecordBatch:
    size, values = batch.num_rows, batch.column(name)
    is_label = pa.types.is_string(values.type)
    columns = [
        batch.column("customer_key"),
        pa.repeat(name, size),
        pa.nulls(size, pa.float64()) if is_label else values.cast(pa.float64()),
        values if is_label else pa.nulls(size, pa.string()),
        *(pa.repeat(value, size) for value in common.values()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)
