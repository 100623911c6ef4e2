"""Pareto/NBD: customers buy at rate λ ~ gamma(r, α) until they die at rate μ ~ gamma(s, β).

Schmittlein, Morrison & Colombo 1987, *Management Science* 33(1). The likelihood is kept as the integral over the moment
of death (Fader & Hardie 2005, "A note on deriving the Pareto/NBD model", eq. 13–17) and integrated by Gauss–Legendre
in the logarithm of time: it has no cancelling hypergeometric terms and exact derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.insight.models.customer_base.family import Buying, Rates, Scorer, embed, pace, poisson_mixture
from zhike.insight.models.customer_base.newton import Score, chunks, total
from zhike.insight.models.customer_base.rows import Rows
from zhike.insight.models.customer_base.special import Floats, gauss_legendre

_NODES = 20
_STEEP = 45.0
_CHUNK = 480


@dataclass(frozen=True, slots=True)
class Pareto:
    """L = Γ(r+x)/Γ(r) α^r β^s [(α+T)^−(r+x) (β+T)^−s + s ∫ from t_x to T of (α+u)^−(r+x) (β+u)^−(s+1) du]."""

    name: str = "pareto_nbd"
    names: tuple[str, ...] = ("r", "alpha", "s", "beta")

    def start(self, rows: Rows) -> tuple[float, ...]:
        """The mean rate, and lives about as long as the time seen."""
        r, alpha = pace(rows)
        seen = float(rows.count @ rows.age.values[rows.age.at]) / rows.customers
        return r, alpha, 0.5, max(0.5 * seen, 1e-3)

    def scorer(self, rows: Rows) -> Scorer:
        """The log-likelihood with derivatives: that of buying to T, plus ln(alive + died) relative to it."""
        buying = Buying.of(rows)

        def score(values: Floats) -> Score:
            lives = _Lives(rows, values)
            bought = embed(buying.score(float(values[0]), float(values[1])), 4)
            return bought + total(len(rows), lives.score, chunk=_CHUNK)

        return score

    def alive(self, rows: Rows, values: Floats) -> Floats:
        """The first term's part of the likelihood."""
        return np.concatenate(chunks(len(rows), _Lives(rows, values).alive, chunk=_CHUNK))

    def clock(self, values: Floats) -> float:
        """The smaller of α and β."""
        return float(min(values[1], values[3]))

    def counts(self, horizon: float, most: int, values: Floats) -> Floats:
        """Alive at the end with n purchases, or dead at a moment before, averaged over that moment."""
        r, alpha, s, beta = values.tolist()
        low = min(alpha, beta)
        at, weight = gauss_legendre(_NODES)
        reach = np.log1p(horizon / low)
        death = low * np.expm1(reach * at)
        density = s / beta * (1 + death / beta) ** -(s + 1) * weight * reach * (death + low)
        bought = poisson_mixture(most, np.append(death, horizon), r, alpha)
        return np.asarray(np.append(density, (1 + horizon / beta) ** -s) @ bought)

    def buying(self, frequency: Floats, age: Floats, ahead: Floats, values: Floats) -> Floats:
        """Given x, T and life, λ ~ gamma(r + x, α + T) and μ ~ gamma(s, β + T) are independent."""
        r, alpha, s, beta = values
        return np.asarray((r + frequency) / (alpha + age) * (1 + ahead / (beta + age)) ** -s)

    def rates(self, frequency: Floats, age: Floats, ahead: Floats, values: Floats) -> Rates:
        """Two purchases, and the first, each while life lasts."""
        r, alpha, s, beta = values
        shape, until = r + frequency, alpha + age
        lasts = (1 + ahead / (beta + age)) ** -s
        return Rates(
            again=shape * (shape + 1) / until**2 * lasts,
            first=shape / until * (1 + ahead / until) ** -(shape + 1) * lasts,
        )


PARETO_NBD = Pareto()


