"""Why this customer: the features that raise the risk of each, in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.calibration import Calibration
from zhike.insight.models.churn.causes import CAUSES
from zhike.insight.models.churn.features import Features, Reader
from zhike.insight.models.churn.forest import Forest
from zhike.insight.models.exact import Integers

_EN = "{feature}: {value} (of those who stayed: {usual}), risk +{points:.0f} points"
_ZH = "{feature}:{value}(留存客户一般为{usual}),流失风险+{points:.0f}个百分点"
_NOTHING = {"en": "unknown", "zh": "未知"}


@dataclass(frozen=True)
class Reasons:
    """Rows × rank, the heaviest reason first. places: feature in the reader, −1 where no further one raises the risk;
    effects: Shapley values in log-odds; points: percentage points by which the probability would be lower without
    it."""

    features: Features
    reader: Reader
    places: Integers
    effects: Floats
    points: Floats

    @cached_property
    def table(self) -> pa.Table:
        """customer_key, rank (from 1), feature, cause, value, usual, effect, points."""
        row, rank = np.nonzero(self.places >= 0)
        places = self.places[row, rank]
        known = self.reader.features
        return pa.table(
            {
                "customer_key": self.features.customers.take(pa.array(row)),
                "rank": rank + 1,
                "feature": pa.array([known[at].name for at in places], pa.string()),
                "cause": pa.array([known[at].cause for at in places], pa.string()),
                "value": pa.array(
                    [self._value(int(r), int(at), "en") for r, at in zip(row, places, strict=True)],
                    pa.string(),
                ),
                "usual": pa.array([_told(self.reader.usual[at], "en") for at in places], pa.string()),
                "effect": self.effects[row, rank],
                "points": self.points[row, rank],
            }
        )

    def sentences(self, row: int, language: str = "en") -> tuple[str, ...]:
        """The reasons of one row in words."""
        pattern = _ZH if language == "zh" else _EN
        found = []
        for at, points in zip(self.places[row], self.points[row], strict=True):
            if at >= 0:
                text = pattern.format(
                    feature=self.reader.features[at].label(language),
                    value=self._value(row, int(at), language),
                    usual=_told(self.reader.usual[at], language),
                    points=points,
                )
                found.append(text)
        return tuple(found)

    def cause(self, row: int, language: str = "en") -> str:
        """The cause of the heaviest reason, in words; empty where nothing raises the risk."""
        at = int(self.places[row, 0])
        if at < 0:
            return ""
        cause = CAUSES[self.reader.features[at].cause]
        return cause.zh if language == "zh" else cause.en

    def _value(self, row: int, at: int, language: str) -> str:
        column = self.features.column(self.reader.names[at])
        value = column.values[row]
        if column.categories is None:
            return _told(None if np.isnan(value) else float(value), language)
        return _told(column.categories[int(value)] if value >= 0 else None, language)


def _told(value: float | str | None, language: str) -> str:
    if value is None:
        return _NOTHING[language]
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def reasons_of(
    features: Features, reader: Reader, forest: Forest, calibration: Calibration, matrix: Floats, top: int
) -> Reasons:
    """The `top` features that raise the risk of each row most. Raises ValueError unless top is positive."""
    if top < 1:
        raise ValueError("top: must be 1 or more")
    effects = forest.contributions(matrix)
    top = min(top, effects.shape[1])
    order = np.argsort(-effects, axis=1, kind="stable")[:, :top]
    kept = np.take_along_axis(effects, order, axis=1)
    raw = forest.base + effects.sum(axis=1)
    now = calibration.probability(raw)[:, None]
    without = calibration.probability((raw[:, None] - kept).ravel()).reshape(kept.shape)
    points = 100 * (now - without)
    # After the first, only what a reader would see move.
    raising = (kept > 0) & ((points >= 0.5) | (np.arange(top) == 0))
    return Reasons(
        features,
        reader,
        np.where(raising, order, -1),
        np.where(raising, kept, 0.0),
        np.where(raising, points, 0.0),
    )
