"""Gamma-Gamma: what a purchase of a customer is worth on average, learnt from the few there were.

Amounts of a customer are gamma(p, ν), ν differs between customers as gamma(q, γ): Colombo & Jiang 1999; Fader & Hardie
2013, "The Gamma-Gamma model of monetary value", eq. 1a and 5. How much is supposed not to hang on how often.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np

from zhike.insight.models.customer_base.newton import Fitted, Maximum, Score, maximise, restored, total
from zhike.insight.models.customer_base.special import Floats, digamma, log_gamma, trigamma
from zhike.insight.models.customer_base.summary import Summary
from zhike.insight.models.exact import EXACT
from zhike.insight.types import CannotCarry

NAMES = ("p", "q", "gamma")

_FEWEST = 10


@dataclass(frozen=True, slots=True)
class Independence:
    """Correlation of ln(average amount) with ln(purchases) among repeat buyers, with its 95 % interval (Fisher's z)."""

    correlation: float
    low: float
    high: float


@dataclass(frozen=True)
class Spend(Fitted):
    """A fitted model. `customers` bought again and paid; `left_out` bought again but paid nothing in sum.

    Parameters: p, q and γ; γ in the currency.
    """

    maximum: Maximum
    independence: Independence
    customers: int
    left_out: int

    @property
    def mean(self) -> float:
        """Average amount of a purchase over all customers, p γ / (q − 1)."""
        p, q, gamma = self.maximum.values.tolist()
        return float(p * gamma / (q - 1))

    def average(self, summary: Summary) -> Floats:
        """Expected amount of a further purchase of each customer, p (γ + x m) / (p x + q − 1)."""
        return self.moments(summary)[0]

    def moments(self, summary: Summary, part: slice = slice(None)) -> tuple[Floats, Floats, Floats]:
        """For each customer (of a part) E[Z], E[Z Z′] of two purchases and E[Z²] of one; infinite where it has none."""
        p, q, gamma = self.maximum.values.tolist()
        paid, bought = _paid(summary, part)
        shape, rate = p * bought + q, gamma + paid
        mean = p * rate / (shape - 1)
        with np.errstate(divide="ignore"):
            inverse_square = np.where(shape > 2, rate**2 / ((shape - 1) * np.maximum(shape - 2, 0)), np.inf)
        return mean, p * p * inverse_square, p * (p + 1) * inverse_square

    def slopes(self, summary: Summary, part: slice = slice(None)) -> tuple[Floats, Floats, Floats]:
        """Derivatives of E[Z] by ln p, ln q and ln γ."""
        p, q, gamma = self.maximum.values.tolist()
        paid, bought = _paid(summary, part)
        below = p * bought + q - 1
        mean = p * (gamma + paid) / below
        return mean * (1 - p * bought / below), -mean * q / below, p * gamma / below

    def to_json(self) -> str:
        """All of it; `from_json` restores it exactly."""
        found = self.independence
        return json.dumps(
            self.maximum.told()
            | {
                "independence": [found.correlation, found.low, found.high],
                "customers": self.customers,
                "left_out": self.left_out,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Spend:
        """A model as `to_json` wrote it. Raises ValueError or KeyError for anything else."""
        told = json.loads(text)
        independence = Independence(*told["independence"])
        return cls(restored(NAMES, told), independence, told["customers"], told["left_out"])


def fit_spend(summary: Summary, *, dependence: float | None = 0.3) -> Spend:
    """The parameters under which the average amounts of repeat buyers are most likely.

    Customers whose returns ate up what they bought again are left out. Raises CannotCarry: no_repeats, too_few,
    all_equal (amounts), not_identified, no_mean (q ≤ 1), and depends, when the correlation of amounts with frequency is
    surely (its whole interval) beyond ±`dependence`; None turns that check off.
    """
    paid, bought = _paid(summary)
    if not bought.any():
        raise CannotCarry("no_repeats", "no customer bought and paid a second time", customers=len(summary))
    used = bought > 0
    paid, bought = paid[used], bought[used]
    if len(paid) < _FEWEST:
        message = f"{len(paid)} repeat buyers are too few for a model of amounts: it takes {_FEWEST}"
        raise CannotCarry("too_few", message, customers=len(paid))
    average = paid / bought
    if math.isclose(average.min(), average.max(), rel_tol=1e-12):
        raise CannotCarry("all_equal", "all customers pay the same", customers=len(paid))
    found = independence(bought, average)
    if dependence is not None and (found.low > dependence or found.high < -dependence):
        message = f"how much customers pay hangs on how often they buy (correlation {found.correlation:.2f})"
        raise CannotCarry("depends", message, correlation=found.correlation)
    again = int((summary.frequency > 0).sum())
    return Spend(_fit(paid, bought), found, len(paid), again - len(paid))


def independence(bought: Floats, average: Floats) -> Independence:
    """How amounts go with frequency. Where all bought equally often nothing can go with it: 0."""
    x, m = np.log(bought), np.log(average)
    if np.ptp(x) == 0 or np.ptp(m) == 0:
        return Independence(0.0, 0.0, 0.0)
    correlation = float(np.clip(np.corrcoef(x, m)[0, 1], -1 + 1e-15, 1 - 1e-15))
    centre, reach = math.atanh(correlation), 1.959964 / math.sqrt(max(len(x) - 3, 1))
    return Independence(correlation, math.tanh(centre - reach), math.tanh(centre + reach))


def _paid(summary: Summary, part: slice = slice(None)) -> tuple[Floats, Floats]:
    """Money of repeat purchases in the currency and their number; both zero where nothing was paid in sum."""
    money, bought = summary.money[part], summary.frequency[part]
    used = money > 0
    return np.where(used, money / EXACT, 0.0), np.where(used, bought, 0).astype(np.float64)


def _fit(paid: Floats, bought: Floats) -> Maximum:
    """Fits with the mean amount as the unit of money, and puts γ and the likelihood back into the currency."""
    scale = float(paid.sum() / bought.sum())
    fitted = maximise(_Amounts(paid / scale, bought).score, (2.0, 3.0, 1.0), NAMES)
    values = fitted.values * np.array([1.0, 1.0, scale])
    if values[1] <= 1:
        message = "amounts are spread so widely that they have no average (q ≤ 1)"
        raise CannotCarry("no_mean", message, parameters=dict(zip(NAMES, values.tolist(), strict=True)))
    return Maximum(NAMES, values, fitted.covariance, fitted.log_likelihood - len(paid) * math.log(scale))


class _Amounts:
    """The log-likelihood of average amounts; gamma functions only at the distinct numbers of purchases."""

    def __init__(self, paid: Floats, bought: Floats) -> None:
        self.paid, self.bought = paid, bought
        self.times = np.bincount(bought.astype(np.intp)).astype(np.float64)
        self.x = np.flatnonzero(self.times).astype(np.float64)
        self.times = self.times[self.times > 0]
        self.logs = float(bought @ np.log(paid))
        self.minus = float(np.log(paid / bought).sum())

    def score(self, values: Floats) -> Score:
        """Value and derivatives by p, q and γ."""
        p, q, gamma = values.tolist()
        n, x, times = float(len(self.paid)), self.x, self.times
        shape = p * x + q
        value = times @ (log_gamma(shape) - log_gamma(p * x)) - n * log_gamma(q) + n * q * math.log(gamma)
        value += p * self.logs - self.minus
        up, apart = digamma(shape), trigamma(shape)
        gradient = np.array(
            [
                times @ (x * (up - digamma(p * x))) + self.logs,
                times @ up - n * digamma(q) + n * math.log(gamma),
                n * q / gamma,
            ]
        )
        mixed = times @ (x * apart)
        square = times @ (x * x * (apart - trigamma(p * x)))
        hessian = np.array(
            [
                [square, mixed, 0.0],
                [mixed, times @ apart - n * trigamma(q), n / gamma],
                [0.0, n / gamma, -n * q / gamma**2],
            ]
        )
        return Score(float(value), gradient, hessian) + total(
            len(self.paid), lambda part: self._customers(part, p, q, gamma)
        )

    def _customers(self, part: slice, p: float, q: float, gamma: float) -> Score:
        """−Σ (p x + q) ln(γ + x m)."""
        x, whole = self.bought[part], gamma + self.paid[part]
        logs, inverse = np.log(whole), 1 / whole
        shape = p * x + q
        by_p, by_q = x @ inverse, inverse.sum()
        hessian = np.array([[0, 0, -by_p], [0, 0, -by_q], [-by_p, -by_q, shape @ inverse**2]])
        return Score(-float(shape @ logs), np.array([-(x @ logs), -logs.sum(), -(shape @ inverse)]), hessian)
