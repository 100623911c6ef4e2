"""How sure a rule is: exact and approximate tests, intervals, and control of false discoveries. All vectorised."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from zhike.insight.models.exact import Integers

Floats = npt.NDArray[np.float64]

_SMALL = np.cumsum(np.log(np.maximum(np.arange(256), 1)))
_NEGLIGIBLE = 1e-17


def log_factorial(numbers: Integers) -> Floats:
    """ln n!, by table below 256 and by Stirling's series above (error below 10⁻¹⁵ of the value)."""
    n = np.maximum(numbers, 1).astype(np.float64)
    large = n * np.log(n) - n + 0.5 * np.log(2 * math.pi * n) + 1 / (12 * n) - 1 / (360 * n**3)
    return np.where(numbers < 256, _SMALL[np.minimum(numbers, 255)], large)


def log_fisher(both: Integers, first: Integers, second: Integers, whole: int) -> Floats:
    """ln of the one-sided p-value of Fisher's exact test (Fisher 1935): that `both` or more of `whole` baskets hold
    the two sides by chance, when `first` hold the one and `second` the other."""
    both, first, second = np.broadcast_arrays(*(np.asarray(each, np.int64) for each in (both, first, second)))
    above = both > first * (second / whole)
    result = np.empty(len(both))
    result[above] = _log_tail(both[above], first[above], second[above], whole, up=True)
    below = _log_tail(both[~above] - 1, first[~above], second[~above], whole, up=False)
    result[~above] = np.log1p(-np.minimum(np.exp(below), 1 - 1e-16))
    lowest = np.maximum(0, first + second - whole)
    result[both <= lowest] = 0.0
    return np.minimum(result, 0.0)


def _log_tail(start: Integers, first: Integers, second: Integers, whole: int, *, up: bool) -> Floats:
    """ln P(X ≥ start), or ln P(X ≤ start), of the hypergeometric distribution: the terms shrink from the start on."""
    at = np.clip(start, np.maximum(0, first + second - whole), np.minimum(first, second)).astype(np.float64)
    head = _log_hypergeometric(at.astype(np.int64), first, second, whole)
    total, term, alive = np.ones(len(at)), np.ones(len(at)), np.arange(len(at))
    a, b = first.astype(np.float64), second.astype(np.float64)
    while len(alive):
        k = at[alive]
        if up:
            ratio = (a[alive] - k) * (b[alive] - k) / ((k + 1) * (whole - a[alive] - b[alive] + k + 1))
            at[alive] += 1
        else:
            ratio = k * (whole - a[alive] - b[alive] + k) / ((a[alive] - k + 1) * (b[alive] - k + 1))
            at[alive] -= 1
        term[alive] *= ratio
        total[alive] += term[alive]
        alive = alive[term[alive] > _NEGLIGIBLE * total[alive]]
    return head + np.log(total)


def _log_hypergeometric(k: Integers, first: Integers, second: Integers, whole: int) -> Floats:
    sides = (first, whole - first, second, whole - second)
    cells = (k, first - k, second - k, whole - first - second + k)
    every = log_factorial(np.full(len(k), whole))
    found = sum((log_factorial(side) for side in sides), -every) - sum(log_factorial(cell) for cell in cells)
    return np.asarray(found, dtype=np.float64)


def log_chi_squared(both: Integers, first: Integers, second: Integers, whole: int) -> Floats:
    """ln of the two-sided p-value of Pearson's χ² test of independence with one degree of freedom, no correction."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    below = a * (whole - a) * b * (whole - b)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(below > 0, whole * (both * whole - a * b) ** 2 / below, 0.0)
    return np.array([_log_erfc(math.sqrt(each / 2)) for each in statistic])


def _log_erfc(x: float) -> float:
    if x < 25:
        return math.log(math.erfc(x))
    # The asymptotic series: erfc itself is below the smallest float here.
    return -x * x - math.log(x * math.sqrt(math.pi)) + math.log1p(-1 / (2 * x * x))


def log_sign(ahead: Integers, tries: Integers) -> Floats:
    """ln of the one-sided p-value of the sign test: `ahead` or more heads of `tries` throws of a fair coin."""
    k, n = np.asarray(ahead, np.float64), np.asarray(tries, np.float64)
    flipped = 2 * k <= n
    start = np.where(flipped, n - k + 1, k)
    at = start.astype(np.int64)
    head = log_factorial(np.asarray(tries)) - log_factorial(at) - log_factorial(np.maximum(tries - at, 0))
    total, term, alive = np.ones(len(k)), np.ones(len(k)), np.arange(len(k))
    while len(alive):
        term[alive] *= np.maximum(n[alive] - start[alive], 0) / (start[alive] + 1)
        start[alive] += 1
        total[alive] += term[alive]
        alive = alive[term[alive] > _NEGLIGIBLE * total[alive]]
    tail = np.where(at > n, -np.inf, head + np.log(total) - n * math.log(2))
    return np.minimum(np.where(flipped, np.log1p(-np.minimum(np.exp(tail), 1 - 1e-16)), tail), 0.0)


def false_discovery(log_p: Floats, tests: int) -> Floats:
    """q-values of Benjamini & Hochberg 1995 (*J. R. Stat. Soc. B* 57(1)) among `tests` tests, of which those not given
    are taken to have shown nothing: the share of false finds when this one and all surer ones are believed."""
    order = np.argsort(log_p)
    scaled = log_p[order] + math.log(tests) - np.log(np.arange(1, len(log_p) + 1))
    falling = np.minimum.accumulate(scaled[::-1])[::-1]
    q = np.empty(len(log_p))
    q[order] = np.exp(np.minimum(falling, 0.0))
    return q


def wilson(hits: Integers, tries: Integers, level: float) -> tuple[Floats, Floats]:
    """The interval of a share (Wilson 1927, *J. Am. Stat. Assoc.* 22): holds also near 0 and 1."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    n = np.asarray(tries, np.float64)
    share = np.asarray(hits, np.float64) / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def lift_interval(
    both: Integers, first: Integers, second: Integers, whole: int, level: float
) -> tuple[Floats, Floats]:
    """The interval of the lift on the log scale: by the delta method for four multinomial counts,
    var ln lift = (1/p₁₁ − 1/p₁ − 1/p₂ + 2·lift − 1) / n."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    p, a, b = (np.asarray(each, np.float64) / whole for each in (both, first, second))
    lift = p / (a * b)
    half = z * np.sqrt(np.maximum(1 / p - 1 / a - 1 / b + 2 * lift - 1, 0.0) / whole)
    return lift * np.exp(-half), lift * np.exp(half)
