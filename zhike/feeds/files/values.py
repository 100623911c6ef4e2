"""Cells to typed values. Each function returns the value or the `Message` that says why there is none.

Blank text is `value_empty`; callers decide whether a field may be empty before they ask.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from zhike.feeds.files.messages import Message
from zhike.feeds.files.reasons import reason

DateOrder = Literal["ymd", "dmy", "mdy"]

_NUMBER = re.compile(r"([+-]?)(\d+|\d{1,3}(?:[,'  ]\d{3})+)(\.\d+)?(?:[eE]([+-]?\d{1,2}))?(%?)")
_EUROPEAN = re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d+),(\d+)")
_SCALES = {
    "百": 100,
    "千": 1000,
    "万": 10_000,
    "萬": 10_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
    "億": 100_000_000,
}
_SCALED = re.compile(r"(.*?)(百万|千万|[百千万萬亿億])")
_CURRENCIES = {
    "¥": "CNY", "￥": "CNY", "元": "CNY", "圆": "CNY", "人民币": "CNY", "rmb": "CNY", "cny": "CNY",
    "$": "USD", "us$": "USD", "usd": "USD", "美元": "USD", "€": "EUR", "eur": "EUR", "欧元": "EUR",
    "£": "GBP", "gbp": "GBP", "英镑": "GBP", "hk$": "HKD", "hkd": "HKD", "港元": "HKD", "港币": "HKD",
    "nt$": "TWD", "twd": "TWD", "台币": "TWD", "jpy": "JPY", "日元": "JPY",
}  # fmt: skip
_MONEY = re.compile(
    r"(-?)\s*([^\d\s.,+\-()]*)\s*([+\-]?[\d][\d,.'  ]*?(?:百万|千万|[百千万萬亿億])?)\s*([^\d\s.,+\-()百千万萬亿億]*)"
)
_YES = frozenset(
    (
        "是", "有", "真", "对", "y", "yes", "true", "t", "1", "√", "✓", "on", "启用", "有效",
    )
)  # fmt: skip
_NO = frozenset(
    (
        "否", "无", "没有", "假", "不", "不是", "n", "no", "false", "f", "0", "×", "✗", "off", "停用",
        "无效",
    )
)  # fmt: skip
_CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})[日号])?")
_ISO_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_SHORT_DATE = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_TIME = re.compile(
    r"(上午|下午|晚上|凌晨|am|pm)?\s*(\d{1,2})(?:[:时点](\d{1,2})?(?:[:分](\d{1,2}(?:\.\d+)?)?秒?)?)\s*(am|pm)?\s*(z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_EXCEL_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 the epoch of a spreadsheet has no zone
_LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as written, before it becomes `Money`; `currency` is an ISO 4217 code or None when not written."""

    number: Decimal
    currency: str | None


