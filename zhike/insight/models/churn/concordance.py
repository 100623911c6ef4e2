"""Concordance: of two customers, does the one at higher risk leave first?

Harrell et al. 1982, *J. Am. Med. Assoc.* 247: over all pairs of which it is known who left first; equal risks count
half.
"""

from __future__ import annotations

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.lives import Lives
from zhike.insight.models.exact import Integers


def concordance(lives: Lives, risk: Floats) -> float:
    """Part of the comparable pairs in the right order (0.5: no better than chance), in O(n log n). Not a number where
    no pair can be compared."""
    _, rank = np.unique(risk, return_inverse=True)
    rank = rank.reshape(-1).astype(np.int64)
    pairs, right = _pairs(lives, rank)
    _, wrong = _pairs(lives, rank.max() - rank)
    return float((right + (pairs - right - wrong) / 2) / pairs) if pairs else float("nan")


def _pairs(lives: Lives, rank: Integers) -> tuple[int, int]:
    """Comparable pairs, and those in which the later customer has the lower rank. At one time the lost stand before the
    others, and among each other by rising rank, so that none of their pairs is counted."""
    order = np.lexsort((rank, ~lives.lost, lives.stayed))
    stayed, lost = lives.stayed[order], lives.lost[order]
    begins = np.flatnonzero(np.concatenate([[True], (np.diff(stayed) != 0) | (np.diff(lost) != 0)]))
    ends = np.append(begins[1:], len(order))
    after = len(order) - np.repeat(ends, ends - begins)
    lower = _later_and_lower(rank[order])
    return int(after[lost].sum()), int(lower[lost].sum())


def _later_and_lower(rank: Integers) -> Integers:
    """For each place, how many later ones have a lower rank: bit by bit from the highest, places sorted by the bits
    above; among equals there, a later 0 is lower than a 1."""
    found = np.zeros(len(rank), dtype=np.int64)
    order = np.arange(len(rank))
    for bit in reversed(range(int(rank.max(initial=0)).bit_length())):
        above, one = rank[order] >> (bit + 1), (rank[order] >> bit & 1).astype(bool)
        zeros = np.cumsum(~one)
        ends = np.searchsorted(above, above, "right") - 1
        found[order[one]] += (zeros[ends] - zeros)[one]
        order = order[np.argsort(rank[order] >> bit, kind="stable")]
    return found
