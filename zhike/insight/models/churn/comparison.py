"""Do groups of customers stay equally long? The log-rank test.

Mantel 1966; Peto & Peto 1972, *J. R. Stat. Soc. A* 135: at each time of a loss the losses of each group are compared
with what its part of those at risk would make expect; the squared distance by its covariance is χ² with one degree of
freedom less than there are groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.lives import Lives, at_risk, chi_squared_tail
from zhike.insight.types import CannotCarry


@dataclass(frozen=True)
class Comparison:
    """groups in order; customers, losses and expected losses (if all stayed equally long) of each; χ² with its degrees
    of freedom, and the probability of such a distance by chance."""

    groups: tuple[str, ...]
    customers: tuple[int, ...]
    losses: tuple[int, ...]
    expected: tuple[float, ...]
    statistic: float
    freedom: int
    p: float


def log_rank(lives: Lives, groups: pa.Array | pa.ChunkedArray | list[str]) -> Comparison:
    """Compares the groups (one label per customer; no label is a group of its own, "").

    Raises CannotCarry (one_group, no_losses where nothing can be compared); ValueError for another number of labels.
    """
    labels = pa.array(groups, pa.string()) if isinstance(groups, list) else pa.chunked_array(groups)
    if len(labels) != len(lives):
        raise ValueError("groups: one label is needed per customer")
    names = np.asarray(labels.fill_null("").to_numpy(zero_copy_only=False), dtype=str)
    known, at = np.unique(names, return_inverse=True)
    if len(known) < 2:
        raise CannotCarry("one_group", "it takes two groups to compare", groups=known.tolist())
    whole = at_risk(lives)
    there, lost = np.empty((len(known), len(whole.times))), np.empty((len(known), len(whole.times)))
    for group in range(len(known)):
        part = at_risk(lives.of(at == group), whole.times)
        there[group], lost[group] = part.at_risk, part.losses
    share = there / whole.at_risk
    expected = share * whole.losses
    statistic, freedom = _distance(lost - expected, share, whole.losses, whole.at_risk)
    return Comparison(
        tuple(known.tolist()),
        tuple(np.bincount(at).tolist()),
        tuple(int(each) for each in lost.sum(axis=1)),
        tuple(expected.sum(axis=1).tolist()),
        statistic,
        freedom,
        chi_squared_tail(statistic, freedom),
    )


def _distance(distance: Floats, share: Floats, losses: Floats, there: Floats) -> tuple[float, int]:
    """Hypergeometric covariance summed over time; groups never at risk when somebody left take no part."""
    spread = losses * (there - losses) / np.maximum(there - 1, 1)
    covariance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    seen = np.diag(covariance) > 1e-12
    if seen.sum() < 2:
        raise CannotCarry("no_losses", "no loss fell where two groups were at risk", groups=int(seen.sum()))
    part = np.flatnonzero(seen)[1:]
    z = distance.sum(axis=1)[part]
    return float(z @ np.linalg.lstsq(covariance[np.ix_(part, part)], z, rcond=None)[0]), len(part)
