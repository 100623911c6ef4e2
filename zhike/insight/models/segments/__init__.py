"""Segments of customers: groups found in numbers and categories together, how many, how stable, what to call them.

segments = fit_segments(features)                      features as for losses: features_of(table), behaviour(…)
segments.names("zh"), segments.table, segments.stability, segments.trials
segments.assign(features).table
lookalikes(features, chosen).table                     customers like the chosen ones
"""

from zhike.insight.models.segments.choice import (
    Stability,
    Trial,
    adjusted_rand,
    by_gap,
    by_silhouette,
    crossed,
    silhouettes,
)
from zhike.insight.models.segments.lookalikes import Lookalikes, lookalikes
from zhike.insight.models.segments.model import Assigned, Segments, fit_segments
from zhike.insight.models.segments.prototypes import Prototypes, prototypes
from zhike.insight.models.segments.space import Points, Space, space_of
from zhike.insight.models.segments.traits import Trait

__all__ = [
    "Assigned",
    "Lookalikes",
    "Points",
    "Prototypes",
    "Segments",
    "Space",
    "Stability",
    "Trait",
    "Trial",
    "adjusted_rand",
    "by_gap",
    "by_silhouette",
    "crossed",
    "fit_segments",
    "lookalikes",
    "prototypes",
    "silhouettes",
    "space_of",
]
