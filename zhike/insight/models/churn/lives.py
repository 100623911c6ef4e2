"""How long each customer stayed, and whether he has left: the ground of survival curves and regressions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.types import CannotCarry

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Lives:
    """One entry per customer, times in one unit (days, months …).

    stayed: how long until the loss, or until now; lost: whether the stay ended so; entered: age at which the customer
    came under observation (a contract older than the records: left truncation), 0 where from the start.
    """

    stayed: Floats
    lost: Flags
    entered: Floats

    def __len__(self) -> int:
        return len(self.stayed)

    @property
    def losses(self) -> int:
        """Customers who left."""
        return int(self.lost.sum())

    def of(self, which: Flags) -> Lives:
        """Only these customers."""
        return Lives(self.stayed[which], self.lost[which], self.entered[which])


def lives_of(stayed: npt.ArrayLike, lost: npt.ArrayLike, *, entered: npt.ArrayLike | None = None) -> Lives:
    """Lives from columns. Raises ValueError naming the column for what cannot be; CannotCarry (no_customers,
    no_losses)."""
    times, ended = np.asarray(stayed, dtype=np.float64), _flags(lost)
    since = np.zeros(times.shape) if entered is None else np.asarray(entered, dtype=np.float64)
    if times.ndim != 1 or times.shape != ended.shape or times.shape != since.shape:
        raise ValueError("stayed, lost and entered must be lists of one length")
    if not np.isfinite(times).all() or (times < 0).any():
        raise ValueError("stayed: must be finite and not negative")
    if entered is not None and not (np.isfinite(since) & (since >= 0) & (since < times)).all():
        raise ValueError("entered: must not be negative and lie before the end of the stay")
    if not len(times):
        raise CannotCarry("no_customers", "there are no customers")
    if not ended.any():
        raise CannotCarry("no_losses", "nobody was lost yet", customers=len(times))
    return Lives(times, ended, since)


def _flags(lost: npt.ArrayLike) -> Flags:
    values = np.asarray(lost)
    if values.dtype != bool and not np.isin(values, (0, 1)).all():
        raise ValueError("lost: must be yes or no")
    return values.astype(bool)


@dataclass(frozen=True)
class Risk:
    """By distinct time of a loss, rising: customers at risk just before, and losses then."""

    times: Floats
    at_risk: Floats
    losses: Floats


def at_risk(lives: Lives, times: Floats | None = None) -> Risk:
    """Counts at the times of losses (or at the times given): at risk is who entered before and has not left yet."""
    moments = np.unique(lives.stayed[lives.lost]) if times is None else times
    left = np.sort(lives.stayed[lives.lost])
    losses = np.searchsorted(left, moments, "right") - np.searchsorted(left, moments, "left")
    still = len(lives) - np.searchsorted(np.sort(lives.stayed), moments, "left")
    # Who comes later is not there yet; who is there from the start is at risk even at time 0.
    late = np.sort(lives.entered[lives.entered > 0])
    outside = len(late) - np.searchsorted(late, moments, "left")
    return Risk(moments, (still - outside).astype(np.float64), losses.astype(np.float64))


def chi_squared_tail(statistic: float, freedom: int) -> float:
    """P(χ² ≥ statistic), whole degrees of freedom: finite sums (Abramowitz & Stegun 26.4.4, 26.4.5)."""
    if statistic <= 0:
        return 1.0
    half = statistic / 2
    start = 1 if freedom % 2 else 0
    tail = math.erfc(math.sqrt(half)) if start else 0.0
    for twice in range(start, freedom - start, 2):
        power = twice / 2
        tail += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
    return min(tail, 1.0)
