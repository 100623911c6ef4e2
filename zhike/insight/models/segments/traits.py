"""What sets a segment apart from all customers, and a name made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.features import Feature, Features
from zhike.insight.models.exact import Integers
from zhike.insight.models.segments.space import Space

_CLEAR = 0.5
_WORDS = {
    "high": ("high {feature}", "{feature}高"),
    "low": ("low {feature}", "{feature}低"),
    "is": ("{feature} {value}", "{feature}为{value}"),
}
_AVERAGE = ("average", "普通客户")


@dataclass(frozen=True, slots=True)
class Trait:
    """One difference. kind: high or low (a number), is (a category, here `value`); usual and here: median of all and of
    the segment, or share of the category; distance: how far apart, in standard deviations of all customers."""

    feature: Feature
    kind: str
    distance: float
    here: float
    usual: float
    value: str = ""

    @property
    def code(self) -> str:
        """A stable name, such as high:amount or is:grade=silver."""
        return f"{self.kind}:{self.feature.name}" + (f"={self.value}" if self.value else "")

    def words(self, language: str = "en") -> str:
        """In words."""
        pattern = _WORDS[self.kind][language == "zh"]
        return pattern.format(feature=self.feature.label(language), value=self.value)


def traits(features: Features, space: Space, labels: Integers, k: int) -> tuple[tuple[Trait, ...], ...]:
    """The traits of each segment, the clearest first."""
    points = space.points(features)
    found: list[list[Trait]] = [[] for _ in range(k)]
    for at, name in enumerate(space.number_names):
        feature = features.features[features.names.index(name)]
        raw = np.asarray(features.column(name).values, dtype=np.float64)
        column = points.numbers[:, at]
        for segment in range(k):
            inside = labels == segment
            distance = float((column[inside].mean() - column.mean()) / (column.std() or 1.0))
            kind = "high" if distance > 0 else "low"
            found[segment].append(Trait(feature, kind, abs(distance), _middle(raw[inside]), _middle(raw)))
    for name in space.category_names:
        feature = features.features[features.names.index(name)]
        for segment, trait in enumerate(_categories(features, feature, labels, k)):
            found[segment] += trait
    return tuple(tuple(sorted(each, key=lambda trait: -trait.distance)) for each in found)


def named(found: Sequence[Sequence[Trait]]) -> tuple[tuple[Trait, ...], ...]:
    """For each segment the fewest clear traits, at most four, whose words no other segment has; one whose traits are
    all small is the average customer and has none."""
    clear = [[trait for trait in each if trait.distance >= _CLEAR] for each in found]
    names = [tuple(each[:2]) for each in clear]
    for length in (3, 4):
        codes = [tuple(trait.code for trait in name) for name in names]
        for at, code in enumerate(codes):
            if codes.count(code) > 1:
                names[at] = tuple(clear[at][:length])
    return tuple(names)


def name_of(chosen: Sequence[Trait], language: str = "en") -> str:
    """The proposed name in words."""
    if not chosen:
        return _AVERAGE[language == "zh"]
    words = [trait.words(language) for trait in chosen]
    return "、".join(words) if language == "zh" else ", ".join(words)


def _categories(features: Features, feature: Feature, labels: Integers, k: int) -> list[list[Trait]]:
    """The category that each segment has most beyond its share among all."""
    column = features.column(feature.name)
    categories = column.categories or ()
    width = len(categories) + 1
    table = np.bincount(labels * width + column.values.astype(np.int64) + 1, minlength=k * width).reshape(
        k, width
    )
    share = table / np.maximum(table.sum(axis=1), 1)[:, None]
    usual = table.sum(axis=0) / table.sum()
    distance = (share - usual) / np.sqrt(np.maximum(usual * (1 - usual), 1e-9))
    distance[:, 0] = -np.inf
    best = distance.argmax(axis=1)
    return [
        [
            Trait(
                feature, "is", float(distance[at, b]), float(share[at, b]), float(usual[b]), categories[b - 1]
            )
        ]
        if b and distance[at, b] > 0
        else []
        for at, b in enumerate(best)
    ]


def _middle(values: Floats) -> float:
    some = values[~np.isnan(values)]
    return float(np.median(some)) if len(some) else float("nan")