class _Lives:
    """Each row's terms at the nodes of its integral, relative to (α+T)^−(r+x)."""

    def __init__(self, rows: Rows, values: Floats) -> None:
        self.rows = rows
        self.r, self.alpha, self.s, self.beta = values.tolist()

    def _nodes(self, part: slice) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """α+u, β+u, their logarithms and ln of (weight × integrand / (α+T)^−(r+x)), one line of nodes per row.

        The variable is ln(c + u) with c the smaller of α and β. The integrand falls from t_x on at least as steeply as
        at t_x, so that what lies beyond 45 times that scale is below the rounding error.
        """
        rows = self.rows
        time, age = rows.recency.values[rows.recency.at[part]], rows.age.values[rows.age.at[part]]
        shape = self.r + rows.frequency[part]
        low = min(self.alpha, self.beta)
        begin, end = np.log(low + time), np.log(low + age)
        steep = (low + time) * (shape / (self.alpha + time) + (self.s + 1) / (self.beta + time)) - 1
        length = np.minimum(end - begin, _STEEP / np.maximum(steep, 1e-9))
        at, weight = gauss_legendre(_NODES)
        u = np.exp(begin[:, None] + length[:, None] * at)
        buys, lives = u + (self.alpha - low), u + (self.beta - low)
        log_buys, log_lives = np.log(buys), np.log(lives)
        term = (shape * np.log(self.alpha + age))[:, None] - shape[:, None] * log_buys
        term -= (self.s + 1) * log_lives
        with np.errstate(divide="ignore"):
            term += np.log(self.s * weight * length[:, None]) + np.log(u)
        return buys, lives, log_buys, log_lives, term

    def _shares(self, part: slice) -> tuple[Floats, Floats, Floats, tuple[Floats, Floats, Floats, Floats]]:
        """ln of both terms together, and the share of each node and of life at T in them."""
        *nodes, term = self._nodes(part)
        until = self.beta + self.rows.age.values[self.rows.age.at[part]]
        alive = -self.s * np.log(until)
        top = np.maximum(term.max(axis=1), alive)
        died = np.exp(term - top[:, None])
        alive = np.exp(alive - top)
        whole = alive + died.sum(axis=1)
        return top + np.log(whole), alive / whole, died / whole[:, None], (*nodes,)  # type: ignore[return-value]

    def alive(self, part: slice) -> Floats:
        """P(alive)."""
        return self._shares(part)[1]

    def score(self, part: slice) -> Score:
        """Each term is e^φ: the gradient of ln Σ e^φ is the mean of ∇φ over the shares, its second derivative the
        mean of ∇²φ plus the spread of ∇φ (all relative to buying up to T)."""
        count = self.rows.count[part]
        value, alive, died, (buys, lives, log_buys, log_lives) = self._shares(part)
        age = self.rows.age.values[self.rows.age.at[part]]
        shape = (self.r + self.rows.frequency[part])[:, None]
        until, end = (self.alpha + age)[:, None], self.beta + age
        near, far = 1 / buys - 1 / until, 1 / lives
        slopes = (
            np.log(until) - log_buys,
            -shape * near,
            1 / self.s - log_lives,
            -(self.s + 1) * far,
        )
        living = (0.0, 0.0, -np.log(end), -self.s / end)
        mean = np.stack([np.einsum("ik,ik->i", died, each) for each in slopes])
        mean += np.stack([alive * each for each in living])
        weighed = died * count[:, None]
        hessian = -(mean * count) @ mean.T
        products = np.array([[np.vdot(weighed * one, two) for two in slopes] for one in slopes])
        lived = np.stack([np.broadcast_to(each, len(count)) for each in living])
        hessian += products + (lived * (count * alive)) @ lived.T
        hessian += self._bend(weighed, count * alive, shape, near, far, until, buys, end)
        constant = len(count) and float(count.sum())
        gradient = mean @ count + np.array(
            [0, 0, constant * np.log(self.beta), constant * self.s / self.beta]
        )
        hessian[2, 3] += constant / self.beta
        hessian[3, 2] += constant / self.beta
        hessian[3, 3] -= constant * self.s / self.beta**2
        return Score(float(count @ value + constant * self.s * np.log(self.beta)), gradient, hessian)

    def _bend(
        self,
        died: Floats,
        alive: Floats,
        shape: Floats,
        near: Floats,
        far: Floats,
        until: Floats,
        buys: Floats,
        end: Floats,
    ) -> Floats:
        """Σ of ∇²φ over nodes and rows by their weights."""
        bend = np.zeros((4, 4))
        bend[0, 1] = bend[1, 0] = -np.vdot(died, near)
        bend[1, 1] = np.vdot(died * shape, near * (1 / buys + 1 / until))
        bend[2, 2] = -died.sum() / self.s**2
        bend[2, 3] = bend[3, 2] = -np.vdot(died, far) - alive @ (1 / end)
        bend[3, 3] = (self.s + 1) * np.vdot(died, far * far) + self.s * (alive @ end**-2)
        return bend
