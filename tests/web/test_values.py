"""How one value is written: money, moments, counts, initials, spans of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from zhike.kernel.money import Money
from zhike.kernel.pages import Count
from zhike.web.templatetags import ui

# 14:30 on 5 March 2026 in Shanghai.
NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)


def _moment(language: str, **ago: float) -> str:
    with translation.override(language):
        return ui.moment_text(NOW - timedelta(**ago), NOW)


@pytest.mark.parametrize(
    ("ago", "chinese", "english"),
    [
        ({"seconds": 20}, "刚刚", "just now"),
        ({"minutes": 1}, "1 分钟前", "1 minute ago"),
        ({"minutes": 59}, "59 分钟前", "59 minutes ago"),
        ({"minutes": -5}, "5 分钟后", "in 5 minutes"),
        ({"hours": 3}, "11:30", "11:30"),
        ({"hours": 15}, "昨天 23:30", "yesterday 23:30"),
        ({"days": 30}, "2月3日 14:30", "Feb 3 14:30"),
        ({"days": 400}, "2025年1月29日", "Jan 29, 2025"),
    ],
)
def test_moments_are_near_or_dated(ago: dict[str, float], chinese: str, english: str) -> None:
    assert (_moment("zh-hans", **ago), _moment("en", **ago)) == (chinese, english)


def test_yesterday_of_new_year_needs_no_year() -> None:
    now = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
    with translation.override("zh-hans"):
        assert ui.moment_text(now - timedelta(hours=11), now) == "昨天 23:00"


def test_days_count_in_the_local_calendar() -> None:
    with translation.override("zh-hans"):
        assert ui.day_text(date(2026, 3, 6), date(2026, 3, 5)) == "明天"


@pytest.mark.parametrize(
    ("money", "full", "chinese", "english"),
    [
        (Money(123456789, "CNY"), "¥1,234,567.89", "¥123.5万", "¥1.2M"),
        (Money(-45050, "CNY"), "−¥450.50", "−¥450.50", "−¥450.50"),
        (Money(8_800_000_000_00, "CNY"), "¥8,800,000,000.00", "¥88亿", "¥8.8B"),
        (Money(1500, "JPY"), "JP¥1,500", "JP¥1,500", "JP¥1.5K"),
        (Money(1234, "CHF"), "12.34 CHF", "12.34 CHF", "12.34 CHF"),
        (Money(0, "CNY"), "¥0.00", "¥0.00", "¥0.00"),
    ],
)
def test_money_is_written_in_full_and_short(money: Money, full: str, chinese: str, english: str) -> None:
    assert ui.money_text(money) == full
    with translation.override("zh-hans"):
        assert ui.money_text(money, short=True) == chinese
    with translation.override("en"):
        assert ui.money_text(money, short=True) == english


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("欧阳靖宇", "靖宇"),
        ("王伟", "王伟"),
        ("李", "李"),
        ("Alexander Smith", "AS"),
        ("ada", "A"),
        ("  ", "?"),
        ("𠮷田", "𠮷田"),
    ],
)
def test_initials_stand_for_a_name(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_bounded_counts_say_that_there_are_more() -> None:
    assert [ui.bounded(Count(312, True)), ui.bounded(Count(10_000, False))] == ["312", "10,000+"]


def test_spans_use_two_units() -> None:
    with translation.override("en"):
        assert [ui.duration(n) for n in (None, 5, 61, 3700)] == ["—", "5 s", "1 min 1 s", "1 h 1 min"]


def test_values_are_escaped() -> None:
    page = Template("{% load ui %}{% badge label %}{% initials_avatar label %}{% icon 'x' label=label %}")
    shown = page.render(Context({"label": "<script>alert(1)</script>"}))
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
