"""Whom to call: the value a call may save against what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.lives import Flags
from zhike.insight.models.churn.survival import Estimate
from zhike.insight.models.customer_base.special import hypergeometric, log_gamma
from zhike.insight.types import CannotCarry


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is done to keep a customer, in one currency. contact: cost of each call; incentive: cost of what is given to
    those who take it; accepts: part of those about to leave who take it and stay; anyway: part of the others who take
    it although they would have stayed."""

    contact: float
    incentive: float = 0.0
    accepts: float = 0.3
    anyway: float = 1.0

    def __post_init__(self) -> None:
        costs = (self.contact, self.incentive)
        if not all(np.isfinite(each) and each >= 0 for each in costs):
            raise ValueError("contact, incentive: must be costs of 0 or more")
        if not (0 <= self.accepts <= 1 and 0 <= self.anyway <= 1):
            raise ValueError("accepts, anyway: must be parts from 0 to 1")

    def gain(self, probability: npt.ArrayLike, value: npt.ArrayLike) -> Floats:
        """Expected gain of contacting each customer, of whom `value` is lost with him."""
        p, worth = np.asarray(probability, dtype=np.float64), np.asarray(value, dtype=np.float64)
        saved = self.accepts * (worth - self.incentive)
        return p * saved - (1 - p) * self.anyway * self.incentive - self.contact

    def threshold(self, value: npt.ArrayLike) -> Floats:
        """The probability from which contacting a customer of this value pays; infinite where it never does."""
        worth = np.asarray(value, dtype=np.float64)
        wasted = self.anyway * self.incentive
        slope = self.accepts * (worth - self.incentive) + wasted
        least = np.divide(self.contact + wasted, slope, out=np.full(slope.shape, np.inf), where=slope > 0)
        return np.where(least <= 1, least, np.inf)


@dataclass(frozen=True)
class ProfitCurve:
    """Customers in the order of their expected gain. expected and realised: gain of contacting the first 0, 1, 2 …;
    chosen: how many have an expected gain above 0, which is the decision; gain: what it brought, with interval (95 %,
    by drawing customers anew); everybody: what contacting all brought."""

    remedy: Remedy
    order: npt.NDArray[np.intp]
    expected: Floats
    realised: Floats
    chosen: int
    gain: Estimate

    @property
    def everybody(self) -> float:
        """Gain of contacting all."""
        return float(self.realised[-1])

    @cached_property
    def best(self) -> tuple[int, float]:
        """How many it would have been best to contact in this order, known afterwards, and the gain of that."""
        at = int(self.realised.argmax())
        return at, float(self.realised[at])

    def table(self, points: int = 100) -> pa.Table:
        """The curve at so many points: contacted, share, expected, realised."""
        last = len(self.order)
        at = np.unique(np.append(np.linspace(0, last, points).astype(np.int64), [self.chosen]))
        return pa.table(
            {
                "contacted": at,
                "share": at / last,
                "expected": self.expected[at],
                "realised": self.realised[at],
            }
        )


def profit_curve(
    probability: Floats,
    lost: Flags,
    value: npt.ArrayLike,
    remedy: Remedy,
    *,
    draws: int = 500,
    seed: int = 1,
) -> ProfitCurve:
    """What contacting customers in the order of their expected gain would have brought, by what happened to them.

    `value`: what is lost with each customer, in the currency of the remedy. Raises ValueError for columns of another
    length and amounts that are none; CannotCarry (no_customers).
    """
    worth = np.broadcast_to(np.asarray(value, dtype=np.float64), probability.shape)
    if probability.shape != lost.shape:
        raise ValueError("probability and lost must be of one length")
    if not np.isfinite(worth).all():
        raise ValueError("value: must be finite amounts")
    if not len(probability):
        raise CannotCarry("no_customers", "there are no customers")
    foreseen = remedy.gain(probability, worth)
    happened = remedy.gain(lost.astype(np.float64), worth)
    order = np.argsort(-foreseen, kind="stable")
    chosen = foreseen > 0
    brought = np.where(chosen, happened, 0.0)
    return ProfitCurve(
        remedy,
        order,
        np.concatenate([[0.0], np.cumsum(foreseen[order])]),
        np.concatenate([[0.0], np.cumsum(happened[order])]),
        int(chosen.sum()),
        _drawn(brought, draws, seed),
    )


