"""NBD: gamma-distributed rates, nobody ever dies (Ehrenberg 1959, *Applied Statistics* 8(1)): the model to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.insight.models.customer_base.family import Buying, Rates, Scorer, pace, poisson_mixture
from zhike.insight.models.customer_base.rows import Rows
from zhike.insight.models.customer_base.special import Floats


@dataclass(frozen=True, slots=True)
class Steady:
    """Purchases at rate λ for ever, λ ~ gamma(r, α)."""

    name: str = "nbd"
    names: tuple[str, ...] = ("r", "alpha")

    def start(self, rows: Rows) -> tuple[float, ...]:
        """The mean rate."""
        return pace(rows)

    def scorer(self, rows: Rows) -> Scorer:
        """The log-likelihood with derivatives."""
        buying = Buying.of(rows)
        return lambda values: buying.score(float(values[0]), float(values[1]))

    def alive(self, rows: Rows, values: Floats) -> Floats:
        """All are."""
        return np.ones(len(rows))

    def clock(self, values: Floats) -> float:
        """α."""
        return float(values[1])

    def counts(self, horizon: float, most: int, values: Floats) -> Floats:
        """Negative binomial."""
        return poisson_mixture(most, horizon, float(values[0]), float(values[1]))

    def buying(self, frequency: Floats, age: Floats, ahead: Floats, values: Floats) -> Floats:
        """E[λ]: given x and T, λ is gamma(r + x, α + T)."""
        r, alpha = values
        return np.asarray((r + frequency) / (alpha + age) + np.zeros_like(ahead))

    def rates(self, frequency: Floats, age: Floats, ahead: Floats, values: Floats) -> Rates:
        """E[λ²], and the density of the first purchase."""
        r, alpha = values
        shape, until = r + frequency, alpha + age
        return Rates(
            again=shape * (shape + 1) / until**2 + np.zeros_like(ahead),
            first=shape / until * (1 + ahead / until) ** -(shape + 1),
        )