def narrow(text: str) -> str:
    """The text with full-width digits and signs made narrow, without blanks around."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").strip()


def parse_number(text: str) -> Decimal | Message:
    """A number: 1,234.5; １２３; 1.234,5 (dots by threes before a comma); 5%; 1.2e3; 3.5万; (12) for -12."""
    plain = narrow(text)
    if not plain:
        return reason("value_empty")
    number = _number(plain)
    if number is None:
        return reason("value_number", text=text)
    return number if abs(number) < _LARGEST else reason("value_too_large", text=text)


def _number(plain: str) -> Decimal | None:
    if plain.startswith("(") and plain.endswith(")"):
        inner = _number(plain[1:-1])
        return -inner if inner is not None and inner >= 0 else None
    if scaled := _SCALED.fullmatch(plain):
        inner = _number(scaled[1].strip())
        return inner * _SCALES[scaled[2]] if inner is not None else None
    if found := _NUMBER.fullmatch(plain):
        sign, whole, part, exponent, percent = found.groups()
        number = Decimal(f"{sign}{re.sub('[^0-9]', '', whole)}{part or ''}e{exponent or 0}")
        return number / 100 if percent else number
    if found := _EUROPEAN.fullmatch(plain):
        return Decimal(f"{found[1]}{found[2].replace('.', '')}.{found[3]}")
    return None


def parse_money(text: str) -> Amount | Message:
    """An amount with or without a currency before or behind it: ¥1,200.50, 3.5万元, USD 10, -12."""
    plain = narrow(text)
    if not plain:
        return reason("value_empty")
    found = _MONEY.fullmatch(plain)
    number = _number(plain) if found is None else _number(found[3].strip())
    if number is None:
        return reason("value_money", text=text)
    if abs(number) >= _LARGEST:
        return reason("value_too_large", text=text)
    signs = [sign.lower() for sign in (found[2], found[4]) if sign] if found else []
    currencies = {_CURRENCIES.get(sign) for sign in signs}
    if None in currencies or len(currencies) > 1:
        return reason("value_currency", text=text)
    signed = -number if found and found[1] else number
    return Amount(signed, currencies.pop() if currencies else None)


def parse_boolean(text: str) -> bool | Message:
    """是/否, yes/no, true/false, 1/0 and the like."""
    plain = narrow(text).lower()
    if not plain:
        return reason("value_empty")
    if plain in _YES:
        return True
    return False if plain in _NO else reason("value_boolean", text=text)


def decide_order(texts: Iterable[str]) -> DateOrder:
    """Whether 3/4/2024 in this column means day/month or month/day: the first value that allows only one decides;
    without any it is day/month, the commoner in the world. Years in front never doubt."""
    for text in texts:
        found = _SHORT_DATE.match(narrow(text))
        if found is None:
            continue
        first, second = int(found[1]), int(found[3])
        if first > 12 >= second:
            return "dmy"
        if second > 12 >= first:
            return "mdy"
    return "dmy"


def parse_date(text: str, order: DateOrder = "dmy") -> dt.date | Message:
    """A date: 2024年3月5日, 2024-03-05, 2024/3/5, 20240305, 5/3/2024 by `order`, or the serial of a spreadsheet.
    A time of day behind it is dropped."""
    plain = narrow(text)
    if not plain:
        return reason("value_empty")
    found = _split_date(plain, order)
    return found[0] if found is not None else reason("value_date", text=text)


def parse_moment(text: str, zone: dt.tzinfo, order: DateOrder = "dmy") -> dt.datetime | Message:
    """A date with or without a time of day (midnight then), in the zone given unless it carries an offset."""
    plain = narrow(text)
    if not plain:
        return reason("value_empty")
    found = _split_date(plain, order)
    if found is None:
        return reason("value_moment", text=text)
    date, rest = found
    if isinstance(rest, float):
        moment = dt.datetime.combine(date, dt.time(), zone) + dt.timedelta(seconds=round(rest * 86400))
        return moment
    time = _time(rest, zone) if rest else dt.time(tzinfo=zone)
    return dt.datetime.combine(date, time) if time is not None else reason("value_moment", text=text)


def _split_date(plain: str, order: DateOrder) -> tuple[dt.date, str | float] | None:
    """The date at the front and the time of day behind it, as text or as a fraction of a day."""
    serial = _SERIAL.fullmatch(plain)
    if serial and 20000 <= int(serial[1]) <= 80000:
        return (_EXCEL_ZERO + dt.timedelta(days=int(serial[1]))).date(), float(serial[2] or 0)
    for pattern, places in ((_CHINESE_DATE, (1, 2, 3)), (_ISO_DATE, (1, 3, 4)), (_COMPACT_DATE, (1, 2, 3))):
        if found := pattern.match(plain):
            year, month, day = (found[place] for place in places)
            return _made(int(year), int(month), int(day or 1), plain[found.end() :])
    if found := _SHORT_DATE.match(plain):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if year < 100:
            year += 2000 if year < 70 else 1900
        month, day = (first, second) if order == "mdy" else (second, first)
        return _made(year, month, day, plain[found.end() :])
    return None


def _made(year: int, month: int, day: int, rest: str) -> tuple[dt.date, str | float] | None:
    tail = rest[1:] if rest[:1] in ("T", "t") else rest
    tail = tail.strip()
    if tail and not _TIME.fullmatch(tail):
        return None
    try:
        return dt.date(year, month, day), tail
    except ValueError:
        return None


def _time(text: str, zone: dt.tzinfo) -> dt.time | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    half = (found[1] or found[5] or "").lower()
    hour, minute, seconds = int(found[2]), int(found[3] or 0), float(found[4] or 0)
    if half in ("下午", "晚上", "pm") and hour < 12:
        hour += 12
    if half in ("am", "凌晨", "上午") and hour == 12:
        hour = 0
    try:
        return dt.time(hour, minute, int(seconds), int(seconds % 1 * 1_000_000), tzinfo=_zone(found[6], zone))
    except ValueError:
        return None


def _zone(offset: str | None, zone: dt.tzinfo) -> dt.tzinfo:
    if not offset:
        return zone
    if offset in "zZ":
        return dt.UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if offset[0] == "-" else minutes))
