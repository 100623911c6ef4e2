"""Cells become typed values or a reason."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from zhike.feeds.files import values
from zhike.feeds.files.messages import Message
from zhike.feeds.files.reasons import reason, sentences
from zhike.locale_build import LOCALE
from zhike.locale_build import parse as parse_part

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1"),
        (" 1,234.50 ", "1234.50"),
        ("１２３．５", "123.5"),
        ("-12", "-12"),
        ("(12)", "-12"),
        ("1.234.567,5", "1234567.5"),
        ("1,5", "1.5"),
        ("5%", "0.05"),
        ("1.2e3", "1200"),
        ("3.5万", "35000"),
        ("2亿", "200000000"),
        ("1'000", "1000"),
        ("−7", "-7"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert values.parse_number(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "value_empty"),
        ("abc", "value_number"),
        ("1,23,4", "value_number"),
        ("1e99", "value_too_large"),
        ("--1", "value_number"),
    ],
)
def test_what_is_no_number(text: str, code: str) -> None:
    found = values.parse_number(text)
    assert isinstance(found, Message)
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "number", "currency"),
    [
        ("¥1,200.50", "1200.50", "CNY"),
        ("￥ 12", "12", "CNY"),
        ("$-3", "-3", "USD"),
        ("-$3", "-3", "USD"),
        ("12.5元", "12.5", "CNY"),
        ("3.5万元", "35000", "CNY"),
        ("USD 10", "10", "USD"),
        ("10 EUR", "10", "EUR"),
        ("99", "99", None),
    ],
)
def test_money(text: str, number: str, currency: str | None) -> None:
    assert values.parse_money(text) == values.Amount(Decimal(number), currency)


@pytest.mark.parametrize(
    ("text", "code"), [("十元", "value_money"), ("10 XYZ", "value_currency"), ("$5元", "value_currency")]
)
def test_what_is_no_money(text: str, code: str) -> None:
    found = values.parse_money(text)
    assert isinstance(found, Message)
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [("是", True), ("否", False), ("Yes", True), ("N", False), ("１", True), ("√", True)],
)
def test_booleans(text: str, expected: bool) -> None:
    assert values.parse_boolean(text) is expected


def test_what_is_no_boolean() -> None:
    assert isinstance(values.parse_boolean("也许"), Message)


@pytest.mark.parametrize(
    "text",
    [
        "2024年3月5日",
        "2024/3/5",
        "2024-03-05",
        "2024.3.5",
        "20240305",
        "45356",
        "2024-03-05 10:00",
        "5/3/2024",
        "５/３/２４",
        "2024-03-05T10:00:00Z",
    ],
)
def test_dates(text: str) -> None:
    assert values.parse_date(text) == dt.date(2024, 3, 5)


def test_the_column_decides_the_order_of_day_and_month() -> None:
    assert values.decide_order(["3/4/2024", "3/25/2024"]) == "mdy"
    assert values.decide_order(["3/4/2024", "25/3/2024"]) == "dmy"
    assert values.decide_order(["2024-03-04", ""]) == "dmy"
    assert values.parse_date("3/4/2024", "mdy") == dt.date(2024, 3, 4)
    assert values.parse_date("3/4/2024", "dmy") == dt.date(2024, 4, 3)


@pytest.mark.parametrize("text", ["2024-02-30", "13/13/2024", "昨天", "123456", "2024-03-05 25:00x"])
def test_what_is_no_date(text: str) -> None:
    found = values.parse_date(text)
    assert isinstance(found, Message)
    assert found.code == "value_date"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05", dt.datetime(2024, 3, 5, tzinfo=CHINA)),
        ("2024-03-05 14:30:15", dt.datetime(2024, 3, 5, 14, 30, 15, tzinfo=CHINA)),
        ("2024年3月5日 下午2:30", dt.datetime(2024, 3, 5, 14, 30, tzinfo=CHINA)),
        ("3/5/2024 2:30 PM", dt.datetime(2024, 5, 3, 14, 30, tzinfo=CHINA)),
        ("2024-03-05T06:30:00Z", dt.datetime(2024, 3, 5, 6, 30, tzinfo=dt.UTC)),
        ("2024-03-05T14:30:00+08:00", dt.datetime(2024, 3, 5, 6, 30, tzinfo=dt.UTC)),
        ("45356.5", dt.datetime(2024, 3, 5, 12, tzinfo=CHINA)),
    ],
)
def test_moments(text: str, expected: dt.datetime) -> None:
    assert values.parse_moment(text, CHINA) == expected


@given(st.text(max_size=20))
def test_no_text_breaks_a_parser(text: str) -> None:
    for parse in (
        values.parse_number,
        values.parse_money,
        values.parse_boolean,
        values.parse_date,
    ):
        assert parse(text) is not None
    assert values.parse_moment(text, CHINA) is not None


@given(st.dates(dt.date(1950, 1, 1), dt.date(2068, 12, 31)))
def test_every_way_to_write_a_date_is_read(date: dt.date) -> None:
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%d/%m/%Y"):
        assert values.parse_date(date.strftime(form)) == date


def test_every_reason_has_its_chinese() -> None:
    found = {
        entry.key[1]: entry.translations[0] for entry in parse_part(LOCALE / "zh_Hans" / "parts" / "files.po")
    }
    assert set(sentences()) <= set(found)
    with override("en"):
        assert (
            str(reason("row_too_few_cells", count=1, expected=3))
            == "The row has only 1 cells, the header has 3."
        )
