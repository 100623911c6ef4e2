"""Lifetime value: discounted purchases to a horizon times what each brings, with intervals; equity of base and cohorts.

Fader, Hardie & Lee 2005, "RFM and CLV", *J. of Marketing Research* 42(4): value is margin × expected amount ×
discounted expected purchases. Intervals hold both what chance does to the customer (variance of the number and of the
amounts) and what is not known of the parameters (observed information, delta method).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.customer_base.base import CustomerBase, Outlook, pairs_of
from zhike.insight.models.customer_base.future import worth
from zhike.insight.models.customer_base.newton import chunks
from zhike.insight.models.customer_base.special import Floats, normal_quantile
from zhike.insight.models.customer_base.spend import Spend
from zhike.insight.models.customer_base.summary import YEAR, Summary

Cohort = Literal["month", "quarter", "year"]

_NUDGE = 1e-4
_COLUMNS = ("amount", "purchases", "alive", "none", "value", "chance", "error", "low", "high")
_CHUNK = 8192


@dataclass(frozen=True, slots=True)
class Estimate:
    """A sum over customers. `chance`: standard deviation of the outcome, `error`: of the expectation itself; `low` and
    `high` hold the outcome with the level asked for."""

    customers: int
    value: float
    chance: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class LifetimeValue:
    """One entry per customer of the summary; money in the currency.

    alive: P(alive); purchases: expected number up to the horizon; amount: expected amount of each; value: margin ×
    amounts, discounted; error: standard error of `value` as an expectation; low, high: interval that holds the outcome
    of this customer with probability `level`; none: probability that nothing is bought.
    paying, slopes and covariance: what `total` and `equity` need to tell how sure they are.
    """

    summary: Summary
    horizon: float
    margin: float
    level: float
    alive: Floats
    purchases: Floats
    amount: Floats
    value: Floats
    chance: Floats
    error: Floats
    low: Floats
    high: Floats
    none: Floats
    paying: Paying
    slopes: Floats
    covariance: Floats

    @cached_property
    def total(self) -> Estimate:
        """The customer equity of the base."""
        return _estimates(self, np.zeros(len(self.summary), dtype=np.intp), 1)[0]

    @cached_property
    def table(self) -> pa.Table:
        """customer_key, alive, purchases, amount, value, low, high, error, none."""
        names = ("alive", "purchases", "amount", "value", "low", "high", "error", "none")
        return pa.table(
            {"customer_key": self.summary.customers, **{name: getattr(self, name) for name in names}}
        )

    def equity(self, cohort: Cohort = "month") -> dict[np.datetime64, Estimate]:
        """Customer equity by when customers came, rising; the estimates add up to the total."""
        unit = {"month": "M", "quarter": "M", "year": "Y"}[cohort]
        came = self.summary.first_dates().astype(f"datetime64[{unit}]")
        if cohort == "quarter":
            came = came - came.astype(np.int64) % 3
        names, at = np.unique(came, return_inverse=True)
        estimates = _estimates(self, at.reshape(-1), len(names))
        return dict(zip(names, estimates, strict=True))


def lifetime_value(
    base: CustomerBase,
    summary: Summary,
    *,
    horizon: float,
    spend: Spend | float,
    discount: float = 0.1,
    margin: float = 1.0,
    level: float = 0.9,
) -> LifetimeValue:
    """Value of each customer over the next `horizon` units of time.

    spend: a fitted model of amounts, or one amount for all. discount: per year (0.1 is 10 %), applied at the moment of
    each purchase. margin: the part of an amount that is profit. level: of the intervals.
    Raises ValueError for options that cannot be.
    """
    _check(base, summary, horizon, discount, margin, level)
    rate = math.log1p(discount) / YEAR * base.unit
    outlook = base.by_row(summary.rows, horizon, rate)
    by_logs = _slopes(base, summary, horizon, rate)
    covariance = base.maximum.covariance
    of_number = ((covariance @ by_logs) * by_logs).sum(axis=0)
    paying = Paying(spend, summary, margin)
    found = chunks(
        len(summary), lambda part: _customers(outlook, of_number, paying, part, level), chunk=_CHUNK
    )
    columns = dict(zip(_COLUMNS, np.concatenate(found, axis=1), strict=True))
    return LifetimeValue(
        summary=summary,
        horizon=horizon,
        margin=margin,
        level=level,
        paying=paying,
        slopes=by_logs,
        covariance=covariance,
        **columns,
    )


@dataclass(frozen=True, slots=True)
class Paying:
    """What a purchase brings: amounts times the margin."""

    spend: Spend | float
    summary: Summary
    margin: float

    @property
    def covariance(self) -> Floats:
        """That of the parameters."""
        return self.spend.maximum.covariance if isinstance(self.spend, Spend) else np.zeros((0, 0))

    def moments(self, part: slice) -> tuple[Floats, Floats, Floats]:
        """E[Z], E[Z Z′] and E[Z²] of a part of the customers."""
        if isinstance(self.spend, Spend):
            mean, two, square = self.spend.moments(self.summary, part)
        else:
            mean = np.full(len(self.summary.frequency[part]), float(self.spend))
            two = square = mean * mean
        return self.margin * mean, self.margin**2 * two, self.margin**2 * square

    def slopes(self, part: slice) -> Floats:
        """Derivatives of E[Z] by the logarithms of the parameters."""
        if isinstance(self.spend, Spend):
            return self.margin * np.stack(self.spend.slopes(self.summary, part))
        return np.zeros((0, len(self.summary.frequency[part])))


def _customers(outlook: Outlook, of_number: Floats, paying: Paying, part: slice, level: float) -> Floats:
    """Columns of the answer for a part of the customers."""
    at = paying.summary.row_of[part]
    (mean, two, square), slopes = paying.moments(part), paying.slopes(part)
    of_amount = ((paying.covariance @ slopes) * slopes).sum(axis=0)
    times = outlook.worth[at]
    value = times * mean
    # E[V²] = E[Z Z'] Σ over pairs + E[Z²] Σ over single purchases; Z does not hang on when or how often.
    second = two * outlook.products[at] + square * outlook.squares[at]
    unknown = mean**2 * of_number[at] + times**2 * of_amount
    chance = np.maximum(second - value**2, 0)
    none = outlook.quiet[at]
    low, high = _interval(value, chance + unknown, none, level)
    first = (mean / paying.margin, outlook.number[at], outlook.alive[at], none, value)
    return np.stack([*first, np.sqrt(chance), np.sqrt(unknown), low, high])


def _interval(value: Floats, variance: Floats, none: Floats, level: float) -> tuple[Floats, Floats]:
    """Quantiles of nothing with probability `none`, else a lognormal value that gives mean and variance their due."""
    some = np.maximum(1 - none, 1e-12)
    mean = np.maximum(value / some, 1e-300)
    spread = np.log(np.maximum((variance + value**2) / some / mean**2, 1.0))
    centre, sigma = np.log(mean) - spread / 2, np.sqrt(spread)
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        share = (tail - none) / some
        inside = np.clip(share, 1e-12, 1 - 1e-12)
        with np.errstate(over="ignore", invalid="ignore"):
            end = np.exp(centre + sigma * normal_quantile(inside))
        # An amount without a variance has no upper end: said by infinity, not by a number made up.
        end = np.where(np.isfinite(spread), end, 0.0 if tail < 0.5 else np.inf)
        ends.append(np.where(share > 0, end, 0.0))
    return ends[0], ends[1]


def _slopes(base: CustomerBase, summary: Summary, horizon: float, rate: float) -> Floats:
    """Derivatives of each row's discounted purchases by the logarithms of the parameters: central differences."""
    rows, family, values = summary.rows, base.family, base.maximum.values
    pairs, at = pairs_of(rows)
    found = []
    for k in range(len(values)):
        sides = []
        for sign in (1, -1):
            moved = values.copy()
            moved[k] *= math.exp(sign * _NUDGE)
            ahead = worth(family, moved, pairs, float(horizon), rate)
            sides.append(family.alive(rows, moved) * ahead[at])
        found.append((sides[0] - sides[1]) / (2 * _NUDGE))
    return np.stack(found)


