"""BG/NBD and MBG/NBD: customers buy at rate λ ~ gamma(r, α) and after each purchase die with p ~ beta(a, b).

BG/NBD: Fader, Hardie & Lee 2005, *Marketing Science* 24(2), eq. 6; who never bought again cannot have died.
MBG/NBD: Batislam, Denizel & Filiztekin 2007, *Int. J. of Research in Marketing* 24(3): the first purchase counts as
well, so that a customer may die right after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.insight.models.customer_base.family import (
    Buying,
    Rates,
    Scorer,
    embed,
    more_than,
    pace,
    poisson_mixture,
)
from zhike.insight.models.customer_base.newton import Score, chunks, total
from zhike.insight.models.customer_base.rows import Rows, sums
from zhike.insight.models.customer_base.special import Floats, hypergeometric
from zhike.insight.models.exact import Integers


@dataclass(frozen=True, slots=True)
class Dropout:
    """`chances`: how many more chances to die than repeat purchases; 0 is BG/NBD, 1 is MBG/NBD.

    With k = x + chances, L = Γ(r+x)/Γ(r) α^r [B(a, b+k) (α+T)^−(r+x) + B(a+1, b+k−1) (α+t_x)^−(r+x)] / B(a, b), the
    second term where k > 0.
    """

    name: str
    chances: int
    names: tuple[str, ...] = ("r", "alpha", "a", "b")

    def start(self, rows: Rows) -> tuple[float, ...]:
        """The mean rate, and one chance in four of dying."""
        return (*pace(rows), 1.0, 3.0)

    def scorer(self, rows: Rows) -> Scorer:
        """The log-likelihood with derivatives: ln of the first term plus ln(1 + second / first)."""
        buying = Buying.of(rows)
        survived = more_than(sums(rows.frequency + self.chances, rows.count))

        def score(values: Floats) -> Score:
            r, alpha, a, b = values.tolist()
            both = embed(buying.score(r, alpha), 4) + embed(_survival(survived, a, b), 4, (2, 3))
            return both + total(len(rows), _Deaths(rows, values, self.chances).score)

        return score

    def alive(self, rows: Rows, values: Floats) -> Floats:
        """1 / (1 + second term / first term)."""
        deaths = _Deaths(rows, values, self.chances)
        return np.concatenate(chunks(len(rows), deaths.alive))

    def clock(self, values: Floats) -> float:
        """α."""
        return float(values[1])

    def counts(self, horizon: float, most: int, values: Floats) -> Floats:
        """Alive at the end with n purchases, or dead after the n-th (Fader, Hardie & Lee 2005, eq. 8)."""
        r, alpha, a, b = values.tolist()
        bought = poisson_mixture(most, horizon, r, alpha)
        chance = np.arange(most + 1 + self.chances)
        survives = np.concatenate([[1.0], np.cumprod((b + chance) / (a + b + chance))])
        k = np.arange(most + 1) + self.chances
        dies = np.where(k > 0, survives[k - 1] - survives[k], 0.0)
        reached = 1 - np.concatenate([[0.0], np.cumsum(bought)[:-1]])
        return np.asarray(survives[k] * bought + dies * reached)

    def buying(self, frequency: Floats, age: Floats, ahead: Floats, values: Floats) -> Floats:
        """λ given x, T and life is gamma(r + x, α + T), p is beta(a, b + k), and life lasts to v with e^(−λpv)."""
        r, alpha, a, b = values
        shape, until, left = r + frequency, alpha + age, b + frequency + self.chances
        return np.asarray(shape / until * _thinned(shape + 1, a, left, ahead / until))

    def rates(self, frequency: Floats, age: Floats, ahead: Floats, values: Floats) -> Rates:
        """After a purchase that did not kill, p is beta(a, b + k + 1)."""
        r, alpha, a, b = values
        shape, until, left = r + frequency, alpha + age, b + frequency + self.chances
        y = ahead / until
        survives = left / (a + left)
        return Rates(
            again=shape * (shape + 1) / until**2 * survives * _thinned(shape + 2, a, left + 1, y),
            first=shape / until * (1 + y) ** -(shape + 1),
        )


BG_NBD = Dropout("bg_nbd", 0)
MBG_NBD = Dropout("mbg_nbd", 1)


def _survival(survived: Floats, a: float, b: float) -> Score:
    """Σ ln B(a, b+k)/B(a, b) with derivatives by a and b."""
    step = np.arange(len(survived))
    lived, chance = b + step, a + b + step
    value = survived @ (np.log(lived) - np.log(chance))
    by_a = -(survived @ (1 / chance))
    twice = survived @ chance**-2
    hessian = np.array([[twice, twice], [twice, twice - survived @ lived**-2]])
    return Score(float(value), np.array([by_a, by_a + survived @ (1 / lived)]), hessian)


def _thinned(power: Floats, a: float, b: Floats, y: Floats) -> Floats:
    """E[(1 + p y)^−power] for p ~ beta(a, b): ₂F₁(power, a; a+b; −y) in that form of Pfaff's (Abramowitz & Stegun
    15.3.4–5) in which terms fall fast and do not cancel."""
    c = a + b
    z = y / (1 + y)
    rest = np.asarray(c - power + 0 * z)
    cancels = (rest < -5) & (rest < -0.3 * c)
    found = hypergeometric(np.where(cancels, 0.0, rest), a, c, z, scale=(1 + y) ** -a)
    if cancels.any():
        plain = hypergeometric(
            power + 0 * z[cancels] if np.ndim(power) == 0 else np.broadcast_to(power, z.shape)[cancels],
            np.broadcast_to(b, z.shape)[cancels],
            np.broadcast_to(c, z.shape)[cancels],
            z[cancels],
            scale=((1 + y) ** -power)[cancels],
        )
        found[cancels] = plain
    return found


class _Deaths:
    """D = ln(second term / first term) of each row, and what follows from it."""

    def __init__(self, rows: Rows, values: Floats, chances: int) -> None:
        self.rows, (self.r, self.alpha, self.a, self.b) = rows, values.tolist()
        self.time, self.until = self.alpha + rows.recency.values, self.alpha + rows.age.values
        self.log_time, self.log_until = np.log(self.time), np.log(self.until)
        x = np.arange(int(rows.frequency.max()) + 1)
        with np.errstate(divide="ignore"):
            # Without a chance to die the second term is absent: ln(a / ∞) = −∞.
            last = np.where(x + chances > 0, self.b + x + chances - 1, np.inf)
            self.inverse = 1 / last
            self.odds = np.log(self.a * self.inverse)

    def ratio(self, part: slice) -> tuple[Integers, Floats, Floats]:
        """x, ln((α+T)/(α+t_x)) and D."""
        rows = self.rows
        x = rows.frequency[part]
        gap = self.log_until[rows.age.at[part]] - self.log_time[rows.recency.at[part]]
        return x, gap, (self.r + x) * gap + self.odds[x]

    def alive(self, part: slice) -> Floats:
        """P(alive)."""
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(self.ratio(part)[2]))

    def score(self, part: slice) -> Score:
        """Σ ln(1 + e^D) with derivatives: p = e^D/(1 + e^D) weighs those of D, p(1 − p) their products."""
        rows, count = self.rows, self.rows.count[part]
        x, gap, d = self.ratio(part)
        small = np.exp(-np.abs(d))
        value = float(count @ (np.maximum(d, 0) + np.log1p(small)))
        dead = np.where(d > 0, 1.0, small) / (1 + small)
        weight = count * dead
        spread = weight * (1 - dead)
        until, time = self.until[rows.age.at[part]], self.time[rows.recency.at[part]]
        near, far = 1 / time, 1 / until
        shape, inverse = self.r + x, self.inverse[x]
        slope = shape * (far - near)
        first = np.stack([gap, slope, np.full(len(x), 1 / self.a), -inverse])
        hessian = (first * spread) @ first.T
        hessian[0, 1] += (mixed := weight @ (far - near))
        hessian[1, 0] += mixed
        hessian[1, 1] += weight @ (shape * (near - far) * (near + far))
        hessian[2, 2] -= weight.sum() / self.a**2
        hessian[3, 3] += weight @ inverse**2
        return Score(value, first @ weight, hessian)
