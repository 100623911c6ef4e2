"""How good probabilities of loss are, on customers not learnt from: order, size, and lift, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats, wilson
from zhike.insight.models.churn.calibration import log_loss
from zhike.insight.models.churn.lives import Flags
from zhike.insight.models.churn.survival import Estimate
from zhike.insight.types import CannotCarry


@dataclass(frozen=True, slots=True)
class Bin:
    """A tenth of the customers, the first at the highest risk. expected: mean probability; share: who left, with
    interval; lift: share against that of all; captured: part of all losses in this and the tenths before."""

    customers: int
    losses: int
    expected: float
    share: float
    low: float
    high: float
    lift: float
    captured: float


@dataclass(frozen=True)
class Quality:
    """auc: probability that a lost customer was told a higher risk than one who stayed (interval: DeLong et al. 1988);
    brier: mean squared error of the probability; skill: part by which it is lower than that of the share of losses for
    everybody; log_loss; calibration_error: mean distance of probability and share over the bins, by customers."""

    customers: int
    losses: int
    level: float
    auc: Estimate
    brier: Estimate
    skill: float
    log_loss: float
    calibration_error: float
    bins: tuple[Bin, ...]

    @property
    def table(self) -> pa.Table:
        """The bins: lift curve and reliability in one."""
        return pa.Table.from_pylist([asdict(each) for each in self.bins])

    def told(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)

    @classmethod
    def of_told(cls, told: Mapping[str, Any]) -> Quality:
        """As `told` gave it."""
        estimates = {name: Estimate(**told[name]) for name in ("auc", "brier")}
        return cls(**(dict(told) | estimates | {"bins": tuple(Bin(**each) for each in told["bins"])}))


def quality(
    probability: Floats, lost: Flags, *, score: Floats | None = None, bins: int = 10, level: float = 0.95
) -> Quality:
    """Judges probabilities by what happened; the order by `score` where given. Raises ValueError for probabilities that
    are none; CannotCarry (no_losses, all_lost) where nothing can be judged."""
    if probability.shape != lost.shape or not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("probability: must be one number from 0 to 1 per outcome")
    if not lost.any():
        raise CannotCarry("no_losses", "nobody was lost", customers=len(lost))
    if lost.all():
        raise CannotCarry("all_lost", "everybody was lost", customers=len(lost))
    z = NormalDist().inv_cdf(0.5 + level / 2)
    errors = (probability - lost) ** 2
    middle, reach = float(errors.mean()), z * float(errors.std() / np.sqrt(len(errors)))
    share = float(lost.mean())
    cut = _bins(probability, lost, min(bins, len(lost)), level)
    return Quality(
        customers=len(lost),
        losses=int(lost.sum()),
        level=level,
        auc=auc(probability if score is None else score, lost, level=level),
        brier=Estimate(middle, max(middle - reach, 0.0), middle + reach),
        skill=1 - middle / (share * (1 - share)),
        log_loss=log_loss(probability, lost),
        calibration_error=sum(each.customers * abs(each.expected - each.share) for each in cut) / len(lost),
        bins=cut,
    )


def auc(score: Floats, lost: Flags, *, level: float = 0.95) -> Estimate:
    """Area under the ROC curve, equal scores counting half, with DeLong's interval on the logit (DeLong, DeLong &
    Clarke-Pearson 1988, *Biometrics* 44; by ranks after Sun & Xu 2014)."""
    yes, no = score[lost], score[~lost]
    m, n = len(yes), len(no)
    everybody = _midranks(score)
    above = (everybody[lost] - _midranks(yes)) / n
    below = 1 - (everybody[~lost] - _midranks(no)) / m
    area = float(above.mean())
    variance = (above.var(ddof=1) / m if m > 1 else 0.25) + (below.var(ddof=1) / n if n > 1 else 0.25)
    if not 0 < area < 1:
        return Estimate(area, area, area)
    logit, error = np.log(area / (1 - area)), np.sqrt(variance) / (area * (1 - area))
    reach = NormalDist().inv_cdf(0.5 + level / 2) * error
    low, high = (1 / (1 + np.exp(-(logit + sign * reach))) for sign in (-1, 1))
    return Estimate(area, float(low), float(high))


def _midranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing their mean."""
    _, at, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    ranks: Floats = (ends - (count - 1) / 2)[at.reshape(-1)]
    return ranks


def _bins(probability: Floats, lost: Flags, bins: int, level: float) -> tuple[Bin, ...]:
    order = np.argsort(-probability, kind="stable")
    edges = np.linspace(0, len(order), bins + 1).astype(np.int64)
    hits = np.add.reduceat(lost[order].astype(np.int64), edges[:-1])
    means = np.add.reduceat(probability[order], edges[:-1]) / np.diff(edges)
    sizes = np.diff(edges)
    low, high = wilson(hits, sizes, level)
    share, captured = float(lost.mean()), np.cumsum(hits) / hits.sum()
    return tuple(
        Bin(size, hit, mean, hit / size, a, b, hit / size / share, part)
        for size, hit, mean, a, b, part in zip(
            *(each.tolist() for each in (sizes, hits, means, low, high, captured)), strict=True
        )
    )
