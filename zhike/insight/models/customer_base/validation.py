"""How well a model of the base foretells what it has not seen: fitted to the first part of a period, told the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from zhike.insight.models.customer_base.base import CustomerBase, Name, fit_base
from zhike.insight.models.customer_base.rows import Rows
from zhike.insight.models.customer_base.special import Floats
from zhike.insight.models.customer_base.summary import WEEK, Summary, purchase_days, summarise
from zhike.insight.models.exact import Integers
from zhike.insight.models.spending import Purchases, relation
from zhike.insight.types import CannotCarry, Days


@dataclass(frozen=True, slots=True)
class Foretold:
    """Customers with `label` repeat purchases before the cut: what they bought after it, on average, and what the model
    expected. `error` is the standard deviation that chance leaves in the actual average."""

    label: str
    customers: int
    actual: float
    expected: float
    error: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """How many customers had `label` repeat purchases before the cut, and how many the model has there."""

    label: str
    actual: int
    expected: float


@dataclass(frozen=True, slots=True)
class Tracked:
    """Repeat purchases from the start to the end of `day`."""

    day: date
    actual: int
    expected: float


@dataclass(frozen=True)
class Validation:
    """The answer, over customers who came before the cut. Errors are in purchases per customer.

    mean_absolute_error and root_mean_square_error of the model, and `baseline_error`, the mean absolute error of
    supposing that everybody goes on at the rate so far. total_error: (expected − actual) / actual purchases after the
    cut. residuals: (actual − expected) in standard deviations of each customer. tracking covers the whole period.
    """

    base: CustomerBase
    summary: Summary
    cut: date
    until: date
    actual: Integers
    expected: Floats
    residuals: Floats
    mean_absolute_error: float
    root_mean_square_error: float
    baseline_error: float
    by_frequency: tuple[Foretold, ...]
    tracking: tuple[Tracked, ...]

    @property
    def total_error(self) -> float:
        """Part by which the total after the cut was over- or (negative) underestimated."""
        return float(self.expected.sum() / self.actual.sum() - 1)

    @cached_property
    def fitted(self) -> tuple[Fitted, ...]:
        """Numbers of customers by repeat purchases before the cut, the last for all beyond."""
        return fit_by_frequency(self.base, self.summary.rows)


def validate(
    purchases: Purchases,
    *,
    period: Days,
    cut: date,
    model: Name = "bg_nbd",
    unit: float = WEEK,
    currency: str | None = None,
    acquired: Days | None = None,
    free: bool = False,
    groups: int = 8,
) -> Validation:
    """Fits the model to what was bought before the day `cut` and foretells purchases from it to the period's end.

    Options as for `summarise`; groups: how many frequencies are told apart. Raises CannotCarry as `fit_base` and
    `summarise` do, and no_holdout when nobody of those customers bought from the cut on; ValueError when the cut does
    not lie inside the period.
    """
    if not period.start < cut < period.end:
        raise ValueError("cut: must lie inside the period")
    data = relation(purchases)
    before = Days(period.start, cut)
    summary = summarise(data, period=before, unit=unit, currency=currency, acquired=acquired, free=free)
    base = fit_base(summary, model)
    place, day = _bought(summary, purchase_days(data, period, currency, free), period.start)
    actual = np.bincount(place[day >= (cut - period.start).days], minlength=len(summary))
    if not actual.any():
        raise CannotCarry("no_holdout", "nobody bought from the cut on", customers=len(summary))
    by_day = np.bincount(day, minlength=(period.end - period.start).days)
    tracking = _tracking(base, summary, by_day, period, cut)
    return _judged(base, summary, actual, (cut, period.end), tracking, groups)


def _judged(
    base: CustomerBase,
    summary: Summary,
    actual: Integers,
    between: tuple[date, date],
    tracking: tuple[Tracked, ...],
    groups: int,
) -> Validation:
    horizon = (between[1] - between[0]).days / summary.unit
    outlook = base.by_row(summary.rows, horizon)
    expected = outlook.number[summary.row_of]
    spread = np.sqrt(np.maximum(outlook.square - outlook.number**2, 1e-12))[summary.row_of]
    error = actual - expected
    pace = np.divide(summary.frequency, summary.age, out=np.zeros(len(summary)), where=summary.age > 0)
    return Validation(
        base=base,
        summary=summary,
        cut=between[0],
        until=between[1],
        actual=actual,
        expected=expected,
        residuals=error / spread,
        mean_absolute_error=float(np.abs(error).mean()),
        root_mean_square_error=float(np.sqrt((error**2).mean())),
        baseline_error=float(np.abs(actual - pace * horizon).mean()),
        by_frequency=_by_frequency(summary, actual, expected, spread, groups),
        tracking=tracking,
    )


def fit_by_frequency(base: CustomerBase, rows: Rows, most: int = 7) -> tuple[Fitted, ...]:
    """Numbers of customers with 0, 1, … repeat purchases, and with `most` or more, as they are and as the model has
    them."""
    actual = np.bincount(np.minimum(rows.frequency, most), rows.count, minlength=most + 1)
    ages = np.bincount(rows.age.at, rows.count)
    expected = np.zeros(most + 1)
    for at in np.flatnonzero(ages):
        expected[:most] += ages[at] * base.counts(float(rows.age.values[at]), most - 1)
    expected[most] = rows.customers - expected[:most].sum()
    return tuple(
        Fitted(str(x) if x < most else f"{most}+", int(actual[x]), float(expected[x]))
        for x in range(most + 1)
    )


def _bought(summary: Summary, days: tuple[Integers, Integers], start: date) -> tuple[Integers, Integers]:
    """Place of the customer and day since the start of each purchase by a customer of the summary."""
    keys, day = days
    order = np.argsort(known := summary.customers.to_numpy())
    at = np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)
    place = order[at]
    ours = known[place] == keys
    return place[ours], day[ours] - (start - date(1970, 1, 1)).days


def _by_frequency(
    summary: Summary, actual: Integers, expected: Floats, spread: Floats, groups: int
) -> tuple[Foretold, ...]:
    group = np.minimum(summary.frequency, groups - 1)
    size = np.bincount(group, minlength=groups)
    sums = [np.bincount(group, each, minlength=groups) for each in (actual, expected, spread**2)]
    return tuple(
        Foretold(
            str(x) if x < groups - 1 else f"{x}+",
            int(size[x]),
            float(sums[0][x] / size[x]),
            float(sums[1][x] / size[x]),
            float(np.sqrt(sums[2][x]) / size[x]),
        )
        for x in range(groups)
        if size[x]
    )


def _tracking(
    base: CustomerBase, summary: Summary, bought: Integers, period: Days, cut: date
) -> tuple[Tracked, ...]:
    """Cumulative totals at the end of each week: new customers come as they came, and each buys again as a new customer
    of the model does."""
    size = len(bought)
    first = (cut - period.start).days - 1 - np.rint(summary.age * summary.unit).astype(np.int64)
    came = np.bincount(first, minlength=size)
    ahead = base.newcomers(np.arange(size) / summary.unit)
    expected = np.convolve(came, ahead)[:size]
    actual = np.cumsum(bought - came)
    return tuple(
        Tracked(period.start + timedelta(days=at), int(actual[at]), float(expected[at]))
        for at in range(6, size, 7)
    )
