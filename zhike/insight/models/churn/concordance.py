"""Concordance: of two customers, does the one at higher risk leave first?

Harrell et al. 1982, *J. Am. Med. Assoc.* 247: over all pairs of which it is known who left first; equal risks count
half.
"""

from __future__ import annotations

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.lives import Flags, Lives
from zhike.insight.models.exact import Integers


def concordance(lives: Lives, risk: Floats) -> float:
    """Part of the comparable pairs in the right order (0.5: no better than chance), in O(n log n). Not a number where
    no pair can be compared."""
    # At one time the lost stand before the others, and by rising risk, so that none of their pairs is counted.
    order = np.lexsort((risk, ~lives.lost, lives.stayed))
    stayed, lost, risks = lives.stayed[order], lives.lost[order], risk[order]
    together = _ends((np.diff(stayed) != 0) | (np.diff(lost) != 0))
    pairs = int((len(order) - together)[lost].sum())
    if not pairs:
        return float("nan")
    by_risk = np.argsort(risks, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[by_risk] = np.arange(len(order))
    right = int(_later_and_lower(rank)[lost].sum())
    equal = np.empty(len(order), dtype=np.int64)
    equal[by_risk] = _ends(np.diff(risks[by_risk]) != 0) - np.arange(len(order))
    beside = _ends((np.diff(stayed) != 0) | (np.diff(lost) != 0) | (np.diff(risks) != 0)) - np.arange(
        len(order)
    )
    ties = int((equal - beside)[lost].sum())
    return float((right + ties / 2) / pairs)


def _ends(new: Flags) -> Integers:
    """For each place the end of its run; `new` tells of each place but the first whether a run begins there."""
    begins = np.flatnonzero(np.concatenate([[True], new]))
    ends = np.append(begins[1:], len(new) + 1)
    return np.repeat(ends, ends - begins)


def _later_and_lower(rank: Integers) -> Integers:
    """For each place of a permutation, how many later ones have a lower rank: bit by bit from the highest, places
    parted by the bits above; among those, a later 0 is lower than a 1."""
    found = np.zeros(len(rank), dtype=np.int64)
    order, places = np.arange(len(rank)), np.arange(len(rank))
    for bit in reversed(range(int(rank.max(initial=0)).bit_length())):
        ranks = rank[order]
        start = ranks >> (bit + 1) << (bit + 1)
        one = (ranks >> bit & 1).astype(bool)
        zeros = np.concatenate([[0], np.cumsum(~one)])
        before = zeros[:-1] - zeros[start]
        # The ranks of a part are without gaps, so that its zeros are as many as there is room for.
        found[order[one]] += (1 << bit) - before[one]
        target = np.where(one, (1 << bit) + places - before, start + before)
        moved = np.empty_like(order)
        moved[target] = order
        order = moved
    return found
