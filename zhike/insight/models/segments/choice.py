"""How many segments there are, and whether they would be found again.

Silhouette: Rousseeuw 1987, *J. Comput. Appl. Math.* 20. Gap: Tibshirani, Walther & Hastie 2001, *J. R. Stat. Soc. B*
63, against customers spread evenly over the box of the principal axes, categories shuffled. Adjusted Rand index:
Hubert & Arabie 1985, *J. Classif.* 2. Jaccard of each segment under bootstrap: Hennig 2007, *Comput. Stat. Data Anal.*
52.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.exact import Integers
from zhike.insight.models.segments.prototypes import Prototypes, nearest, prototypes
from zhike.insight.models.segments.space import Points

_PART = 2_000
_STABLE_PART = 5_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What speaks for k segments: mean silhouette (−1 to 1; not a number for one segment), gap with its error."""

    k: int
    silhouette: float
    gap: float
    gap_error: float


@dataclass(frozen=True)
class Stability:
    """rand: mean adjusted Rand index of the segments and those of bootstrap samples (1: always the same, 0: chance);
    jaccard: of each segment with the most similar one of each sample, on average. Below 0.6 a segment is not to be
    trusted, above 0.85 it is very stable (Hennig)."""

    rand: float
    jaccard: tuple[float, ...]
    draws: int


def tried(points: Points, most: int, *, seed: int = 1, references: int = 10) -> tuple[Trial, ...]:
    """Judges 1, 2, … `most` segments, on at most 2,000 customers."""
    random = np.random.default_rng(seed)
    part = _part(points, _PART, random)
    pairs = part.distances(part.numbers, part.codes) ** 0.5
    evenly = [_evenly(part, random) for _ in range(references)]
    found = []
    for k in range(1, most + 1):
        own = prototypes(part, k, seed=seed)
        logs = np.log([max(prototypes(each, k, seed=seed, starts=2).spread, 1e-300) for each in evenly])
        gap = float(logs.mean() - np.log(max(own.spread, 1e-300)))
        error = float(logs.std() * np.sqrt(1 + 1 / references))
        found.append(Trial(k, float(silhouettes(pairs, own.labels).mean()) if k > 1 else np.nan, gap, error))
    return tuple(found)


def by_gap(trials: Sequence[Trial]) -> int:
    """The smallest k whose gap is not clearly below that of k + 1."""
    for here, after in pairwise(trials):
        if here.gap >= after.gap - after.gap_error:
            return here.k
    return trials[-1].k


def by_silhouette(trials: Sequence[Trial]) -> int:
    """The k of two or more with the highest mean silhouette."""
    return max(trials[1:], key=lambda each: each.silhouette).k


def silhouettes(pairs: Floats, labels: Integers) -> Floats:
    """Of each customer: (b − a) / max(a, b), where a is the mean distance to the others of the own segment and b that
    to the nearest other segment; 0 in a segment of one."""
    k = int(labels.max()) + 1
    member = np.zeros((len(labels), k))
    member[np.arange(len(labels)), labels] = 1
    sizes = member.sum(axis=0)
    totals = pairs @ member
    own = totals[np.arange(len(labels)), labels] / np.maximum(sizes[labels] - 1, 1)
    means = np.divide(totals, sizes, out=np.full(totals.shape, np.inf), where=sizes > 0)
    means[np.arange(len(labels)), labels] = np.inf
    other = means.min(axis=1)
    larger = np.maximum(own, other)
    known = (larger > 0) & np.isfinite(other)
    value = np.zeros(len(labels))
    value[known] = (other[known] - own[known]) / larger[known]
    return np.where(sizes[labels] > 1, value, 0.0)


def stability(points: Points, found: Prototypes, *, draws: int = 30, seed: int = 1) -> Stability:
    """Segments anew from samples drawn with repetition, each customer then put to the nearest: how far do they agree?
    On at most 5,000 customers."""
    random = np.random.default_rng(seed)
    part = _part(points, _STABLE_PART, random)
    labels, _, _ = nearest(part, found.numbers, found.codes)
    k, rands, jaccards = len(found.numbers), [], []
    for draw in range(draws):
        sample = part.of(random.integers(0, len(part), len(part)))
        again = prototypes(sample, k, seed=seed + draw, starts=4)
        other, _, _ = nearest(part, again.numbers, again.codes)
        table = crossed(labels, other)
        rands.append(adjusted_rand(table))
        both = table.sum(axis=1)[:, None] + table.sum(axis=0) - table
        jaccards.append((table / np.maximum(both, 1)).max(axis=1))
    mean = np.mean(jaccards, axis=0)
    kept = np.ones(k)
    kept[: len(mean)] = mean
    return Stability(float(np.mean(rands)), tuple(kept.tolist()), draws)


def crossed(first: Integers, second: Integers) -> Floats:
    """How many customers lie in each segment of the one and of the other division."""
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    return (
        np.bincount(first * columns + second, minlength=rows * columns)
        .reshape(rows, columns)
        .astype(np.float64)
    )


def adjusted_rand(table: Floats) -> float:
    """Agreement of two divisions, corrected for chance."""

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, first, second = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    size = table.sum()
    chance = first * second / max(size * (size - 1) / 2, 1.0)
    most = (first + second) / 2
    return (both - chance) / (most - chance) if most > chance else 1.0


def _part(points: Points, most: int, random: np.random.Generator) -> Points:
    if len(points) <= most:
        return points
    return points.of(np.sort(random.choice(len(points), most, replace=False)))


def _evenly(points: Points, random: np.random.Generator) -> Points:
    numbers = points.numbers
    if numbers.shape[1]:
        middle = numbers.mean(axis=0)
        _, _, axes = np.linalg.svd(numbers - middle, full_matrices=False)
        turned = (numbers - middle) @ axes.T
        box = random.uniform(turned.min(axis=0), turned.max(axis=0), turned.shape)
        numbers = box @ axes + middle
    columns = [random.permutation(column) for column in points.codes.T]
    codes = np.column_stack(columns) if columns else points.codes
    return Points(numbers, codes, points.weights, points.widths)
