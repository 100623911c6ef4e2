"""What every model of buying till they die answers; see `dropout`, `pareto` and `steady` for the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zhike.insight.models.customer_base.newton import Score
from zhike.insight.models.customer_base.rows import Rows, sums
from zhike.insight.models.customer_base.special import Floats

Scorer = Callable[[Floats], Score]


@dataclass(frozen=True, slots=True)
class Rates:
    """Of a customer alive at T, at the moment T + v, per unit of time.

    again: E[λ² …], the density of a purchase at v after one at a given earlier moment; first: density of the first
    purchase after T.
    """

    again: Floats
    first: Floats


class Family(Protocol):
    """One model: its likelihood with derivatives, who is alive, and how those alive go on buying."""

    @property
    def name(self) -> str:
        """The name by which the model goes, such as bg_nbd."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters, all positive."""

    def start(self, rows: Rows) -> tuple[float, ...]:
        """Where a search may begin."""

    def scorer(self, rows: Rows) -> Scorer:
        """The log-likelihood of the rows, with derivatives, as a function of the parameters."""

    def alive(self, rows: Rows, values: Floats) -> Floats:
        """P(alive at T) of each row."""

    def clock(self, values: Floats) -> float:
        """The shortest time that matters just after the first purchase."""

    def counts(self, horizon: float, most: int, values: Floats) -> Floats:
        """P(X = 0 … most) of a new customer's repeat purchases in `horizon`."""

    def buying(self, frequency: Floats, age: Floats, ahead: Floats, values: Floats) -> Floats:
        """Density of a purchase at `ahead` (last axis) after T by a customer alive at T, for pairs of x and T."""

    def rates(self, frequency: Floats, age: Floats, ahead: Floats, values: Floats) -> Rates:
        """Further rates at the same moments."""


@dataclass(frozen=True)
class Buying:
    """The part of the likelihood that gamma-Poisson buying up to T gives: Γ(r+x)/Γ(r) α^r (α+T)^−(r+x).

    It needs the marginal counts only; gamma functions of whole steps are sums of logarithms.
    """

    customers: float
    beyond: Floats
    at_age: Floats
    bought_at_age: Floats
    ages: Floats

    @classmethod
    def of(cls, rows: Rows) -> Buying:
        """The marginal counts of the rows."""
        size = len(rows.age.values)
        return cls(
            customers=float(rows.count.sum()),
            beyond=more_than(sums(rows.frequency, rows.count)),
            at_age=sums(rows.age.at, rows.count, size),
            bought_at_age=sums(rows.age.at, rows.count * rows.frequency, size),
            ages=rows.age.values,
        )

    def score(self, r: float, alpha: float) -> Score:
        """Value and derivatives by r and α."""
        n, steps = self.customers, r + np.arange(len(self.beyond))
        until, power = alpha + self.ages, r * self.at_age + self.bought_at_age
        value = self.beyond @ np.log(steps) + n * r * np.log(alpha) - power @ np.log(until)
        by_r = self.beyond @ (1 / steps) + n * np.log(alpha) - self.at_age @ np.log(until)
        by_alpha = n * r / alpha - power @ (1 / until)
        mixed = n / alpha - self.at_age @ (1 / until)
        twice = -n * r / alpha**2 + power @ until**-2
        hessian = np.array([[-(self.beyond @ steps**-2), mixed], [mixed, twice]])
        return Score(float(value), np.array([by_r, by_alpha]), hessian)


def more_than(counts: Floats) -> Floats:
    """For each j how many lie above j, given how many lie at j: Σ over customers of Σ_{j<x} f(j) is Σ_j f(j) · this."""
    return np.asarray(counts.sum() - np.cumsum(counts))[:-1] if len(counts) > 1 else np.zeros(0)


def embed(score: Score, size: int, at: tuple[int, ...] = (0, 1)) -> Score:
    """A score in some of the parameters as one in all of them."""
    gradient, hessian = np.zeros(size), np.zeros((size, size))
    gradient[list(at)] = score.gradient
    hessian[np.ix_(at, at)] = score.hessian
    return Score(score.value, gradient, hessian)


def poisson_mixture(most: int, horizon: Floats | float, r: float, alpha: float) -> Floats:
    """P(0 … most purchases) at rate λ ~ gamma(r, α) by each horizon: the negative binomial, counts on the last axis."""
    n = np.arange(most + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log(r + n[:-1]) - np.log(n[:-1] + 1))])
    horizon = np.asarray(horizon, dtype=np.float64)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        bought = np.where(n > 0, n * np.log(horizon / (alpha + horizon)), 0.0)
    return np.asarray(np.exp(ways + bought + r * np.log(alpha / (alpha + horizon))))


def pace(rows: Rows) -> tuple[float, float]:
    """A first guess of r and α: gamma with the mean rate of purchases and a wide spread."""
    bought = float(rows.count @ rows.frequency)
    time = float(rows.count @ rows.age.values[rows.age.at])
    return 0.5, 0.5 * time / bought
