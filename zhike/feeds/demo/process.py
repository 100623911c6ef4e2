"""When customers buy: a buy-till-you-die process (BG/NBD) in a time that runs faster when people buy more.

Fader, Hardie and Lee 2005, "Counting Your Customers" the Easy Way: while alive a customer buys at a rate
λ ~ Gamma(r, α), after each repeat purchase leaves for good with probability p ~ Beta(a, b). The process runs in its own
time; `Clock` maps it to days so that weekends, months, the Spring Festival and the two shopping festivals show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from zhike.insight.warehouse import calendar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Weights of January to December, Monday to Sunday.
_MONTHS = (0.95, 0.85, 1.0, 0.98, 1.02, 1.05, 0.92, 0.93, 1.03, 1.02, 1.12, 1.1)
_WEEK = (0.93, 0.9, 0.92, 0.96, 1.06, 1.18, 1.05)
_MOST_PURCHASES = 400


@dataclass(frozen=True, slots=True)
class Mix:
    """The heterogeneity of a kind of customers. `alpha` is in days: the mean rate is r / alpha a day."""

    r: float
    alpha: float
    a: float
    b: float


PEOPLE = Mix(0.9, 70.0, 0.8, 2.6)
FIRMS = Mix(1.6, 55.0, 0.6, 4.2)


def day_weight(day: date, holiday: str | None) -> float:
    """How busy a day is, about 1 on average."""
    weight = _MONTHS[day.month - 1] * _WEEK[day.weekday()]
    if holiday == "spring_festival":
        return weight * 0.25
    if (day.month, day.day) == (6, 18):
        return weight * 3.6
    if day.month == 6 and 10 <= day.day <= 20:
        return weight * 1.5
    if (day.month, day.day) == (11, 11):
        return weight * 5.2
    if day.month == 11 and 1 <= day.day <= 13:
        return weight * 1.6
    return weight * 1.12 if holiday == "national_day" else weight


def _stocks_up(day: date, holidays: Mapping[date, str | None]) -> bool:
    """Whether the Spring Festival is one or two weeks away."""
    ahead = (holidays.get(day + timedelta(days=days)) for days in (7, 12))
    return holidays[day] is None and "spring_festival" in ahead


@dataclass(frozen=True, slots=True)
class Clock:
    """Days since `start` against the time of the process, which has as many units as there are days."""

    start: date
    days: int
    ticks: Floats

    @classmethod
    def of(cls, start: date, days: int) -> Clock:
        """A clock over some days."""
        last = start + timedelta(days=days)
        rows = calendar(start.year, last.year).select(["day", "holiday"]).to_pylist()
        holidays = {row["day"]: row["holiday"] for row in rows}
        every = [start + timedelta(days=number) for number in range(days)]
        weights = [
            day_weight(day, holidays[day]) * (1.35 if _stocks_up(day, holidays) else 1) for day in every
        ]
        ticks = np.concatenate([[0.0], np.cumsum(weights)])
        return cls(start, days, ticks * (days / ticks[-1]))

    def to_process(self, days: Floats) -> Floats:
        """The time of the process at some days."""
        return np.interp(days, np.arange(self.days + 1), self.ticks)

    def to_days(self, process: Floats) -> Floats:
        """The days at some time of the process."""
        return np.interp(process, self.ticks, np.arange(self.days + 1))


@dataclass(frozen=True, slots=True)
class Purchases:
    """Purchases in the order of buyers, then time: whose (index of the buyer) and when (time of the process)."""

    buyer: Ints
    at: Floats


def purchases(by: np.random.Generator, mix: Mix, first: Floats, end: float) -> Purchases:
    """All purchases from each buyer's first, at `first`, until `end`, both in the time of the process."""
    count = len(first)
    rate = by.gamma(mix.r, 1 / mix.alpha, count)
    leaves = by.beta(mix.a, mix.b, count)
    alive = np.arange(count)
    at = first.astype(np.float64)
    buyers, times = [alive], [at]
    for _purchase in range(_MOST_PURCHASES):
        at = at + by.exponential(1.0, len(alive)) / np.maximum(rate[alive], 1e-9)
        stays = at < end
        alive, at = alive[stays], at[stays]
        if not len(alive):
            break
        buyers.append(alive)
        times.append(at)
        goes_on = by.random(len(alive)) >= leaves[alive]
        alive, at = alive[goes_on], at[goes_on]
    buyer, moment = np.concatenate(buyers), np.concatenate(times)
    order = np.lexsort((moment, buyer))
    return Purchases(buyer[order], moment[order])
