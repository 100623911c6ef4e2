"""What a customer alive at T does up to a horizon: moments of the number and of the discounted number of purchases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zhike.insight.models.customer_base.family import Family
from zhike.insight.models.customer_base.newton import chunks
from zhike.insight.models.customer_base.special import Floats, gauss_legendre

_NODES = 16
_SERIES = 24
_CHUNK = 512


@dataclass(frozen=True)
class Future:
    """Of a customer alive at T, with D = Σ e^(−δ v) over purchases at T + v.

    number: E[N]; pairs: E[N(N−1)]; worth: E[D]; squares: E[Σ e^(−2δv)]; products: E[D²] − squares; quiet: P(N = 0).
    """

    number: Floats
    pairs: Floats
    worth: Floats
    squares: Floats
    products: Floats
    quiet: Floats


@dataclass(frozen=True)
class Pairs:
    """Distinct x and T of customers alive."""

    frequency: Floats
    age: Floats


def future(
    family: Family, values: Floats, pairs: Pairs, horizon: Floats | float, rate: float = 0.0
) -> Future:
    """Moments for pairs of x and T up to T + `horizon` (one for all, or one each), discounted at `rate` δ per unit.

    Purchases come with density `buying` at v, and two of them at u < v with `again` at v whatever u: the sums over
    pairs are single integrals, 2 ∫ v again(v) dv and 2 ∫ e^(−δv) (1 − e^(−δv))/δ again(v) dv. Gauss–Legendre over the
    logarithm of time.
    """

    def moments(frequency: Floats, age: Floats, horizon: Floats) -> Floats:
        ahead, step = _moments_ahead(family, values, age, horizon)
        at = (frequency[:, None], age[:, None], ahead, values)
        rates = family.rates(*at)
        fade = np.exp(-rate * ahead)
        since = -np.expm1(-rate * ahead) / rate if rate else ahead
        buying, again = family.buying(*at) * step, rates.again * step
        sums = (buying, 2 * again * ahead, buying * fade, buying * fade * fade, 2 * again * fade * since)
        return np.stack([each.sum(axis=1) for each in (*sums, rates.first * step)])

    found = _over(family.clock(values), pairs, horizon, moments)
    found[5] = np.clip(1 - found[5], 0.0, 1.0)
    return Future(*found)


def worth(family: Family, values: Floats, pairs: Pairs, horizon: float, rate: float) -> Floats:
    """E[D] alone, as `future` has it."""

    def moments(frequency: Floats, age: Floats, horizon: Floats) -> Floats:
        ahead, step = _moments_ahead(family, values, age, horizon)
        buying = family.buying(frequency[:, None], age[:, None], ahead, values)
        return np.asarray((buying * step * np.exp(-rate * ahead)).sum(axis=1)[None])

    return np.asarray(_over(family.clock(values), pairs, horizon, moments)[0])


def _moments_ahead(family: Family, values: Floats, age: Floats, horizon: Floats) -> tuple[Floats, Floats]:
    """Nodes of time ahead and their weights, a line for each pair."""
    at, weight = gauss_legendre(_NODES)
    clock = (family.clock(values) + age)[:, None]
    reach = np.log1p(horizon[:, None] / clock)
    ahead = clock * np.expm1(reach * at)
    return ahead, weight * reach * (ahead + clock)


def _over(
    clock: float, pairs: Pairs, horizon: Floats | float, moments: Callable[[Floats, Floats, Floats], Floats]
) -> Floats:
    """The moments of each pair. Many T to few x: from a few T each, for ln of a moment is smooth in ln(clock + T) and
    its Chebyshev series of 24 terms as good as itself."""
    xs, x_at = np.unique(pairs.frequency, return_inverse=True)
    ages, age_at = np.unique(pairs.age, return_inverse=True)
    if len(pairs.age) <= 2 * len(xs) * _SERIES or not isinstance(horizon, float):
        until = np.broadcast_to(np.asarray(horizon, dtype=np.float64), pairs.age.shape)
        parts = chunks(
            len(until),
            lambda part: moments(pairs.frequency[part], pairs.age[part], until[part]),
            chunk=_CHUNK,
        )
        return np.concatenate(parts, axis=1)
    nodes, matrix = _chebyshev(np.log(clock + ages))
    few = Pairs(np.repeat(xs, _SERIES), np.tile(np.maximum(np.exp(nodes) - clock, 0.0), len(xs)))
    logs = np.log(np.maximum(_over(clock, few, np.full(len(few.age), horizon), moments), 1e-300))
    table = logs.reshape(-1, _SERIES) @ matrix
    found = table.reshape(len(logs), len(xs), len(ages))[:, x_at.reshape(-1), age_at.reshape(-1)]
    return np.asarray(np.exp(found))


def _chebyshev(points: Floats) -> tuple[Floats, Floats]:
    """Nodes over the span of the points, and the matrix that takes values at the nodes to values at the points."""
    middle, half = (points[-1] + points[0]) / 2, (points[-1] - points[0]) / 2
    at = np.cos(np.pi * (np.arange(_SERIES) + 0.5) / _SERIES)
    series = np.polynomial.chebyshev.chebvander(at, _SERIES - 1) * (2 / _SERIES)
    series[:, 0] /= 2
    wanted = np.polynomial.chebyshev.chebvander((points - middle) / half, _SERIES - 1)
    return middle + half * at, np.asarray(series @ wanted.T, dtype=np.float64)
