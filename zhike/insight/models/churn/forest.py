"""Trees as tables: told without the library that grew them, and exact Shapley values of every feature.

A leaf is a box: for each feature a set of values. So a tree needs no walk: for each feature a table tells which leaves
a value leaves possible (one bit each), and the only bit in all of them is the leaf.

Shapley values: Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for trees",
*Nature Machine Intelligence* 2 (path-dependent). A leaf with D features gives feature i
v (o_i − z_i) Σ_S |S|! (D−1−|S|)! / D! Π_{j∈S} o_j Π_{j∉S} z_j, where o_j tells whether the customer lies in the box and
z_j the part of the training customers who do. By the beta integral the sum is ∫₀¹ Π_{j≠i} (t o_j + (1−t) z_j) dt, a
polynomial that Gauss and Legendre integrate exactly; all 2^D patterns of o are tabled once per leaf.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.customer_base.newton import chunks

Bits = npt.NDArray[np.uint64]

MOST_LEAVES = 64
_CHUNK = 8192


@dataclass(frozen=True)
class Tree:
    """Nodes in lists. feature: of the split, −1 in a leaf; threshold: numbers up to it go left; categories: codes that
    go left (None: a number); missing_left: where a missing number goes (a category never seen goes right); value: of a
    leaf; cover: training customers who came by."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    categories: tuple[tuple[int, ...] | None, ...]
    missing_left: tuple[bool, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    cover: tuple[float, ...]

    @cached_property
    def leaves(self) -> tuple[int, ...]:
        """Places of the leaves."""
        return tuple(at for at, feature in enumerate(self.feature) if feature < 0)


@dataclass(frozen=True)
class _Boxes:
    """A tree by features: for each feature used, the leaves each code leaves possible; for each leaf its value, and the
    features on its path with the part of the training customers that passes each."""

    features: tuple[int, ...]
    tables: tuple[Bits, ...]
    values: Floats
    paths: tuple[tuple[tuple[int, ...], tuple[float, ...]], ...]
    mean: float


@dataclass(frozen=True)
class Forest:
    """Trees whose sum is the log-odds. sizes: number of categories of each feature, None for numbers."""

    trees: tuple[Tree, ...]
    sizes: tuple[int | None, ...]

    def raw(self, x: Floats) -> Floats:
        """Log-odds of each row. x: rows × features; categories are codes, −1 where missing or unknown."""
        found = np.zeros(len(x))

        def part(rows: slice) -> None:
            codes = self._codes(x[rows])
            for boxes in self._boxes:
                left = np.full(len(codes[0]), np.iinfo(np.uint64).max)
                for feature, table in zip(boxes.features, boxes.tables, strict=True):
                    left &= table[codes[feature]]
                found[rows] += (
                    boxes.values[np.bitwise_count(left - np.uint64(1))] if boxes.features else boxes.mean
                )

        chunks(len(x), part, chunk=_CHUNK)
        return found

    def contributions(self, x: Floats) -> Floats:
        """Shapley values, rows × features, in log-odds: with `base` they add up to `raw`."""
        found = np.zeros(x.shape)

        def part(rows: slice) -> None:
            codes = self._codes(x[rows])
            sums = np.zeros((x.shape[1], len(codes[0])))
            for boxes, tables in zip(self._boxes, self._shapley, strict=True):
                open_leaves = {f: t[codes[f]] for f, t in zip(boxes.features, boxes.tables, strict=True)}
                for leaf, ((features, _), table) in enumerate(zip(boxes.paths, tables, strict=True)):
                    pattern = np.zeros(len(codes[0]), dtype=np.uint64)
                    for place, feature in enumerate(features):
                        pattern |= (open_leaves[feature] >> np.uint64(leaf) & np.uint64(1)) << np.uint64(
                            place
                        )
                    at = pattern.astype(np.intp)
                    for place, feature in enumerate(features):
                        sums[feature] += table[place][at]
            found[rows] = sums.T

        chunks(len(x), part, chunk=_CHUNK)
        return found

    @cached_property
    def base(self) -> float:
        """Mean log-odds over the training customers, as the trees have it."""
        return math.fsum(boxes.mean for boxes in self._boxes)

    def told(self) -> list[dict[str, Any]]:
        """As plain lists, for JSON."""
        return [
            {name: list(getattr(tree, name)) for name in Tree.__dataclass_fields__} for tree in self.trees
        ]

    @classmethod
    def of_told(cls, told: Sequence[dict[str, Any]], sizes: Sequence[int | None]) -> Forest:
        """A forest as `told` gave it. Raises ValueError for anything else."""
        trees = []
        for tree in told:
            if set(tree) != set(Tree.__dataclass_fields__):
                raise ValueError("this is not a tree")
            kept = {name: tuple(values) for name, values in tree.items()}
            kept["categories"] = tuple(None if each is None else tuple(each) for each in tree["categories"])
            trees.append(Tree(**kept))
        return cls(tuple(trees), tuple(sizes))

    @cached_property
    def _edges(self) -> tuple[Floats, ...]:
        """Distinct thresholds of each feature, rising."""
        found: list[set[float]] = [set() for _ in self.sizes]
        for tree in self.trees:
            for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
                if feature >= 0 and self.sizes[feature] is None:
                    found[feature].add(threshold)
        return tuple(np.array(sorted(each)) for each in found)

    def _codes(self, x: Floats) -> list[npt.NDArray[np.intp]]:
        """Each value as the place among the thresholds, or as its category; the last code is missing or unknown."""
        codes = []
        for at, (edges, size) in enumerate(zip(self._edges, self.sizes, strict=True)):
            values = x[:, at]
            if size is None:
                code = np.searchsorted(edges, values, "left")
                code[np.isnan(values)] = len(edges) + 1
            else:
                known = (values >= 0) & (values < size)
                code = np.where(known, values, size).astype(np.intp)
            codes.append(code)
        return codes

    @cached_property
    def _boxes(self) -> tuple[_Boxes, ...]:
        return tuple(_boxes(tree, self._edges, self.sizes) for tree in self.trees)

    @cached_property
    def _shapley(self) -> tuple[tuple[Floats, ...], ...]:
        """For each tree and leaf, features on the path × patterns."""
        values = [value for boxes in self._boxes for value in boxes.values.tolist()]
        tables = _tables(values, [parts for boxes in self._boxes for _, parts in boxes.paths])
        sizes = [len(boxes.paths) for boxes in self._boxes]
        starts = np.cumsum([0, *sizes])
        return tuple(tuple(tables[a:b]) for a, b in pairwise(starts))


def _boxes(tree: Tree, edges: Sequence[Floats], sizes: Sequence[int | None]) -> _Boxes:
    """One walk through the tree, from each node to the leaves under it."""
    number = {place: at for at, place in enumerate(tree.leaves)}
    tables: dict[int, Bits] = {}
    paths: list[dict[int, float]] = [{} for _ in number]

    def walk(node: int, path: dict[int, float]) -> int:
        feature = tree.feature[node]
        if feature < 0:
            paths[number[node]] = path
            return 1 << number[node]
        under = []
        for child in (tree.left[node], tree.right[node]):
            passed = tree.cover[child] / tree.cover[node] * path.get(feature, 1.0)
            under.append(walk(child, {**path, feature: passed}))
        goes_left = _goes_left(tree, node, edges[feature], sizes[feature])
        blocked = np.where(goes_left, np.uint64(under[1]), np.uint64(under[0]))
        every = np.full(len(goes_left), (1 << len(number)) - 1, dtype=np.uint64)
        tables[feature] = tables.get(feature, every) & ~blocked
        return under[0] | under[1]

    walk(0, {})
    used = tuple(sorted(tables))
    values = np.array([tree.value[place] for place in tree.leaves])
    cover = np.array([tree.cover[place] for place in tree.leaves])
    told = tuple((tuple(path), tuple(path.values())) for path in paths)
    return _Boxes(
        used, tuple(tables[each] for each in used), values, told, float(values @ cover / cover.sum())
    )


def _goes_left(tree: Tree, node: int, edges: Floats, size: int | None) -> npt.NDArray[np.bool_]:
    """For each code of the feature whether it goes left; the last is missing or unknown."""
    codes = tree.categories[node]
    if codes is not None:
        assert size is not None  # categories belong to a feature of categories
        left = np.zeros(size + 1, dtype=bool)
        left[[code for code in codes if code < size]] = True
        return left
    place = int(np.searchsorted(edges, tree.threshold[node]))
    left = np.arange(len(edges) + 2) <= place
    left[-1] = tree.missing_left[node]
    return left


def _tables(values: Sequence[float], parts: Sequence[tuple[float, ...]]) -> list[Floats]:
    """Contribution of each feature on each leaf's path for each pattern of being inside; leaves of one depth
    together."""
    found: list[Floats] = [np.zeros((0, 1))] * len(values)
    for depth in sorted({len(part) for part in parts} - {0}):
        which = [at for at, part in enumerate(parts) if len(part) == depth]
        z = np.array([parts[at] for at in which])[:, None, :, None]
        inside = (np.arange(1 << depth)[:, None] >> np.arange(depth) & 1).astype(np.float64)[None, :, :, None]
        nodes, weights = np.polynomial.legendre.leggauss((depth + 1) // 2)
        t, weight = (nodes + 1) / 2, weights / 2
        mixed = t * inside + (1 - t) * z
        worth = np.array([values[at] for at in which])
        table = np.empty((len(which), depth, 1 << depth))
        for place in range(depth):
            others = np.prod(np.delete(mixed, place, axis=2), axis=2) @ weight
            table[:, place] = worth[:, None] * (inside[:, :, place, 0] - z[:, :, place, 0]) * others
        for at, each in zip(which, table, strict=True):
            found[at] = each
    return found
