"""Proportional hazards: what makes customers leave sooner, by how much, and how sure that is.

Cox 1972, *J. R. Stat. Soc. B* 34; ties after Efron 1977, *J. Am. Stat. Assoc.* 72. Newton's method on the partial
likelihood. The sum of weighted squares over all sets at risk is one product of matrices, because each customer's
share in it is the hazard passed while he was observed: memory and time grow with customers × features only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.concordance import concordance
from zhike.insight.models.churn.likelihood import Partial, Score
from zhike.insight.models.churn.lives import Lives, chi_squared_tail
from zhike.insight.types import CannotCarry

_STEPS = 50
_FAR = 50.0
_BEYOND = 1e100
_COLLINEAR = 1e-9


@dataclass(frozen=True)
class Hazards:
    """A fitted model of `customers` customers, `losses` of whom left.

    coefficients: ln of the hazard ratio for one unit more of each feature; covariance: inverse of the observed
    information; log_likelihood and null_log_likelihood: partial, with and without the features; mean: of each feature;
    times and hazard: cumulated hazard of a customer of mean features; concordance: Harrell's, on these customers.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    mean: Floats
    times: Floats
    hazard: Floats
    log_likelihood: float
    null_log_likelihood: float
    concordance: float
    customers: int
    losses: int

    @cached_property
    def standard_errors(self) -> Floats:
        """Of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def likelihood_ratio(self) -> float:
        """χ² of the model against none, with as many degrees of freedom as features."""
        return 2 * (self.log_likelihood - self.null_log_likelihood)

    @property
    def p(self) -> float:
        """Probability of such a likelihood ratio by chance."""
        return chi_squared_tail(self.likelihood_ratio, len(self.names))

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Interval of the coefficients."""
        reach = NormalDist().inv_cdf(0.5 + level / 2) * self.standard_errors
        return self.coefficients - reach, self.coefficients + reach

    @cached_property
    def table(self) -> pa.Table:
        """feature, coefficient, error, ratio (of hazards) with low and high (95 %), z, p."""
        low, high = self.interval()
        z = self.coefficients / self.standard_errors
        return pa.table(
            {
                "feature": pa.array(self.names),
                "coefficient": self.coefficients,
                "error": self.standard_errors,
                "ratio": np.exp(self.coefficients),
                "low": np.exp(low),
                "high": np.exp(high),
                "z": z,
                "p": [math.erfc(abs(each) / math.sqrt(2)) for each in z],
            }
        )

    def risk(self, features: Mapping[str, npt.ArrayLike]) -> Floats:
        """ln of the hazard ratio of each customer against one of mean features."""
        return np.asarray((_matrix(features, self.names) - self.mean) @ self.coefficients)

    def survival(self, features: Mapping[str, npt.ArrayLike], times: npt.ArrayLike) -> Floats:
        """Probability that each customer (row) stays until each time (column)."""
        steps = np.concatenate([[0.0], self.hazard])
        passed = steps[np.searchsorted(self.times, np.asarray(times, dtype=np.float64), "right")]
        return np.asarray(np.exp(-np.exp(self.risk(features))[:, None] * passed))

    def to_json(self) -> str:
        """All of it; `from_json` restores it exactly."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps(
            {name: each.tolist() if isinstance(each, np.ndarray) else each for name, each in told.items()}
        )

    @classmethod
    def from_json(cls, text: str) -> Hazards:
        """A model as `to_json` wrote it. Raises ValueError for anything else."""
        told = json.loads(text)
        if not isinstance(told, dict) or set(told) != set(cls.__dataclass_fields__):
            raise ValueError("this is not the JSON of proportional hazards")
        arrays = ("coefficients", "covariance", "mean", "times", "hazard")
        told |= {name: np.array(told[name], dtype=np.float64) for name in arrays}
        return cls(**(told | {"names": tuple(told["names"])}))


def fit_hazards(lives: Lives, features: Mapping[str, npt.ArrayLike]) -> Hazards:
    """Cox's model. Features are columns of numbers by name, one entry per customer; make categories columns of 0 and 1
    and leave one of them out.

    Raises ValueError for columns of another length or missing values; CannotCarry: no_features, constant_features,
    collinear_features, too_few (fewer losses than features), separated (a feature tells all losses apart, so that its
    coefficient has no end).
    """
    names = tuple(features)
    raw = _matrix(features, names)
    _check(raw, lives, names)
    mean, scale = raw.mean(axis=0), raw.std(axis=0)
    partial = Partial(lives, (raw - mean) / scale)
    beta, null, here = _maximum(partial, names)
    covariance = np.linalg.inv(-here.hessian) / np.outer(scale, scale)
    times, hazard = partial.baseline(beta)
    return Hazards(
        names=names,
        coefficients=beta / scale,
        covariance=covariance,
        mean=mean,
        times=times,
        hazard=hazard,
        log_likelihood=here.value,
        null_log_likelihood=null,
        concordance=concordance(lives, raw @ (beta / scale)),
        customers=len(lives),
        losses=lives.losses,
    )


def _matrix(features: Mapping[str, npt.ArrayLike], names: Sequence[str]) -> Floats:
    missing = [name for name in names if name not in features]
    if missing:
        raise ValueError(f"features lack {', '.join(missing)}")
    if not names:
        raise CannotCarry("no_features", "there are no features to explain losses by")
    columns = [np.asarray(features[name], dtype=np.float64) for name in names]
    for name, column in zip(names, columns, strict=True):
        if column.ndim != 1 or len(column) != len(columns[0]):
            raise ValueError(f"{name}: must have one value per customer")
        if not np.isfinite(column).all():
            raise ValueError(f"{name}: has missing or infinite values")
        if np.abs(column).max(initial=0.0) > _BEYOND:
            raise ValueError(f"{name}: has values beyond all amounts")
    return np.column_stack(columns)


def _check(raw: Floats, lives: Lives, names: tuple[str, ...]) -> None:
    if len(raw) != len(lives):
        raise ValueError(f"{names[0]}: must have one value per customer")
    largest = np.abs(raw).max(axis=0)
    constant = [
        name for name, flat in zip(names, np.ptp(raw, axis=0) <= 1e-12 * largest, strict=True) if flat
    ]
    if constant:
        message = f"the same for every customer: {', '.join(constant)}"
        raise CannotCarry("constant_features", message, features=constant)
    if lives.losses <= len(names):
        message = f"{lives.losses} losses are too few for {len(names)} features"
        raise CannotCarry("too_few", message, losses=lives.losses, features=len(names))
    plain = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    weights, axes = np.linalg.eigh(plain.T @ plain / len(raw))
    if weights[0] < _COLLINEAR:
        same = [name for name, part in zip(names, np.abs(axes[:, 0]), strict=True) if part > 0.05]
        message = f"each follows from the others: {', '.join(same)}"
        raise CannotCarry("collinear_features", message, features=same)


def _maximum(partial: Partial, names: tuple[str, ...]) -> tuple[Floats, float, Score]:
    """Newton's method, halving a step that does not raise the likelihood; also the likelihood at zero."""
    beta = np.zeros(len(names))
    here = partial.score(beta)
    null = here.value
    for _ in range(_STEPS):
        step = np.linalg.lstsq(-here.hessian, here.gradient, rcond=None)[0]
        gain = float(here.gradient @ step) / 2
        for _halving in range(30):
            there = partial.score(beta + step)
            if math.isfinite(there.value) and there.value >= here.value - 1e-12 * abs(here.value):
                break
            step = step / 2
        beta, here = beta + step, there
        if np.abs(beta).max() > _FAR:
            break
        if gain < 1e-10:
            return _sure(beta, names, here), null, here
    raise _separated(beta, names)


def _sure(beta: Floats, names: tuple[str, ...], here: Score) -> Floats:
    weights = np.linalg.eigvalsh(-here.hessian)
    if weights[0] <= 1e-8 * max(weights[-1], 1.0):
        raise _separated(beta, names)
    return beta


def _separated(beta: Floats, names: tuple[str, ...]) -> CannotCarry:
    name = names[int(np.abs(beta).argmax())]
    message = f"{name} tells the lost from the others completely: its weight has no end"
    return CannotCarry("separated", message, feature=name)
