"""Special functions over arrays, to about twelve digits, where the models need them and numpy has none."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_SHIFT = 10
_BLOCK = 16_384
_TERMS = 100_000

# Coefficients of the asymptotic series: B(2k) / (2k (2k-1)), B(2k) / (2k) and B(2k).
_LOG_GAMMA = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156)
_DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32_760, 1 / 12)
_TRIGAMMA = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)


def log_gamma(z: Floats | float) -> Floats:
    """ln Γ(z) for z > 0: Stirling's series (Abramowitz & Stegun 6.1.41) after ten steps of the recurrence."""
    z = np.asarray(z, dtype=np.float64)
    far = z + _SHIFT
    steps = np.log(z)
    for j in range(1, _SHIFT):
        steps = steps + np.log(z + j)
    series = _odd_powers(_LOG_GAMMA, far)
    return np.asarray((far - 0.5) * np.log(far) - far + 0.5 * math.log(2 * math.pi) + series - steps)


def digamma(z: Floats | float) -> Floats:
    """ψ(z), the derivative of ln Γ, for z > 0 (Abramowitz & Stegun 6.3.18)."""
    z = np.asarray(z, dtype=np.float64)
    far = z + _SHIFT
    steps = sum((1 / (z + j) for j in range(_SHIFT)), np.zeros_like(z))
    return np.asarray(np.log(far) - 0.5 / far - _odd_powers(_DIGAMMA, far) / far - steps)


def trigamma(z: Floats | float) -> Floats:
    """ψ′(z) for z > 0 (Abramowitz & Stegun 6.4.12)."""
    z = np.asarray(z, dtype=np.float64)
    far = z + _SHIFT
    steps = sum(((z + j) ** -2 for j in range(_SHIFT)), np.zeros_like(z))
    return np.asarray(1 / far + 0.5 / far**2 + _odd_powers(_TRIGAMMA, far) / far**2 + steps)


def hypergeometric(
    a: Floats | float, b: Floats | float, c: Floats | float, z: Floats, *, scale: Floats | float = 1.0
) -> Floats:
    """scale · ₂F₁(a, b; c; z) for 0 ≤ z < 1 by its series, block by block until each has converged.

    The caller chooses a form whose terms do not cancel; all arguments are brought to one shape.
    """
    arrays = np.broadcast_arrays(a, b, c, z, scale)
    flat = [np.ascontiguousarray(each, dtype=np.float64).ravel() for each in arrays]
    found = np.empty(flat[0].size)
    for start in range(0, found.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        found[part] = _series(*(each[part] for each in flat))
    return found.reshape(arrays[0].shape)


def normal_quantile(share: Floats) -> Floats:
    """The point below which a standard normal variable falls with this probability, 0 < share < 1.

    Acklam's rational approximation (relative error below 1.2e-9).
    """
    tail = np.minimum(share, 1 - share)
    centre = share - 0.5
    square = centre * centre
    middle = centre * np.polyval(_CENTRE[0], square) / np.polyval((*_CENTRE[1], 1.0), square)
    root = np.sqrt(-2 * np.log(np.maximum(tail, 1e-300)))
    outside = np.polyval(_TAIL[0], root) / np.polyval((*_TAIL[1], 1.0), root)
    return np.where(tail < 0.02425, np.where(centre < 0, outside, -outside), middle)


_CENTRE = (
    (
        -3.969683028665376e01,
        2.209460984245205e02,
        -2.759285104469687e02,
        1.383577518672690e02,
        -3.066479806614716e01,
        2.506628277459239e00,
    ),
    (
        -5.447609879822406e01,
        1.615858368580409e02,
        -1.556989798598866e02,
        6.680131188771972e01,
        -1.328068155288572e01,
    ),
)
_TAIL = (
    (
        -7.784894002430293e-03,
        -3.223964580411365e-01,
        -2.400758277161838e00,
        -2.549732539343734e00,
        4.374664141464968e00,
        2.938163982698783e00,
    ),
    (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00),
)


def _odd_powers(coefficients: tuple[float, ...], z: Floats) -> Floats:
    """Σ c(k) z^(1 − 2k), k from 1."""
    square = 1 / (z * z)
    total = np.zeros_like(z)
    for coefficient in reversed(coefficients):
        total = total * square + coefficient
    return total / z


def _series(a: Floats, b: Floats, c: Floats, z: Floats, scale: Floats) -> Floats:
    term, total = scale.copy(), scale.copy()
    for k in range(_TERMS):
        term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        total += term
        if k % 8 == 7 and not np.any(np.abs(term) > 1e-15 * np.abs(total)):
            break
    return total


@lru_cache(maxsize=4)
def gauss_legendre(nodes: int) -> tuple[Floats, Floats]:
    """Nodes and weights that integrate over 0 … 1: Gauss–Legendre (Abramowitz & Stegun 25.4.30)."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return (at + 1) / 2, weight / 2
