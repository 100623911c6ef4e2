"""The Chinese calendar by computation: months begin on the day of the new moon, the winter solstice lies in month 11.

GB/T 33661-2017 gives the rules; new moons and the longitude of the sun follow Meeus 1998, *Astronomical Algorithms*,
chapters 49 and 25. Days are those of China (UTC+8). Good for the years 1930 to 2100.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import floor, radians, sin

_CHINA = 8 / 24
_EPOCH = date(2000, 1, 1)
_EPOCH_JD = 2451544.5
_SYNODIC = 29.530588861
_YEAR = 365.2422

# Periodic terms of the new moon: days, power of the earth's eccentricity, multiples of M, M′, F, Ω.
_NEW_MOON = (
    (-0.40720, 0, 0, 1, 0, 0),
    (0.17241, 1, 1, 0, 0, 0),
    (0.01608, 0, 0, 2, 0, 0),
    (0.01039, 0, 0, 0, 2, 0),
    (0.00739, 1, -1, 1, 0, 0),
    (-0.00514, 1, 1, 1, 0, 0),
    (0.00208, 2, 2, 0, 0, 0),
    (-0.00111, 0, 0, 1, -2, 0),
    (-0.00057, 0, 0, 1, 2, 0),
    (0.00056, 1, 1, 2, 0, 0),
    (-0.00042, 0, 0, 3, 0, 0),
    (0.00042, 1, 1, 0, 2, 0),
    (0.00038, 1, 1, 0, -2, 0),
    (-0.00024, 1, -1, 2, 0, 0),
    (-0.00017, 0, 0, 0, 0, 1),
    (-0.00007, 0, 2, 1, 0, 0),
    (0.00004, 0, 0, 2, -2, 0),
    (0.00004, 0, 3, 0, 0, 0),
    (0.00003, 0, 1, 1, -2, 0),
    (0.00003, 0, 0, 2, 2, 0),
    (-0.00003, 0, 1, 1, 2, 0),
    (0.00003, 0, -1, 1, 2, 0),
)

# Pull of the planets: days, angle at k = 0, degrees per lunation.
_PLANETS = (
    (0.000325, 299.77, 0.107408),
    (0.000165, 251.88, 0.016321),
    (0.000164, 251.83, 26.651886),
    (0.000126, 349.42, 36.412478),
    (0.000110, 84.66, 18.206239),
    (0.000062, 141.74, 53.303771),
    (0.000060, 207.14, 2.453732),
    (0.000056, 154.84, 7.306860),
    (0.000047, 34.52, 27.261239),
)


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the Chinese calendar. `month` is negative in a leap month."""

    year: int
    month: int
    day: int


def lunar_day(day: date) -> LunarDay:
    """The Chinese date of a day."""
    starts, names = _months(day.year)
    place = bisect_right(starts, day) - 1
    year, month = names[place]
    return LunarDay(year, month, (day - starts[place]).days + 1)


def solar_day(year: int, month: int, day: int) -> date:
    """The day on which a Chinese date falls; `month` is negative for a leap month. Raises ValueError without such."""
    for around in (year, year + 1):
        starts, names = _months(around)
        if (year, month) in names:
            return starts[names.index((year, month))] + timedelta(days=day - 1)
    raise ValueError(f"the Chinese year {year} has no month {month}")


def solar_term(year: int, longitude: int) -> date:
    """The day in `year` on which the sun reaches a longitude in degrees: 15 is Qingming, 270 the winter solstice."""
    days = ((longitude - 280) % 360) / 360 * _YEAR + (date(year, 1, 1) - _EPOCH).days
    for _ in range(5):
        off = (longitude - _sun(days) + 180) % 360 - 180
        days += off / 360 * _YEAR
    return _in_china(days)


@lru_cache(maxsize=512)
def _months(year: int) -> tuple[list[date], list[tuple[int, int]]]:
    """Starts and names of the months from month 11 of the year before `year` to the end of that year."""
    return _join(_year_of_solstice(year), _year_of_solstice(year + 1))


def _join(
    first: list[tuple[date, int, int]], second: list[tuple[date, int, int]]
) -> tuple[list[date], list[tuple[int, int]]]:
    both = first + second
    return [start for start, _, _ in both], [(year, month) for _, year, month in both]


@lru_cache(maxsize=512)
def _year_of_solstice(year: int) -> list[tuple[date, int, int]]:
    """The months from the one that holds the winter solstice of `year` − 1 to the one before the next solstice's."""
    starts = _new_moons(solar_term(year - 1, 270), solar_term(year, 270))
    terms = [
        solar_term(year - 1, 270),
        *(solar_term(year, degree) for degree in (300, 330, *range(0, 271, 30))),
    ]
    leap = _leap(starts, terms) if len(starts) - 1 == 13 else None
    months, number = [], 10
    for place, start in enumerate(starts[:-1]):
        number = number if place == leap else number + 1
        month = (number - 1) % 12 + 1
        months.append((start, year if number > 12 else year - 1, -month if place == leap else month))
    return months


def _new_moons(solstice: date, following: date) -> list[date]:
    """Days of the new moons from the last not after one solstice to the last not after the next."""
    k = floor((solstice - _EPOCH).days / _SYNODIC) - 2
    days = [_new_moon(k + step) for step in range(20)]
    first = bisect_right(days, solstice) - 1
    last = bisect_right(days, following) - 1
    return days[first : last + 1]


def _leap(starts: list[date], terms: list[date]) -> int:
    """The first month in which no principal term falls."""
    for place in range(1, len(starts) - 1):
        if not any(starts[place] <= term < starts[place + 1] for term in terms):
            return place
    raise ValueError(f"no leap month between {starts[0]} and {starts[-1]}")


def _new_moon(k: int) -> date:
    t = k / 1236.85
    eccentricity = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = 2.5534 + 29.10535670 * k - 0.0000014 * t * t
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t
    latitude = 160.7108 + 390.67050284 * k - 0.0016118 * t * t
    node = 124.7746 - 1.56375588 * k + 0.0020672 * t * t
    days = 2451550.09766 - _EPOCH_JD + _SYNODIC * k + 0.00015437 * t * t
    for size, power, a, b, c, d in _NEW_MOON:
        days += size * eccentricity**power * sin(radians(a * sun + b * moon + c * latitude + d * node))
    for size, angle, speed in _PLANETS:
        days += size * sin(radians(angle + speed * k))
    return _in_china(days)


def _sun(days: float) -> float:
    """Apparent longitude of the sun in degrees."""
    t = (days - 0.5) / 36525
    anomaly = radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = (
        (1.914602 - 0.004817 * t) * sin(anomaly) + 0.019993 * sin(2 * anomaly) + 0.000289 * sin(3 * anomaly)
    )
    node = radians(125.04 - 1934.136 * t)
    return (280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre - 0.00569 - 0.00478 * sin(node)) % 360


def _in_china(days: float) -> date:
    """The day in China of a moment in dynamical time, days from the epoch. The earth lags by about a minute."""
    years = days / _YEAR
    lag = (62.92 + 0.32217 * years + 0.005589 * years * years) / 86400
    return _EPOCH + timedelta(days=floor(days - lag + _CHINA))
