"""Maximum likelihood for positive parameters: Newton's method on their logarithms, with exact second derivatives."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

import numpy as np

from zhike.insight.models.customer_base.special import Floats
from zhike.insight.types import CannotCarry

Part = TypeVar("Part")

_STEPS = 200
_LONGEST = 2.0
_FAR = 1e7
_VAGUE = 3.0
# Small enough for the cache, and for a product of matrices not to be shared out among threads a second time.
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Score:
    """A log-likelihood with its first and second derivatives by the parameters."""

    value: float
    gradient: Floats
    hessian: Floats

    def __add__(self, other: Score) -> Score:
        return Score(self.value + other.value, self.gradient + other.gradient, self.hessian + other.hessian)


@dataclass(frozen=True)
class Maximum:
    """Where the likelihood is highest. `covariance` is that of the logarithms of the parameters: the inverse of the
    observed information, so that intervals never reach below zero."""

    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    log_likelihood: float

    @property
    def parameters(self) -> Mapping[str, float]:
        """Each parameter by name."""
        return dict(zip(self.names, self.values.tolist(), strict=True))

    @property
    def standard_errors(self) -> Mapping[str, float]:
        """Standard error of each parameter (delta method)."""
        errors = self.values * np.sqrt(np.diag(self.covariance))
        return dict(zip(self.names, errors.tolist(), strict=True))

    def interval(self, name: str, z: float = 1.959964) -> tuple[float, float]:
        """Interval of a parameter, symmetric on the logarithm; z = 1.96 for 95 %."""
        at = self.names.index(name)
        reach = math.exp(z * math.sqrt(self.covariance[at, at]))
        return float(self.values[at] / reach), float(self.values[at] * reach)

    def told(self) -> dict[str, Any]:
        """All of it as plain values for JSON; `restored` reads them again exactly."""
        return {
            "parameters": dict(self.parameters),
            "covariance_of_logarithms": self.covariance.tolist(),
            "log_likelihood": self.log_likelihood,
        }


def restored(names: tuple[str, ...], told: Mapping[str, Any]) -> Maximum:
    """The maximum that `Maximum.told` wrote. Raises KeyError where a part lacks."""
    values = np.array([told["parameters"][name] for name in names])
    return Maximum(names, values, np.array(told["covariance_of_logarithms"]), float(told["log_likelihood"]))


class Fitted:
    """What every model fitted by maximum likelihood tells of its parameters."""

    maximum: Maximum

    @property
    def parameters(self) -> Mapping[str, float]:
        """Each parameter by name."""
        return self.maximum.parameters

    @property
    def log_likelihood(self) -> float:
        """At the maximum, over all the model was fitted to."""
        return self.maximum.log_likelihood


def maximise(score: Callable[[Floats], Score], start: Sequence[float], names: tuple[str, ...]) -> Maximum:
    """The highest point of `score`. Raises CannotCarry (not_identified) when the data leave a parameter open: it runs
    to zero or infinity, or its logarithm is not known to within ±3."""
    place = np.log(np.asarray(start, dtype=np.float64))
    here = _by_logs(score, place)
    for _ in range(_STEPS):
        step, gain = _step(here)
        if gain < 1e-8:
            # So near, a whole step doubles the digits, though rounding may hide that the likelihood rises.
            place = place + step
            here = _by_logs(score, place)
            break
        moved = _move(score, place, here, step)
        if moved is None:
            break
        place, here = moved
        if np.abs(place).max() > math.log(_FAR):
            raise _open(names, place)
    else:
        raise CannotCarry("no_maximum", "the likelihood was not maximised", steps=_STEPS)
    return Maximum(names, np.exp(place), _covariance(here, names, place), here.value)


def chunks(size: int, work: Callable[[slice], Part], *, chunk: int = _CHUNK) -> list[Part]:
    """`work` on slices of `size` rows, on all processors (numpy lets go of the interpreter)."""
    parts = [slice(start, min(start + chunk, size)) for start in range(0, size, chunk)]
    workers = min(len(parts), os.cpu_count() or 1)
    if workers < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, parts))


def total(size: int, work: Callable[[slice], Score], *, chunk: int = _CHUNK) -> Score:
    """The sum of `work` over all slices."""
    return reduce(Score.__add__, chunks(size, work, chunk=chunk))


def _by_logs(score: Callable[[Floats], Score], place: Floats) -> Score:
    """The score with derivatives by the logarithms of the parameters."""
    values = np.exp(place)
    found = score(values)
    gradient = values * found.gradient
    return Score(found.value, gradient, np.outer(values, values) * found.hessian + np.diag(gradient))


def _step(here: Score) -> tuple[Floats, float]:
    """Newton's step and the gain it promises; directions in which the likelihood is not concave are turned over."""
    weights, axes = np.linalg.eigh(-here.hessian)
    weights = np.maximum(np.abs(weights), 1e-10 * max(1.0, np.abs(weights).max()))
    along = axes.T @ here.gradient
    step = axes @ (along / weights)
    length = float(np.linalg.norm(step))
    return step * min(1.0, _LONGEST / length) if length else step, float((along**2 / weights).sum() / 2)


def _move(
    score: Callable[[Floats], Score], place: Floats, here: Score, step: Floats
) -> tuple[Floats, Score] | None:
    """The next place, halving the step until the likelihood rises; None where rounding hides any rise."""
    for _ in range(40):
        there = _by_logs(score, place + step)
        if math.isfinite(there.value) and there.value > here.value:
            return place + step, there
        step = step / 2
    return None


def _covariance(here: Score, names: tuple[str, ...], place: Floats) -> Floats:
    try:
        np.linalg.cholesky(-here.hessian)
    except np.linalg.LinAlgError:
        raise _open(names, place) from None
    covariance: Floats = np.linalg.inv(-here.hessian).astype(np.float64)
    if np.sqrt(np.diag(covariance)).max() > _VAGUE:
        raise _open(names, place)
    return covariance


def _open(names: tuple[str, ...], place: Floats) -> CannotCarry:
    values = dict(zip(names, np.exp(place).tolist(), strict=True))
    told = ", ".join(f"{name} {value:.3g}" for name, value in values.items())
    return CannotCarry(
        "not_identified",
        f"the data do not determine the parameters of this model ({told})",
        parameters=values,
    )
