"""Shifted beta-geometric: contracts that are renewed or not, once a period.

Fader & Hardie 2007, "How to project customer retention", *J. of Interactive Marketing* 21(1); residual lifetime after
Fader & Hardie 2010, *Marketing Science* 29(1). Each customer leaves at the end of a period with a probability of his
own, beta(α, β) over customers: retention of the whole rises with age because those who leave easily leave first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhike.insight.models.customer_base.family import more_than
from zhike.insight.models.customer_base.newton import Fitted, Maximum, Score, maximise, restored
from zhike.insight.models.customer_base.special import Floats, hypergeometric
from zhike.insight.models.exact import Integers
from zhike.insight.types import CannotCarry

NAMES = ("alpha", "beta")

_FEWEST = 10
_MOST = 100_000


@dataclass(frozen=True)
class Contracts(Fitted):
    """A fitted model of `customers` contracts, of which `lost` ended. Parameters: α and β."""

    maximum: Maximum
    customers: int
    lost: int

    def survival(self, periods: int) -> Floats:
        """S(0) = 1, S(1), …, S(periods): the part of a cohort that renewed so often."""
        return np.concatenate([[1.0], np.cumprod(self.retention(periods))])

    def retention(self, periods: int, *, renewals: int = 0) -> Floats:
        """Part renewed at each of the next `periods` occasions among those who renewed `renewals` times."""
        alpha, beta = self.maximum.values
        t = renewals + np.arange(periods)
        return np.asarray((beta + t) / (alpha + beta + t))

    def residual(self, renewals: npt.ArrayLike, discount: float) -> Floats:
        """DERL: expected discounted number of further payments of a customer who has renewed n times and whose next
        renewal is due now, the discount per period: (β+n)/(α+β+n) · ₂F₁(1, β+n+1; α+β+n+1; 1/(1+d)).

        Raises ValueError unless the discount is positive: without one the sum may have no end.
        """
        if not discount > 0:
            raise ValueError("discount: must be positive")
        alpha, beta = self.maximum.values
        n = np.asarray(renewals, dtype=np.float64)
        chance = (beta + n) / (alpha + beta + n)
        z = np.broadcast_to(np.float64(1 / (1 + discount)), n.shape)
        return hypergeometric(1.0, beta + n + 1, alpha + beta + n + 1, z, scale=chance)

    def value(
        self, renewals: npt.ArrayLike, *, payment: npt.ArrayLike, discount: float, z: float = 1.644854
    ) -> tuple[Floats, Floats, Floats]:
        """Residual lifetime value of each contract (payment × DERL) and the interval of that expectation by what is not
        known of the parameters; z = 1.64 for 90 %."""
        n, paid = np.asarray(renewals, dtype=np.float64), np.asarray(payment, dtype=np.float64)
        middle = self.residual(n, discount)
        slopes = []
        for k in range(2):
            sides = [self._moved(k, sign * 1e-4).residual(n, discount) for sign in (1, -1)]
            slopes.append((np.log(sides[0]) - np.log(sides[1])) / 2e-4)
        by_logs = np.stack(slopes)
        error = np.sqrt(np.einsum("k...,kl,l...->...", by_logs, self.maximum.covariance, by_logs))
        value = paid * middle
        return value, value * np.exp(-z * error), value * np.exp(z * error)

    def to_json(self) -> str:
        """All of it; `from_json` restores it exactly."""
        return json.dumps(self.maximum.told() | {"customers": self.customers, "lost": self.lost})

    @classmethod
    def from_json(cls, text: str) -> Contracts:
        """A model as `to_json` wrote it. Raises ValueError or KeyError for anything else."""
        told = json.loads(text)
        return cls(restored(NAMES, told), told["customers"], told["lost"])

    def _moved(self, k: int, by: float) -> Contracts:
        values = self.maximum.values.copy()
        values[k] *= np.exp(by)
        fitted = Maximum(NAMES, values, self.maximum.covariance, self.log_likelihood)
        return Contracts(fitted, self.customers, self.lost)


def fit_contracts(
    renewals: Sequence[int] | Integers, lost: Sequence[bool] | npt.NDArray[np.bool_]
) -> Contracts:
    """The model of contracts, each with the number of its renewals and whether it then ended (else it is still running,
    its next renewal not yet decided).

    Raises CannotCarry: no_customers, too_few, no_losses, no_renewals, not_identified. ValueError for counts
    that cannot be.
    """
    times, ended = np.asarray(renewals), np.asarray(lost, dtype=bool)
    if times.shape != ended.shape or times.ndim != 1:
        raise ValueError("renewals and lost must be lists of one length")
    if times.size and (not np.issubdtype(times.dtype, np.integer) or times.min() < 0 or times.max() > _MOST):
        raise ValueError(f"renewals: must be whole numbers from 0 to {_MOST}")
    survived = more_than(np.bincount(times, minlength=1).astype(np.float64))
    left = np.bincount(times[ended], minlength=1).astype(np.float64)
    return _fitted(survived, left, len(times))


def fit_cohort(standing: Sequence[int]) -> Contracts:
    """The model of one cohort, told as how many stood at the start and after each occasion to renew."""
    counts = np.asarray(standing)
    if counts.ndim != 1 or len(counts) < 2 or (np.diff(counts) > 0).any() or counts.min() < 0:
        raise ValueError("standing: two or more whole numbers that do not rise")
    return _fitted(counts[1:].astype(np.float64), -np.diff(counts).astype(np.float64), int(counts[0]))


def _fitted(survived: Floats, left: Floats, customers: int) -> Contracts:
    """`survived[t]` and `left[t]`: how many renewed, and how many ended, at the occasion t + 1."""
    if not customers:
        raise CannotCarry("no_customers", "there are no contracts")
    if customers < _FEWEST:
        message = f"{customers} contracts are too few: it takes {_FEWEST}"
        raise CannotCarry("too_few", message, customers=customers)
    if not left.sum():
        raise CannotCarry("no_losses", "no contract has ended yet", customers=customers)
    if not survived.sum():
        raise CannotCarry("no_renewals", "no contract was renewed", customers=customers)
    fitted = maximise(lambda values: _score(survived, left, values), (1.0, 2.0), NAMES)
    return Contracts(fitted, customers, int(left.sum()))


def _score(survived: Floats, left: Floats, values: Floats) -> Score:
    """Σ renewed ln((β+t)/(α+β+t)) + Σ ended ln(α/(α+β+t)) with derivatives."""
    alpha, beta = values.tolist()
    size = max(len(survived), len(left))
    stayed, ended = (np.pad(each, (0, size - len(each))) for each in (survived, left))
    t = np.arange(size)
    lived, whole, losses = beta + t, alpha + beta + t, ended.sum()
    due = stayed + ended
    value = stayed @ np.log(lived) + losses * np.log(alpha) - due @ np.log(whole)
    common, bend = due @ (1 / whole), due @ whole**-2
    gradient = np.array([losses / alpha - common, stayed @ (1 / lived) - common])
    hessian = np.array([[bend - losses / alpha**2, bend], [bend, bend - stayed @ lived**-2]])
    return Score(float(value), gradient, hessian)
