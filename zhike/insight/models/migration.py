"""Who moved between tiers (or any other names of groups) from one date to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Move:
    """How many customers went from one group to another; ABSENT stands for those who were not there, or no longer."""

    before: str
    after: str
    customers: int


@dataclass(frozen=True)
class Migration:
    """The answer. `matrix[i, j]` counts customers who were in groups[i] and came to groups[j].

    `groups` run from the best to the worst; the last is ABSENT. `risen` and `fallen` count those present both times.
    """

    groups: tuple[str, ...]
    matrix: npt.NDArray[np.int64]
    customers: pa.Array
    before: npt.NDArray[np.int8]
    after: npt.NDArray[np.int8]

    @property
    def risen(self) -> int:
        """Customers who stand in a better group than before."""
        return int(np.tril(self.matrix[:-1, :-1], -1).sum())

    @property
    def fallen(self) -> int:
        """Customers who stand in a worse group than before."""
        return int(np.triu(self.matrix[:-1, :-1], 1).sum())

    @property
    def entered(self) -> int:
        """Customers who were absent before."""
        return int(self.matrix[-1].sum())

    @property
    def left(self) -> int:
        """Customers who are absent now."""
        return int(self.matrix[:, -1].sum())

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Every cell of the matrix in which somebody is."""
        found = np.argwhere(self.matrix)
        return tuple(Move(self.groups[i], self.groups[j], int(self.matrix[i, j])) for i, j in found)

    def customers_in(self, before: str, after: str) -> pa.Array:
        """The customers behind one cell, in the order of their keys. Raises ValueError for an unknown group."""
        cell = (self.before == self.groups.index(before)) & (self.after == self.groups.index(after))
        return self.customers.filter(pa.array(cell))


def migration(
    before: tuple[pa.Array | pa.ChunkedArray, pa.Array | pa.ChunkedArray],
    after: tuple[pa.Array | pa.ChunkedArray, pa.Array | pa.ChunkedArray],
    *,
    groups: Sequence[str],
) -> Migration:
    """Compares two states, each the keys of customers and the names of their groups.

    groups: all names from the best to the worst. Raises ValueError for a name not among them, or a customer who
    stands twice in one state.
    """
    absent = len(groups)
    was, now = _state(*before, groups), _state(*after, groups)
    keys = np.union1d(was[0], now[0])
    places = []
    for known, place in (was, now):
        at = np.full(len(keys), absent, dtype=np.int8)
        at[np.searchsorted(keys, known)] = place
        places.append(at)
    cells = places[0].astype(np.intp) * (absent + 1) + places[1]
    matrix = np.bincount(cells, minlength=(absent + 1) ** 2).reshape(absent + 1, absent + 1)
    return Migration((*groups, ABSENT), matrix, pa.array(keys), places[0], places[1])


def _state(
    customers: pa.Array | pa.ChunkedArray, names: pa.Array | pa.ChunkedArray, groups: Sequence[str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
    keys = (
        customers.to_numpy(zero_copy_only=False) if isinstance(customers, pa.Array) else customers.to_numpy()
    )
    if len(np.unique(keys)) != len(keys):
        raise ValueError("a customer stands twice in one state")
    coded = names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names
    coded = coded if pa.types.is_dictionary(coded.type) else coded.dictionary_encode()
    known = coded.dictionary.to_pylist()
    unknown = sorted(set(known) - set(groups))
    if unknown:
        raise ValueError(f"unknown groups {', '.join(unknown)}")
    place = np.array([groups.index(name) for name in known] or [0], dtype=np.int8)
    return keys, place[coded.indices.to_numpy()]
