"""Survival curves: which part of the customers is still there after a time, although many have not left yet.

Kaplan & Meier 1958, *J. Am. Stat. Assoc.* 53; variance after Greenwood 1926; interval on the scale ln(−ln S)
(Kalbfleisch & Prentice 1980), which stays between 0 and 1; restricted mean and its variance after Klein & Moeschberger
2003, *Survival Analysis*, 4.5.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.lives import Lives, at_risk
from zhike.insight.types import CannotCarry


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; an end that the data do not reach is not a number."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SurvivalCurve:
    """One entry per distinct time of a loss, rising.

    at_risk: customers just before; losses: then; survival: part of the customers still there after it; error:
    Greenwood's standard error; low, high: interval of probability `level` at each time by itself. longest: the longest
    stay seen, beyond which the curve says nothing.
    """

    times: Floats
    at_risk: Floats
    losses: Floats
    customers: int
    longest: float
    level: float = 0.95

    @cached_property
    def survival(self) -> Floats:
        """S after each time."""
        return np.asarray(np.cumprod(1 - self.losses / self.at_risk))

    @cached_property
    def error(self) -> Floats:
        """Greenwood's standard error of S: S √Σ d / (n (n − d)); 0 where nobody is left."""
        return np.where(self.survival > 0, self.survival * np.sqrt(self._sums), 0.0)

    @property
    def low(self) -> Floats:
        """Lower end of the interval."""
        return self._ends[0]

    @property
    def high(self) -> Floats:
        """Upper end of the interval."""
        return self._ends[1]

    def at(self, times: npt.ArrayLike) -> Floats:
        """S at any times; not a number beyond the longest stay seen, unless everybody had left by then."""
        moments = np.asarray(times, dtype=np.float64)
        steps = np.concatenate([[1.0], self.survival])
        found = steps[np.searchsorted(self.times, moments, "right")]
        return np.where((moments > self.longest) & (found > 0), np.nan, found)

    def quantile(self, share: float = 0.5) -> Estimate:
        """The time by which `share` of the customers have left, with its interval (Brookmeyer & Crowley 1982)."""
        if not 0 < share < 1:
            raise ValueError("share: must lie between 0 and 1")
        ends = (self._first_below(curve, 1 - share) for curve in (self.survival, self.low, self.high))
        return Estimate(*ends)

    def restricted_mean(self, horizon: float) -> Estimate:
        """Mean time stayed of the first `horizon`: the area under the curve so far, with its interval. Raises
        ValueError when the horizon is not positive, CannotCarry (too_short) when it lies beyond the longest stay seen
        and somebody was still there."""
        if not horizon > 0:
            raise ValueError("horizon: must be positive")
        if horizon > self.longest and self.survival[-1] > 0:
            message = f"no stay was seen for longer than {self.longest:g}; the horizon is {horizon:g}"
            raise CannotCarry("too_short", message, longest=self.longest, horizon=horizon)
        edges = np.concatenate([[0.0], np.minimum(self.times, horizon), [horizon]])
        areas = np.diff(edges) * np.concatenate([[1.0], self.survival])
        after = np.cumsum(areas[::-1])[::-1][1:]
        inside = (self.times <= horizon) & (self.losses < self.at_risk)
        variance = (after[inside] ** 2 * self._terms[inside]).sum()
        reach = self._z * float(np.sqrt(variance))
        mean = float(areas.sum())
        return Estimate(mean, max(mean - reach, 0.0), min(mean + reach, horizon))

    @cached_property
    def table(self) -> pa.Table:
        """time, at_risk, losses, survival, error, low, high."""
        names = ("at_risk", "losses", "survival", "error", "low", "high")
        return pa.table({"time": self.times, **{name: getattr(self, name) for name in names}})

    def to_json(self) -> str:
        """All of it; `from_json` restores it exactly."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        told |= {name: told[name].tolist() for name in ("times", "at_risk", "losses")}
        return json.dumps(told)

    @classmethod
    def from_json(cls, text: str) -> SurvivalCurve:
        """A curve as `to_json` wrote it. Raises ValueError for anything else."""
        told = json.loads(text)
        if not isinstance(told, dict) or set(told) != set(cls.__dataclass_fields__):
            raise ValueError("this is not the JSON of a survival curve")
        arrays = {name: np.array(told[name], dtype=np.float64) for name in ("times", "at_risk", "losses")}
        return cls(**(told | arrays))

    @property
    def _z(self) -> float:
        return NormalDist().inv_cdf(0.5 + self.level / 2)

    @cached_property
    def _terms(self) -> Floats:
        stayed = self.at_risk - self.losses
        return np.divide(self.losses, self.at_risk * stayed, out=np.zeros(len(stayed)), where=stayed > 0)

    @cached_property
    def _sums(self) -> Floats:
        return np.asarray(np.cumsum(self._terms))

    @cached_property
    def _ends(self) -> tuple[Floats, Floats]:
        inner = (self.survival > 0) & (self.survival < 1)
        logs = np.log(np.where(inner, self.survival, 0.5))
        reach = self._z * np.sqrt(self._sums) / -logs
        low = np.where(inner, np.exp(logs * np.exp(reach)), self.survival)
        high = np.where(inner, np.exp(logs * np.exp(-reach)), self.survival)
        # Where everybody has left the variance is not known: the last upper end holds on.
        return low, np.where(self.survival > 0, high, high[inner][-1] if inner.any() else 1.0)

    def _first_below(self, curve: Floats, share: float) -> float:
        below = np.flatnonzero(curve <= share + 1e-12)
        return float(self.times[below[0]]) if len(below) else float("nan")


def survival_curve(lives: Lives, *, level: float = 0.95) -> SurvivalCurve:
    """Kaplan and Meier's curve. Raises ValueError for a level that is none; CannotCarry (nobody_at_risk) when late
    entries leave a loss with nobody observed before it, so that the curve would rest on one customer alone."""
    if not 0 < level < 1:
        raise ValueError("level: must lie between 0 and 1")
    found = at_risk(lives)
    early = np.flatnonzero((found.at_risk <= found.losses) & (found.times < lives.stayed.max()))
    if len(early):
        moment = float(found.times[early[0]])
        customers = int(found.at_risk[early[0]])
        message = f"all {customers} customers observed at {moment:g} left then: later ones say nothing"
        raise CannotCarry("nobody_at_risk", message, time=moment)
    return SurvivalCurve(
        found.times, found.at_risk, found.losses, len(lives), float(lives.stayed.max()), level
    )