def _estimates(of: LifetimeValue, group: npt.NDArray[np.intp], size: int) -> list[Estimate]:
    """Sums by group: chance adds up by variances, ignorance of the parameters is common to all."""
    rows_at, amounts = of.summary.row_of, of.paying.slopes(slice(None))
    count = np.bincount(group, minlength=size)
    value = np.bincount(group, of.value, minlength=size)
    chance = np.sqrt(np.bincount(group, of.chance**2, minlength=size))
    margin_mean = of.amount * of.margin
    times = np.divide(of.value, margin_mean, out=np.zeros_like(of.value), where=margin_mean > 0)
    by_number = np.stack(
        [np.bincount(group, margin_mean * slope[rows_at], minlength=size) for slope in of.slopes]
    )
    by_amount = np.array([np.bincount(group, times * slope, minlength=size) for slope in amounts])
    variance = ((of.covariance @ by_number) * by_number).sum(axis=0)
    if len(amounts):
        variance += ((of.paying.covariance @ by_amount) * by_amount).sum(axis=0)
    error = np.sqrt(variance)
    z = float(normal_quantile(np.array([(1 + of.level) / 2]))[0])
    reach = z * np.hypot(chance, error)
    return [
        Estimate(
            int(count[g]),
            float(value[g]),
            float(chance[g]),
            float(error[g]),
            float(max(value[g] - reach[g], 0.0)),
            float(value[g] + reach[g]),
        )
        for g in range(size)
    ]


def _check(
    base: CustomerBase, summary: Summary, horizon: float, discount: float, margin: float, level: float
) -> None:
    if summary.unit != base.unit:
        raise ValueError(f"the model counts in units of {base.unit} days, the summary of {summary.unit}")
    if not (horizon > 0 and math.isfinite(horizon)):
        raise ValueError("horizon: must be positive")
    if not (discount >= 0 and math.isfinite(discount)):
        raise ValueError("discount: must not be negative")
    if not 0 < margin <= 1:
        raise ValueError("margin: must be above 0 and not above 1")
    if not 0 < level < 1:
        raise ValueError("level: must lie between 0 and 1")
