"""From pairs to groups of records that are one customer, without letting chains grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from zhike.insight.duplicates.types import Pair


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records that are probably one customer, in the order of their ids.

    `weakest` is the least probability among the pairs found inside; `density` the share of its possible
    pairs that were found.
    """

    members: tuple[str, ...]
    weakest: float
    density: float


def clusters(
    pairs: Iterable[Pair], threshold: float, *, least_density: float = 0.5, largest: int = 50
) -> list[Cluster]:
    """Groups of records joined by pairs of at least `threshold` probability, largest first.

    Plain connected components chain: A like B, B like C, but A unlike C. Here pairs are taken strongest
    first, and two groups become one only if of all pairs within the joined group at least `least_density`
    were found, and it has no more than `largest` members. Each record is in one group at most.
    """
    found: dict[tuple[str, str], float] = {}
    for pair in pairs:
        if pair.probability >= threshold and pair.left != pair.right:
            ends = (min(pair.left, pair.right), max(pair.left, pair.right))
            found[ends] = max(pair.probability, found.get(ends, 0.0))
    groups = _Groups(found)
    for left, right in sorted(found, key=lambda ends: (-found[ends], ends)):
        groups.join(left, right, least_density, largest)
    return groups.answer()


class _Groups:
    """Disjoint groups over records that know their neighbours."""

    def __init__(self, found: dict[tuple[str, str], float]) -> None:
        self._found = found
        self._near: defaultdict[str, set[str]] = defaultdict(set)
        for left, right in found:
            self._near[left].add(right)
            self._near[right].add(left)
        self._group = {member: {member} for member in self._near}
        self._inside = dict.fromkeys(self._near, 0)

    def join(self, left: str, right: str, least_density: float, largest: int) -> None:
        """Make one group of the two that hold `left` and `right`, where that does not chain."""
        small, large = sorted((self._group[left], self._group[right]), key=len)
        size = len(small) + len(large)
        if small is large or size > largest:
            return
        links = sum(len(self._near[member] & large) for member in small)
        inside = links + self._inside[next(iter(small))] + self._inside[next(iter(large))]
        if inside < least_density * size * (size - 1) / 2:
            return
        large |= small
        for member in small:
            self._group[member] = large
        for member in large:
            self._inside[member] = inside

    def answer(self) -> list[Cluster]:
        """The groups of two and more."""
        groups = {id(group): group for group in self._group.values() if len(group) > 1}
        made = [self._cluster(tuple(sorted(group))) for group in groups.values()]
        return sorted(made, key=lambda cluster: (-len(cluster.members), cluster.members))

    def _cluster(self, members: tuple[str, ...]) -> Cluster:
        group = set(members)
        inside = [self._found[a, b] for a in members for b in self._near[a] & group if a < b]
        return Cluster(members, min(inside), len(inside) / (len(members) * (len(members) - 1) / 2))
