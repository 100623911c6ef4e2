"""From purchases to the lines of their documents, as the warehouse keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhike.feeds.demo.process import Floats, Ints
from zhike.feeds.demo.products import catalogue
from zhike.insight.warehouse import PURCHASE

SOURCE = "demo"
RETURNED = 0.02
_MOST_LINES = 12
# Share of a day's purchases by the hour.
_HOURS = np.array(
    [8, 4, 2, 1, 1, 2, 8, 16, 30, 46, 56, 52, 46, 44, 46, 50, 50, 46, 50, 64, 76, 70, 46, 22],
    dtype=np.float64,
)
_MICROSECONDS = 1_000_000
_DAY = 86_400 * _MICROSECONDS


@dataclass(frozen=True, slots=True)
class Documents:
    """Purchases to be written: the buyer's key (0: unknown), its number in the demo, when, and whether a firm buys."""

    key: Ints
    member: Ints
    day: Floats
    is_firm: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines before they are put into columns: the document each belongs to, and what is bought."""

    document: Ints
    line: Ints
    product: Ints
    quantity: Ints
    price: Floats


def purchase_lines(
    by: np.random.Generator, documents: Documents, midnight: datetime, *, number_from: int, until: float
) -> pa.Table:
    """The lines of documents in the columns of the warehouse but `job` and `loaded_at`.

    `day` of a document counts from `midnight`; returns come some days later, before `until`.
    """
    lines = _drawn(by, documents, midnight)
    moments = _moments(by, documents.day)
    numbers = _numbers("XS", number_from, len(moments))
    sold = _columns(documents, lines, moments[lines.document], midnight, numbers)
    back = np.flatnonzero(by.random(len(lines.line)) < RETURNED)
    later = moments[lines.document[back]] + ((by.gamma(2.0, 4.0, len(back)) + 0.2) * _DAY).astype(np.int64)
    some = np.maximum(1, lines.quantity[back] // by.choice([1, 2], len(back), p=[0.8, 0.2]))
    kept = later < int(until * _DAY)
    back, later, some = back[kept], later[kept], some[kept]
    gone = _Lines(lines.document[back], lines.line[back], lines.product[back], -some, lines.price[back])
    returned = _columns(documents, gone, later, midnight, _numbers("TH", number_from, len(moments)))
    return pa.concat_tables([sold, returned])


def _drawn(by: np.random.Generator, documents: Documents, midnight: datetime) -> _Lines:
    """What is bought: some lines a document, dear things less often, firms in numbers."""
    stock = catalogue()
    firm = documents.is_firm
    sizes = np.minimum(_MOST_LINES, by.geometric(np.where(firm, 0.33, 0.5)))
    document = np.repeat(np.arange(len(firm), dtype=np.int64), sizes)
    line = np.arange(len(document), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    by_firm = firm[document]
    product = np.where(
        by_firm,
        by.choice(len(stock.products), len(document), p=stock.firms),
        by.choice(len(stock.products), len(document), p=stock.homes),
    ).astype(np.int64)
    price = stock.prices[product]
    many = np.maximum(1, by.lognormal(np.log(900 / (price + 20)) * 0.7 + 0.9, 0.7))
    few = 1 + by.binomial(3, np.where(price < 50, 0.4, 0.06))
    quantity = np.where(by_firm, many, few).astype(np.int64)
    factor = _year_and_promotion(documents.day, midnight)[document]
    rebate = np.where(by_firm & (quantity >= 50), 0.85, np.where(by_firm & (quantity >= 10), 0.92, 1.0))
    return _Lines(document, line, product, quantity, np.round(price * factor * rebate, 2))


def _year_and_promotion(day: Floats, midnight: datetime) -> Floats:
    """What a list price is multiplied by: three per cent dearer each year, cheaper around 18 June and 11 November."""
    date = np.datetime64(midnight.date(), "D") + np.floor(day).astype("timedelta64[D]")
    month = date.astype("datetime64[M]").astype(np.int64) % 12 + 1
    number = (date - date.astype("datetime64[M]")).astype(np.int64) + 1
    june = (month == 6) & (number >= 10) & (number <= 20)
    november = (month == 11) & (number <= 13)
    grown: Floats = 0.94 * 1.03 ** np.floor(day / 365.25)
    return np.where(june | november, grown * 0.88, grown)


def _moments(by: np.random.Generator, day: Floats) -> Ints:
    """Microseconds since `midnight` of the first day: the day stays, the hour is one of business."""
    hour = by.choice(24, len(day), p=_HOURS / _HOURS.sum())
    second = hour * 3600 + by.integers(0, 3600, len(day))
    found: Ints = np.floor(day).astype(np.int64) * _DAY + second * _MICROSECONDS
    return found


def _numbers(letters: str, first: int, count: int) -> pa.Array:
    return pa.array([f"{letters}{number:09d}" for number in range(first, first + count)], pa.string())


def _columns(
    documents: Documents, lines: _Lines, since: Ints, midnight: datetime, numbers: pa.Array
) -> pa.Table:
    stock = catalogue()
    count = len(lines.line)
    key = documents.key[lines.document]
    member = pa.array(documents.member[lines.document]).cast(pa.string())
    product = pa.array(lines.product)
    fen = np.round(lines.price * 100).astype(np.int64)
    types = {column.name: column.type for column in PURCHASE.columns}
    return pa.table(
        {
            "source": pa.repeat(SOURCE, count),
            "document": numbers.take(pa.array(lines.document)),
            "line_no": pa.array(lines.line, pa.int32()),
            "customer_key": pa.array(key, mask=key == 0),
            "source_customer": pc.if_else(pa.array(key == 0), pa.scalar(None, pa.string()), member),
            "product": pa.array([each.code for each in stock.products]).take(product),
            "description": pa.array([each.name for each in stock.products]).take(product),
            "quantity": _decimal(lines.quantity * 100).cast(types["quantity"]),
            "unit_price": _decimal(fen).cast(types["unit_price"]),
            "amount": _decimal(lines.quantity * fen).cast(types["amount"]),
            "currency": pa.repeat("CNY", count),
            "occurred_at": pa.array(since + int(midnight.timestamp()) * _MICROSECONDS, pa.timestamp("us", tz="UTC")),
            "occurred_date": pa.array(np.datetime64(midnight.date(), "D") + (since // _DAY).astype("timedelta64[D]")),
            "is_return": pa.array(lines.quantity < 0),
        }
    )  # fmt: skip


def _decimal(hundredths: Ints) -> pa.Array:
    """Whole hundredths as exact decimals."""
    whole = pa.array(hundredths, pa.int64()).cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(pa.decimal128(19, 2), len(whole), whole.buffers())
