"""k-prototypes: k-means for numbers and categories together (Huang 1998); without categories it is k-means.

Seeds are drawn far from each other (k-means++, Arthur & Vassilvitskii 2007); several starts on a part of the customers,
the best one carried on over all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.customer_base.newton import chunks
from zhike.insight.models.customer_base.rows import sums
from zhike.insight.models.exact import Integers
from zhike.insight.models.segments.space import Points
from zhike.insight.types import CannotCarry

_PART = 5_000
_ROUNDS = 100
_CHUNK = 32_768


@dataclass(frozen=True)
class Prototypes:
    """A typical customer of each segment: means of the numbers, commonest codes of the categories. labels: segment of
    each point; spread: sum of squared distances to the own prototype."""

    numbers: Floats
    codes: Integers
    labels: Integers
    spread: float

    @property
    def sizes(self) -> Integers:
        """Points in each segment."""
        return np.bincount(self.labels, minlength=len(self.numbers)).astype(np.int64)


def prototypes(points: Points, k: int, *, seed: int = 1, starts: int = 8) -> Prototypes:
    """The k prototypes with the least spread found. The largest segment comes first. Raises CannotCarry (too_few) when
    there are fewer than k different points."""
    random = np.random.default_rng(seed)
    part = points if len(points) <= _PART else points.of(random.choice(len(points), _PART, replace=False))
    found = [_settled(part, *_seeds(part, k, random)) for _ in range(starts)]
    best = min(found, key=lambda each: each.spread)
    if part is not points:
        best = _settled(points, best.numbers, best.codes)
    order = np.argsort(-best.sizes, kind="stable")
    place = np.empty(k, dtype=np.int64)
    place[order] = np.arange(k)
    return Prototypes(best.numbers[order], best.codes[order], place[best.labels], best.spread)


def nearest(points: Points, numbers: Floats, codes: Integers) -> tuple[Integers, Floats, Floats]:
    """For each point the nearest prototype, and squared distances to it and to the next (infinite where there is no
    other)."""
    second = np.full(len(points), np.inf)

    def next_one(rows: slice, distance: Floats) -> None:
        if len(numbers) > 1:
            second[rows] = np.partition(distance, 1, axis=1)[:, 1]

    label, first = _labelled(points, numbers, codes, next_one)
    return label, first, second


def _labelled(
    points: Points, numbers: Floats, codes: Integers, more: Callable[[slice, Floats], None] | None = None
) -> tuple[Integers, Floats]:
    """The nearest prototype of each point, and the squared distance to it; `more` sees all distances as they come."""
    label, first = np.empty(len(points), dtype=np.int64), np.empty(len(points))

    def part(rows: slice) -> None:
        some = points if len(points) <= _CHUNK else points.of(rows)
        distance = some.distances(numbers, codes)
        chosen = distance.argmin(axis=1)
        label[rows] = chosen
        first[rows] = distance[np.arange(len(chosen)), chosen]
        if more:
            more(rows, distance)

    chunks(len(points), part, chunk=_CHUNK)
    return label, first


def _seeds(points: Points, k: int, random: np.random.Generator) -> tuple[Floats, Integers]:
    chosen = [int(random.integers(len(points)))]
    distance = points.distances(points.numbers[chosen], points.codes[chosen])[:, 0]
    while len(chosen) < k:
        total = distance.sum()
        if total <= 1e-12 * max(len(points), 1):
            message = f"there are only {len(chosen)} different customers for {k} segments"
            raise CannotCarry("too_few", message, different=len(chosen), segments=k)
        at = int(random.choice(len(points), p=distance / total))
        chosen.append(at)
        distance = np.minimum(distance, points.distances(points.numbers[[at]], points.codes[[at]])[:, 0])
    return points.numbers[chosen], points.codes[chosen]


def _settled(points: Points, numbers: Floats, codes: Integers) -> Prototypes:
    """Lloyd's rounds until at most one customer in ten thousand changes segment."""
    before = None
    for _ in range(_ROUNDS):
        label, distance = _labelled(points, numbers, codes)
        label = _filled(label, distance, len(numbers))
        if before is not None and int((label != before).sum()) <= len(points) // 10_000:
            break
        numbers, codes, before = *_middles(points, label, len(numbers)), label
    label, distance = _labelled(points, numbers, codes)
    return Prototypes(numbers, codes, label, float(distance.sum()))


def _filled(label: Integers, distance: Floats, k: int) -> Integers:
    """A segment that lost all its customers takes the one who is farthest from his own."""
    counts = np.bincount(label, minlength=k)
    for empty in np.flatnonzero(counts == 0):
        far = int(np.where(counts[label] > 1, distance, -1.0).argmax())
        counts[label[far]] -= 1
        label[far], distance[far], counts[empty] = empty, 0.0, 1
    return label


def _middles(points: Points, label: Integers, k: int) -> tuple[Floats, Integers]:
    count = np.bincount(label, minlength=k)
    columns = [sums(label, column, k) / count for column in points.numbers.T]
    numbers = np.column_stack(columns) if columns else np.zeros((k, 0))
    codes = np.zeros((k, points.codes.shape[1]), dtype=np.int64)
    for at, column in enumerate(points.codes.T):
        width = int(column.max(initial=0)) + 1
        codes[:, at] = (
            np.bincount(label * width + column, minlength=k * width).reshape(k, width).argmax(axis=1)
        )
    return numbers, codes
