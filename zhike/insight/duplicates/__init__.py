"""Find records that are one customer: among all of them, for new ones, and while one is being typed.

>>> findings = find_pairs(table)                      # all records, Splink on DuckDB
>>> findings = find_pairs_against(new, existing, model=findings.model)
>>> groups = clusters(findings.pairs(), threshold=0.9)
>>> pairs = score_candidates(record, candidates, model=findings.model)   # plain Python, under a millisecond

Importing this package loads neither DuckDB nor Splink; `find_pairs` and `find_pairs_against` do when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.insight.duplicates.clusters import Cluster, clusters
from zhike.insight.duplicates.model import Model
from zhike.insight.duplicates.reasons import wording
from zhike.insight.duplicates.scoring import explain, score_candidates
from zhike.insight.duplicates.types import (
    COLUMNS,
    Findings,
    LeftOut,
    Options,
    Pair,
    Reason,
    Record,
    UnusableRecordsError,
)

if TYPE_CHECKING:
    from zhike.insight.duplicates.finder import find_pairs, find_pairs_against

__all__ = [
    "COLUMNS",
    "Cluster",
    "Findings",
    "LeftOut",
    "Model",
    "Options",
    "Pair",
    "Reason",
    "Record",
    "UnusableRecordsError",
    "clusters",
    "explain",
    "find_pairs",
    "find_pairs_against",
    "score_candidates",
    "wording",
]


def __getattr__(name: str) -> object:
    if name in {"find_pairs", "find_pairs_against"}:
        from zhike.insight.duplicates import finder

        return getattr(finder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
