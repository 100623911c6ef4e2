"""Results of models as rows of the warehouse table `customer_score`, one score of one customer each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.exact import EXACT
from zhike.insight.models.pyramid import Pyramid
from zhike.insight.models.rfm import Rfm


def rfm_scores(result: Rfm, *, model: str, scored_at: datetime) -> pa.Table:
    """rfm.recency (days), rfm.frequency, rfm.money (currency), rfm.code ("545") and rfm.type (code) of each."""
    numbers = {
        "rfm.recency": result.values["recency"],
        "rfm.frequency": result.values["frequency"],
        "rfm.money": result.values["money"] / EXACT,
    }
    labels = {"rfm.code": result.table["code"], "rfm.type": result.table["type"].cast(pa.string())}
    return _rows(result.customers, numbers, labels, model=model, as_of=result.as_of, scored_at=scored_at)


def pyramid_scores(result: Pyramid, *, model: str, as_of: date, scored_at: datetime) -> pa.Table:
    """pyramid.value (currency) and pyramid.tier (code) of each customer."""
    numbers = {"pyramid.value": result.values / EXACT}
    labels = {"pyramid.tier": result.table["tier"].cast(pa.string())}
    return _rows(result.customers, numbers, labels, model=model, as_of=as_of, scored_at=scored_at)


def _rows(
    customers: pa.Array,
    numbers: Mapping[str, npt.NDArray[np.generic]],
    labels: Mapping[str, pa.ChunkedArray],
    *,
    model: str,
    as_of: date,
    scored_at: datetime,
) -> pa.Table:
    size = len(customers)
    parts = [
        (name, pa.array(values).cast(pa.float64()), pa.nulls(size, pa.string()))
        for name, values in numbers.items()
    ]
    parts += [(name, pa.nulls(size, pa.float64()), text.combine_chunks()) for name, text in labels.items()]
    return pa.concat_tables(
        pa.table(
            {
                "customer_key": customers,
                "score": pa.repeat(name, size),
                "number": number,
                "label": label,
                "model": pa.repeat(model, size),
                "as_of_date": pa.repeat(pa.scalar(as_of, pa.date32()), size),
                "scored_at": pa.repeat(pa.scalar(scored_at, pa.timestamp("us", tz="UTC")), size),
            }
        )
        for name, number, label in parts
    )
