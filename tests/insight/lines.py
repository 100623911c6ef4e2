"""Purchase lines and customer changes made for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from zhike.insight.warehouse import PURCHASE

LOADED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def line(
    customer: int | None, day: date, amount: str | int, document: str = "A1", **changes: Any
) -> dict[str, Any]:
    """One purchase line; what a test does not speak of has an ordinary value."""
    worth = Decimal(amount)
    return {
        "source": "shop",
        "document": document,
        "line_no": 1,
        "customer_key": customer,
        "source_customer": None if customer is None else str(customer),
        "product": "P1",
        "description": "tea",
        "quantity": Decimal(1) if worth >= 0 else Decimal(-1),
        "unit_price": abs(worth),
        "amount": worth,
        "currency": "CNY",
        "occurred_at": datetime.combine(day, time(12), UTC),
        "occurred_date": day,
        "is_return": worth < 0,
        "job": "job-1",
        "loaded_at": LOADED_AT,
    } | changes


def lines(rows: list[dict[str, Any]]) -> pa.Table:
    """Lines as the table of purchases takes them."""
    return pa.Table.from_pylist(rows, schema=PURCHASE.arrow)


def many(count: int, *, start: int = 0, customers: int = 50, job: str = "job-1") -> pa.Table:
    """`count` lines of one yuan each, numbered from `start`, spread over customers."""
    day = date(2025, 6, 1)
    return lines(
        [line(at % customers, day, 1, f"D{at}", line_no=at, job=job) for at in range(start, start + count)]
    )