def _drawn(gains: Floats, draws: int, seed: int) -> Estimate:
    """The sum, and its interval by Poisson weights of mean 1 for each customer (bootstrap)."""
    random = np.random.default_rng(seed)
    sums = np.array([gains @ random.poisson(1.0, len(gains)) for _ in range(draws)])
    low, high = np.quantile(sums, (0.025, 0.975)) if draws else (np.nan, np.nan)
    return Estimate(float(gains.sum()), float(low), float(high))


@dataclass(frozen=True, slots=True)
class MaximumProfit:
    """Expected maximum profit per customer of the base, and the part of customers contacted for it."""

    profit: float
    contacted: float


def expected_maximum_profit(
    score: Floats,
    lost: Flags,
    *,
    value: float = 200.0,
    incentive: float = 10.0,
    contact: float = 1.0,
    alpha: float = 6.0,
    beta: float = 14.0,
) -> MaximumProfit:
    """EMP of Verbraken, Verbeke & Baesens 2013, *IEEE Trans. Knowl. Data Eng.* 25(5): every customer has the same
    value, the part of leavers who accept is beta(α, β), and each time the best threshold is taken. On the convex hull
    of the ROC curve each corner is best for an interval of that part, whose moments are incomplete beta functions.

    Defaults are those of the paper. Raises ValueError unless value > incentive ≥ 0, contact ≥ 0 and α, β > 1;
    CannotCarry: no_losses, all_lost.
    """
    if not (value > incentive >= 0 and contact >= 0 and alpha > 1 and beta > 1):
        raise ValueError("needed: value > incentive >= 0, contact >= 0, alpha and beta > 1")
    if not lost.any():
        raise CannotCarry("no_losses", "nobody was lost")
    if lost.all():
        raise CannotCarry("all_lost", "nobody stayed")
    found, wrong = _hull(score, lost)
    rate, delta, phi = float(lost.mean()), incentive / value, contact / value
    with np.errstate(divide="ignore"):
        slopes = (1 - rate) * np.diff(wrong) / (rate * np.diff(found))
    ends = np.clip(((delta + phi) * slopes + phi) / (1 - delta), 0.0, 1.0)
    ends = np.concatenate([[0.0], np.maximum.accumulate(ends), [1.0]])
    mass = np.diff(_beta_share(alpha, beta, ends))
    first = np.diff(_beta_share(alpha + 1, beta, ends)) * alpha / (alpha + beta)
    gained = value * (1 - delta) * rate * found * first
    cost = value * (phi * rate * found + (delta + phi) * (1 - rate) * wrong) * mass
    return MaximumProfit(
        float((gained - cost).sum()), float(((rate * found + (1 - rate) * wrong) * mass).sum())
    )


def _hull(score: Floats, lost: Flags) -> tuple[Floats, Floats]:
    """Corners of the upper convex hull of the ROC curve: parts of the lost and of the others above each threshold."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    hits, all_ = np.cumsum(lost[order])[last], last + 1
    y = np.concatenate([[0.0], hits / lost.sum()])
    x = np.concatenate([[0.0], (all_ - hits) / (~lost).sum()])
    kept: list[int] = []
    for at in range(len(x)):
        while len(kept) > 1 and _below(x, y, kept[-2], kept[-1], at):
            kept.pop()
        kept.append(at)
    return y[kept], x[kept]


def _below(x: Floats, y: Floats, a: int, b: int, c: int) -> bool:
    """Whether the corner b lies on or under the line from a to c."""
    return bool((x[b] - x[a]) * (y[c] - y[a]) >= (x[c] - x[a]) * (y[b] - y[a]))


def _beta_share(a: float, b: float, x: Floats) -> Floats:
    """P(X ≤ x) of a beta variable: by its series from the nearer end (Abramowitz & Stegun 26.5.4)."""
    far = x > (a + 1) / (a + b + 2)
    near, first, second = np.where(far, 1 - x, x), np.where(far, b, a), np.where(far, a, b)
    inside = np.clip(near, 1e-300, 1 - 1e-12)
    logs = first * np.log(inside) + second * np.log1p(-inside) - np.log(first)
    logs = logs + log_gamma(first + second) - log_gamma(first) - log_gamma(second)
    tail = np.exp(logs) * hypergeometric(first + second, 1.0, first + 1, inside)
    tail = np.where(near <= 0, 0.0, tail)
    return np.where(far, 1 - tail, tail)
