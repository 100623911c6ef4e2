"""Who bought when: days with purchases by customer, and silence that has become too long.

Without a contract nobody says that he leaves. He counts as lost when he has been silent for longer than k of his own
intervals between purchases (if purchases come at random, a gap of 3 means happens once in e³ = 20), or longer than all
but a small part of the gaps that buyers came back from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias

import duckdb
import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.lives import Flags, Lives, lives_of
from zhike.insight.models.customer_base.rows import sums
from zhike.insight.models.exact import Integers, counts
from zhike.insight.models.spending import Purchases, ask, check_purchases, relation
from zhike.insight.sql import quoted
from zhike.insight.types import CannotCarry, Days

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class PersonalSilence:
    """Longer than `intervals` personal intervals. A personal interval is the mean of the customer's own gaps and of
    `weight` further gaps of the average buyer, so that one who bought twice is not judged by one gap; never less than
    `least` days."""

    intervals: float = 3.0
    weight: float = 2.0
    least: float = 14.0

    def __post_init__(self) -> None:
        if not (self.intervals > 0 and self.weight > 0 and self.least >= 0):
            raise ValueError("intervals and weight must be positive, least not negative")

    def limits(self, gaps: Floats, number: Floats, total: Floats) -> Floats:
        """Days of silence allowed to each customer, of whose gaps `number` and `total` are known."""
        own = (total + self.weight * gaps.mean()) / (number + self.weight)
        return np.asarray(np.maximum(self.intervals * own, self.least))


@dataclass(frozen=True, slots=True)
class QuantileSilence:
    """Longer than this part of all gaps between purchases, for everybody alike."""

    share: float = 0.95
    least: float = 14.0

    def __post_init__(self) -> None:
        if not (0 < self.share < 1 and self.least >= 0):
            raise ValueError("share must lie between 0 and 1, least not be negative")

    def limits(self, gaps: Floats, number: Floats, total: Floats) -> Floats:
        """Days of silence allowed to each customer."""
        return np.full(len(number), max(float(np.quantile(gaps, self.share)), self.least))


Silence: TypeAlias = PersonalSilence | QuantileSilence


@dataclass(frozen=True)
class History:
    """Days on which something was bought or brought back, by customer and day, all known before the day `until`.

    at: place of the customer in `customers`; day: since 1970-01-01; money: net amount and back: amount brought back,
    both in 1/10,000 of the currency; lines: lines bought. first: each customer's first day with a purchase.
    """

    customers: pa.Array
    at: Integers
    day: Integers
    money: Integers
    back: Integers
    lines: Integers
    first: Integers
    until: date

    @property
    def bought(self) -> Flags:
        """Days on which more was bought than brought back."""
        return np.asarray(self.money > 0)

    def of(self, rows: Flags) -> History:
        """Only these days; customers stay as they are."""
        names = ("at", "day", "money", "back", "lines")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def history_of(purchases: Purchases, *, until: date, currency: str | None = None) -> History:
    """Purchases (as for `spending`: customer_key, occurred_date, amount; used where present: currency) before `until`.

    Raises CannotCarry when nobody bought, in several currencies and none was chosen, or for amounts that cannot be;
    ValueError for a missing column.
    """
    rows = relation(purchases)
    check_purchases(rows, Days(date.min, until), currency)
    within = f"customer_key IS NOT NULL AND occurred_date < DATE '{until}'"
    if currency is not None:
        within += f" AND currency = {quoted(currency)}"
    try:
        found = ask(rows, _by_day(within))
    except duckdb.DataError as error:
        message = "an amount is not a number or beyond all amounts"
        raise CannotCarry("absurd_amounts", message, error=str(error)) from None
    customers, at = _coded(found["customer_key"].combine_chunks())
    money, day = counts(found["money"]), found["day"].to_numpy()
    first = np.full(len(customers), np.iinfo(np.int64).max)
    np.minimum.at(first, at[money > 0], day[money > 0])
    if not (money > 0).any():
        raise CannotCarry("no_purchases", "nobody bought anything", customers=len(customers))
    return History(customers, at, day, money, counts(found["back"]), found["lines"].to_numpy(), first, until)


def _by_day(within: str) -> str:
    exact = "CAST(amount AS DECIMAL(18,4))"
    return f"""SELECT customer_key, datediff('day', DATE '1970-01-01', occurred_date) AS day,
                      CAST(coalesce(sum({exact}), 0) AS DECIMAL(18,4)) AS money,
                      CAST(-coalesce(sum({exact}) FILTER (amount < 0), 0) AS DECIMAL(18,4)) AS back,
                      count(*) FILTER (amount > 0) AS lines
               FROM purchases WHERE {within} GROUP BY customer_key, occurred_date
               ORDER BY customer_key, day"""  # noqa: S608


def _coded(keys: pa.Array) -> tuple[pa.Array, Integers]:
    coded = keys.dictionary_encode()
    return coded.dictionary, coded.indices.to_numpy().astype(np.int64)


@dataclass(frozen=True)
class Silences:
    """How long customers who bought in the days before `as_of` have been silent, one entry each.

    customers: places in the history; purchases: days with one; last: day of the last (since 1970); silent: days since;
    limit: days of silence allowed; first: day of the first purchase ever.
    """

    history: History
    as_of: date
    customers: Integers
    purchases: Integers
    last: Integers
    limit: Floats
    gaps: tuple[Floats, Floats, Floats]

    @property
    def silent(self) -> Integers:
        """Days since the last purchase."""
        return np.asarray(day_number(self.as_of) - self.last)

    @property
    def lost(self) -> Flags:
        """Silent for longer than allowed."""
        return np.asarray(self.silent > self.limit)

    @property
    def lost_days(self) -> Floats:
        """The day (since 1970) on which the silence became too long, or will."""
        return np.asarray(np.floor(self.last + self.limit) + 1)

    @property
    def table(self) -> pa.Table:
        """customer_key, purchases, last_date, silent, limit, lost, lost_date (when it is or will be)."""
        days = [self.last, np.minimum(self.lost_days, 2_000_000).astype(np.int64)]
        last, lost = (pa.array(each.astype("datetime64[D]")) for each in days)
        return pa.table(
            {
                "customer_key": self.history.customers.take(pa.array(self.customers)),
                "purchases": self.purchases,
                "last_date": last,
                "silent": self.silent,
                "limit": self.limit,
                "lost": self.lost,
                "lost_date": lost,
            }
        )

    def lives(self) -> Lives:
        """From the first purchase to the day the silence became too long, or to now; in days."""
        end = np.where(self.lost, self.lost_days, day_number(self.as_of))
        return lives_of(end - self.history.first[self.customers], self.lost)


def silences(
    history: History, *, as_of: date, window: int = 365, definition: Silence | None = None
) -> Silences:
    """Who bought in the `window` days before `as_of`, how long ago, and whether that is too long. Nothing from `as_of`
    on is looked at. Raises CannotCarry: no_purchases, no_repeats (nobody bought twice, so that no interval is
    known); ValueError when `as_of` lies beyond what the history knows."""
    if as_of > history.until:
        raise ValueError(f"as_of: the history ends before {history.until}")
    now = day_number(as_of)
    part = history.of(history.bought & (history.day < now) & (history.day >= now - window))
    if not len(part.at):
        raise CannotCarry("no_purchases", "nobody bought anything in the window", as_of=as_of.isoformat())
    whose, starts, number = np.unique(part.at, return_index=True, return_counts=True)
    ends = starts + number - 1
    gap: Floats = np.diff(part.day)[np.diff(part.at) == 0].astype(np.float64)
    if not len(gap):
        raise CannotCarry("no_repeats", "nobody bought on two days in the window", customers=len(whose))
    total = (part.day[ends] - part.day[starts]).astype(np.float64)
    of = np.repeat(np.arange(len(whose)), number - 1)
    squares = sums(of, gap**2, len(whose))
    gaps = np.asarray(number - 1, dtype=np.float64)
    limit = (definition or PersonalSilence()).limits(gap, gaps, total)
    return Silences(history, as_of, whose, number, part.day[ends], limit, (gaps, total, squares))


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The day so many days after 1970-01-01."""
    return _EPOCH + timedelta(days=number)
