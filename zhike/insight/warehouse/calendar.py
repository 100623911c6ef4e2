"""The calendar dimension: each day with what it is in the office, in the shop and in China."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import yaml

from zhike.insight.warehouse.lunar import lunar_day, solar_day, solar_term
from zhike.insight.warehouse.store import Warehouse, Written, replace
from zhike.insight.warehouse.tables import CALENDAR

ANNOUNCED, RULE = "announced", "rule"

HOLIDAYS = {
    "new_year": "元旦",
    "spring_festival": "春节",
    "qingming": "清明节",
    "labour_day": "劳动节",
    "dragon_boat": "端午节",
    "mid_autumn": "中秋节",
    "national_day": "国庆节",
    "victory_70": "抗战胜利70周年纪念日",
}

_SEASONS = ("winter", "spring", "summer", "autumn")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holidays:
    """The holidays of some years: the day's holiday, the weekend days worked, and the years that were announced."""

    off: Mapping[date, str]
    work: frozenset[date]
    announced: frozenset[int]


def calendar(first: int, last: int) -> pa.Table:
    """Every day of the years `first` to `last` (both included) in the columns of `CALENDAR`. Years 1931 to 2099."""
    if not 1931 <= first <= last <= 2099:
        raise ValueError("the calendar is known for the years 1931 to 2099")
    holidays = holidays_of(first, last)
    rows = [_row(day, holidays) for day in _days(date(first, 1, 1), date(last + 1, 1, 1))]
    return pa.Table.from_pylist(rows, schema=CALENDAR.arrow)


def write_calendar(warehouse: Warehouse, first: int, last: int, *, version: int) -> Written:
    """Puts the calendar of these years in the place of the one that stands; `version` rises with each renewal."""
    return replace(warehouse, CALENDAR, calendar(first, last), application="calendar", version=version)


def holidays_of(first: int, last: int) -> Holidays:
    """The holidays of these years: as announced where an announcement is known, else by the law."""
    known = _announced()
    off: dict[date, str] = {}
    work: set[date] = set()
    # A holiday of New Year may begin in the old year, so the next year is read too.
    for year in range(first, last + 2):
        for name, days in (known[year] if year in known else _by_law(year)).items():
            off |= dict.fromkeys(days["free"], name)
            work |= set(days.get("work", ()))
    return Holidays(off, frozenset(work), frozenset(known))


def retail_week(day: date) -> tuple[int, int, int]:
    """Retail year, month and week of the 4-5-4 calendar. A year begins the day after the Saturday nearest 31 January;
    a 53rd week belongs to the last month."""
    year = day.year if day >= _retail_start(day.year) else day.year - 1
    week = (day - _retail_start(year)).days // 7 + 1
    quarter, within = divmod(min(week, 52) - 1, 13)
    month = 3 * quarter + (1 if within < 4 else 2 if within < 9 else 3)
    return year, month, week


def _row(day: date, holidays: Holidays) -> dict[str, object]:
    week = day.isocalendar()
    lunar = lunar_day(day)
    retail_year, retail_month, retail_number = retail_week(day)
    holiday = holidays.off.get(day)
    make_up = day in holidays.work
    return {
        "day": day,
        "year": day.year,
        "quarter": (day.month + 2) // 3,
        "month": day.month,
        "day_of_month": day.day,
        "weekday": week.weekday,
        "iso_year": week.year,
        "iso_week": week.week,
        "retail_year": retail_year,
        "retail_month": retail_month,
        "retail_week": retail_number,
        "season": _SEASONS[day.month % 12 // 3],
        "lunar_month": lunar.month,
        "lunar_day": lunar.day,
        "holiday": holiday,
        "holiday_zh": HOLIDAYS[holiday] if holiday else None,
        "is_make_up": make_up,
        "is_working": make_up or (holiday is None and week.weekday <= 5),
        "source": ANNOUNCED if day.year in holidays.announced else RULE,
    }


def _by_law(year: int) -> dict[str, dict[str, list[date]]]:
    """The statutory days of a year, as the law stood then: 1949, and its changes of 1999, 2007, 2013 and 2024."""
    spring = solar_day(year, 1, 1)
    eve = 2008 <= year <= 2013 or year >= 2025
    labour = (3 if year >= 2000 else 1) if year <= 2007 else (2 if year >= 2025 else 1)
    spans = {
        "new_year": (date(year, 1, 1), 1),
        "spring_festival": (spring - _DAY, 4 if year >= 2025 else 3) if eve else (spring, 3),
        "labour_day": (date(year, 5, 1), labour),
        "national_day": (date(year, 10, 1), 3 if year >= 2000 else 2),
    }
    if year >= 2008:
        spans |= {
            "qingming": (solar_term(year, 15), 1),
            "dragon_boat": (solar_day(year, 5, 5), 1),
            "mid_autumn": (solar_day(year, 8, 15), 1),
        }
    return {
        name: {"free": list(_days(start, start + length * _DAY))} for name, (start, length) in spans.items()
    }


@lru_cache(maxsize=1)
def _announced() -> dict[int, dict[str, dict[str, list[date]]]]:
    text = Path(__file__).with_name("holidays_cn.yaml").read_text(encoding="utf-8")
    return {
        year: {
            name: {
                "free": list(_days(days["free"][0], days["free"][1] + _DAY)),
                "work": list(days.get("work", ())),
            }
            for name, days in holidays.items()
        }
        for year, holidays in yaml.safe_load(text).items()
    }


def _retail_start(year: int) -> date:
    end = date(year, 1, 31)
    saturday = end + timedelta(days=(5 - end.weekday() + 3) % 7 - 3)
    return saturday + _DAY


def _days(start: date, end: date) -> Iterator[date]:
    while start < end:
        yield start
        start += _DAY
