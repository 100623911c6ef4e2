"""Baskets: which products are bought together, and what that is worth knowing.

`baskets` packs purchase lines, `itemsets` finds what is frequent, `rules` says what follows from it and how sure.
"""

from __future__ import annotations

from zhike.insight.models.baskets.data import Baskets, baskets, baskets_of
from zhike.insight.models.baskets.itemsets import Itemsets, itemsets
from zhike.insight.models.baskets.pairs import frequent_pairs, pair_counts
from zhike.insight.models.baskets.rules import Rules, rules, rules_from_json

__all__ = [
    "Baskets",
    "Itemsets",
    "Rules",
    "baskets",
    "baskets_of",
    "frequent_pairs",
    "itemsets",
    "pair_counts",
    "rules",
    "rules_from_json",
]
