"""The partial likelihood of proportional hazards with Efron's treatment of ties, its derivatives and the baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.lives import Lives
from zhike.insight.models.customer_base.rows import sums


@dataclass(frozen=True, slots=True)
class Score:
    """The log-likelihood with its first and second derivatives by the coefficients."""

    value: float
    gradient: Floats
    hessian: Floats


@dataclass(frozen=True, slots=True)
class _Sums:
    """By time of loss: Σ w and Σ w x over those at risk (S) and over those lost then (D), and by single loss the
    denominator S − (l / d) D with l / d."""

    weight: Floats
    risk: Floats
    risk_x: Floats
    lost_x: Floats
    denominator: Floats
    part: Floats


class Partial:
    """The likelihood over customers sorted once by time. `x` is customers × features, near zero and of one scale."""

    def __init__(self, lives: Lives, x: Floats) -> None:
        order = np.argsort(lives.stayed, kind="stable")
        self._x, self._lost = np.ascontiguousarray(x[order]), lives.lost[order]
        stayed, entered = lives.stayed[order], lives.entered[order]
        self.times, self._count = np.unique(stayed[self._lost], return_counts=True)
        # How many times of loss lie at or before the end of each stay, and before each entry.
        self._until = np.searchsorted(self.times, stayed, "right")
        late = np.flatnonzero(entered > 0)
        self._late = late[np.argsort(entered[late], kind="stable")]
        self._entered = np.searchsorted(self.times, entered[self._late], "right")
        self._begin = np.searchsorted(stayed, self.times, "left")
        self._late_begin = np.searchsorted(entered[self._late], self.times, "left")
        self._of = np.searchsorted(self.times, stayed[self._lost])
        self._each = np.repeat(np.arange(len(self.times)), self._count)
        starts = np.cumsum(self._count) - self._count
        self._part = (np.arange(len(self._each)) - np.repeat(starts, self._count)) / self._count[self._each]
        self._total = self._x[self._lost].sum(axis=0)

    def score(self, beta: Floats) -> Score:
        """Value and derivatives at these coefficients."""
        found = self._sums(beta)
        eta = self._x[self._lost] @ beta
        value = float(eta.sum() - np.log(found.denominator).sum()) + self._shift(beta)
        once, part = 1 / found.denominator, found.part / found.denominator
        a, b = self._by_time(once), self._by_time(part)
        gradient = self._total - a @ found.risk_x + b @ found.lost_x
        return Score(value, gradient, self._outer(found, once) - self._squares(found.weight, a, b))

    def baseline(self, beta: Floats) -> tuple[Floats, Floats]:
        """Times of loss and the cumulated hazard there for x = 0, with Efron's ties."""
        steps = self._by_time(1 / self._sums(beta).denominator)
        return self.times, np.asarray(np.cumsum(steps) * np.exp(-self._top(beta)))

    def _top(self, beta: Floats) -> float:
        return float((self._x @ beta).max())

    def _shift(self, beta: Floats) -> float:
        # Weights are taken against the largest, so that none overflows; each loss has one denominator.
        return -self._top(beta) * len(self._each)

    def _sums(self, beta: Floats) -> _Sums:
        eta = self._x @ beta
        weight = np.exp(eta - eta.max())
        weighted = weight[:, None] * self._x
        risk, risk_x = self._at_risk(weight), self._at_risk(weighted)
        size = len(self.times)
        lost = sums(self._of, weight[self._lost], size)
        lost_x = np.column_stack([sums(self._of, each, size) for each in weighted[self._lost].T])
        denominator = risk[self._each] - self._part * lost[self._each]
        return _Sums(weight, risk, risk_x, lost_x, denominator, self._part)

    def _at_risk(self, values: Floats) -> Floats:
        """Sums over who had not left, less who had not come yet."""
        whole = _from_the_end(values)[self._begin]
        if len(self._late):
            whole = whole - _from_the_end(values[self._late])[self._late_begin]
        return whole

    def _by_time(self, values: Floats) -> Floats:
        return sums(self._each, values, len(self.times))

    def _squares(self, weight: Floats, a: Floats, b: Floats) -> Floats:
        """Σ over losses of S₂ / S₀: each customer weighs by the hazard that passed while observed."""
        passed = np.concatenate([[0.0], np.cumsum(a)])
        share = passed[self._until]
        share[self._late] -= passed[self._entered]
        share[self._lost] -= b[self._of]
        return np.asarray((self._x * (weight * share)[:, None]).T @ self._x)

    def _outer(self, found: _Sums, once: Floats) -> Floats:
        """Σ over losses of (S₁ / S₀)(S₁ / S₀)ᵀ, S₁ less its part of the tied ones."""
        square = once**2
        plain, mixed, tied = (self._by_time(square * found.part**power)[:, None] for power in (0, 1, 2))
        across = (found.risk_x * mixed).T @ found.lost_x
        own = (found.risk_x * plain).T @ found.risk_x + (found.lost_x * tied).T @ found.lost_x
        return np.asarray(own - across - across.T)


def _from_the_end(values: Floats) -> Floats:
    """Sums of this and all later entries, and 0 after the last."""
    found = np.zeros((len(values) + 1, *values.shape[1:]))
    found[:-1] = np.cumsum(values[::-1], axis=0)[::-1]
    return found
