"""The calendar: Chinese dates, holidays as announced and by law, weeks of the year and of the shop."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from zhike.insight.warehouse import CALENDAR, Warehouse, calendar, query, write_calendar
from zhike.insight.warehouse.calendar import retail_week
from zhike.insight.warehouse.lunar import lunar_day, solar_day, solar_term

SPRING_FESTIVALS = {
    2000: "02-05",
    2005: "02-09",
    2010: "02-14",
    2015: "02-19",
    2020: "01-25",
    2023: "01-22",
    2024: "02-10",
    2025: "01-29",
    2026: "02-17",
    2027: "02-06",
    2030: "02-03",
    2033: "01-31",
    2034: "02-19",
}
LEAP_MONTHS = {
    2001: 4,
    2004: 2,
    2006: 7,
    2009: 5,
    2012: 4,
    2014: 9,
    2017: 6,
    2020: 4,
    2023: 2,
    2025: 6,
    2028: 5,
    2031: 3,
    2033: 11,
}


@pytest.mark.parametrize(("year", "day"), SPRING_FESTIVALS.items())
def test_the_first_day_of_the_chinese_year(year: int, day: str) -> None:
    assert solar_day(year, 1, 1).isoformat() == f"{year}-{day}"


def test_leap_months_stand_where_the_almanac_has_them() -> None:
    found = {year: [month for month in range(1, 13) if _exists(year, -month)] for year in range(2000, 2034)}
    assert {year: months for year, months in found.items() if months} == {
        year: [month] for year, month in LEAP_MONTHS.items()
    }


def _exists(year: int, month: int) -> bool:
    try:
        solar_day(year, month, 1)
    except ValueError:
        return False
    return True


def test_chinese_dates_and_days_are_each_others_inverse() -> None:
    for day in calendar(2019, 2026)["day"].to_pylist():
        lunar = lunar_day(day)
        assert solar_day(lunar.year, lunar.month, lunar.day) == day


def test_solar_terms() -> None:
    assert [solar_term(year, 15).day for year in (2020, 2021, 2022, 2023, 2024)] == [4, 4, 5, 5, 4]
    assert solar_term(2024, 270) == date(2024, 12, 21)


@pytest.fixture(scope="module")
def days() -> dict[date, dict[str, object]]:
    return {row["day"]: row for row in calendar(2006, 2028).to_pylist()}


@pytest.mark.parametrize(
    ("day", "holiday", "working", "make_up"),
    [
        (date(2024, 2, 4), None, True, True),
        (date(2024, 2, 9), None, True, False),
        (date(2024, 2, 10), "spring_festival", False, False),
        (date(2024, 10, 8), None, True, False),
        (date(2020, 1, 31), "spring_festival", False, False),
        (date(2015, 9, 3), "victory_70", False, False),
        (date(2023, 12, 30), "new_year", False, False),
        (date(2009, 10, 3), "mid_autumn", False, False),
        (date(2026, 2, 28), None, True, True),
        (date(2027, 2, 5), "spring_festival", False, False),
        (date(2028, 5, 2), "labour_day", False, False),
    ],
)
def test_holidays(
    days: dict[date, dict[str, object]], day: date, holiday: str | None, working: bool, make_up: bool
) -> None:
    found = days[day]
    assert (found["holiday"], found["is_working"], found["is_make_up"]) == (holiday, working, make_up)
    assert found["source"] == ("announced" if 2007 <= day.year <= 2026 else "rule")


def test_announced_years_agree_with_the_law_on_how_many_days_are_worked(
    days: dict[date, dict[str, object]],
) -> None:
    # 251 to 250 working days under 11 statutory days, 248 since two were added in 2025.
    worked = Counter(day.year for day, row in days.items() if row["is_working"])
    assert {worked[year] for year in range(2008, 2025)} <= {249, 250, 251, 252}
    assert {worked[2025], worked[2026]} <= {247, 248, 249}


def test_the_retail_year() -> None:
    assert retail_week(date(2024, 2, 3)) == (2023, 12, 53)
    assert retail_week(date(2024, 2, 4)) == (2024, 1, 1)
    assert retail_week(date(2024, 3, 3)) == (2024, 2, 5)
    assert retail_week(date(2024, 4, 7)) == (2024, 3, 10)
    assert retail_week(date(2025, 2, 1)) == (2024, 12, 52)


def test_the_calendar_is_written_once_and_renewed(warehouse: Warehouse) -> None:
    write_calendar(warehouse, 2024, 2024, version=1)
    write_calendar(warehouse, 2024, 2024, version=1)
    write_calendar(warehouse, 2024, 2025, version=2)
    found = query(
        warehouse, "SELECT count(*) AS n, count(DISTINCT day) AS days FROM calendar", tables=(CALENDAR,)
    )
    assert found.to_pylist() == [{"n": 731, "days": 731}]


def test_years_it_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="1931"):
        calendar(1900, 1950)
