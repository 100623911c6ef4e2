"""Columns of text to typed Arrow columns of purchase lines, whole columns at a time.

Text in plain form is cast by Arrow; whatever is written otherwise goes through `values`, each distinct text once.
Both give the same values. A cell that cannot be read leaves null and its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from zhike.feeds.files.messages import Message
from zhike.feeds.files.purchase_mapping import Source
from zhike.feeds.files.reasons import reason
from zhike.feeds.files.values import DateOrder, parse_moment, parse_money, parse_number

QUANTITY = pa.decimal128(18, 4)
PRICE = pa.decimal128(18, 6)
AMOUNT = pa.decimal128(38, 10)
MOMENT = pa.timestamp("us", tz="UTC")

Refusals = dict[int, Message]
_PLAIN_MOMENT = r"^(19|20)\d{2}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$"


def texts(columns: dict[str, Any], source: Source, count: int) -> Any:
    """The field as trimmed text, null where empty: of one column, of several joined, or a constant."""
    if source.value is not None:
        return pa.array([source.value] * count, pa.string())
    parts = [pc.utf8_trim_whitespace(columns[name]) for name in source.columns]
    joined = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, source.join)
    if source.form == "whole":
        joined = pc.replace_substring_regex(joined, r"^(-?\d+)\.0+$", r"\1")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def decimals(text: Any, kind: Any, bad: Refusals, *, money: bool = False) -> Any:
    """Numbers as decimals of the given type, rounded half-even to its scale; null and a reason where there is none."""
    whole, scale = kind.precision - kind.scale - 1, kind.scale
    plain = pc.match_substring_regex(text, rf"^-?\d{{1,{whole}}}(\.\d{{1,{scale}}})?$")
    if pc.all(pc.fill_null(plain, False)).as_py():
        return pc.cast(text, kind)
    return _each(text, kind, _money if money else parse_number, bad, lambda number: _rounded(number, kind))


def _money(text: str) -> Decimal | Message:
    amount = parse_money(text)
    return amount if isinstance(amount, Message) else amount.number


def _rounded(number: Decimal, kind: Any) -> Decimal | None:
    """The number in the scale of the type, None when it has too many digits before the point."""
    if abs(number) >= Decimal(10) ** (kind.precision - kind.scale):
        return None
    return number.quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_EVEN)


def moments(text: Any, zone: str, order: DateOrder, bad: Refusals) -> Any:
    """Moments in UTC. A local time that an hour's change repeats is its first; one that it skips is shifted."""
    plain = pc.match_substring_regex(text, _PLAIN_MOMENT)
    if pc.all(pc.fill_null(plain, False)).as_py():
        try:
            local = pc.cast(text, pa.timestamp("us"))
            return pc.cast(pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="raise"), MOMENT)
        except (pa.ArrowInvalid, ValueError):
            pass
    here = ZoneInfo(zone)
    return _each(
        text,
        MOMENT,
        lambda cell: parse_moment(cell, here, order),
        bad,
        lambda moment: moment.astimezone(dt.UTC),
    )


def _each(
    text: Any, kind: Any, parse: Callable[[str], Any], bad: Refusals, finish: Callable[[Any], Any]
) -> Any:
    """Parse each distinct text once and spread the results; refusals are noted by place."""
    coded = pc.fill_null(text, "").dictionary_encode()
    parsed: list[Any] = []
    reasons: dict[int, Message] = {}
    for at, cell in enumerate(coded.dictionary.to_pylist()):
        value = parse(cell)
        if isinstance(value, Message):
            reasons[at], value = value, None
        elif (value := finish(value)) is None:
            reasons[at] = reason("value_too_large", text=cell)
        parsed.append(value)
    if reasons:
        for place, code in enumerate(coded.indices.to_pylist()):
            if code in reasons:
                bad.setdefault(place, reasons[code])
    return pa.array(parsed, kind).take(coded.indices)


def products(quantity: Any, price: Any) -> Any:
    """Quantity × price, exact."""
    return pc.cast(pc.multiply(quantity, price), AMOUNT)


def unit_prices(amount: Any, quantity: Any) -> Any:
    """Amount ÷ quantity in the scale of a price; the amount itself where the quantity is 0."""
    found = [
        None if total is None or number is None else _rounded(total / number if number else total, PRICE)
        for total, number in zip(amount.to_pylist(), quantity.to_pylist(), strict=True)
    ]
    return pa.array(found, PRICE)
