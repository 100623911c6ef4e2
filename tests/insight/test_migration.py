"""Moves between tiers: every customer is counted once, and every cell opens."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.insight.models.migration import ABSENT, migration

GROUPS = ("platinum", "gold", "iron", "lead")
states = st.dictionaries(st.integers(-5, 30), st.sampled_from(GROUPS))


def arrays(state: dict[int, str]) -> tuple[pa.Array, pa.Array]:
    return pa.array(state.keys(), pa.int64()), pa.array(state.values(), pa.string())


@given(states, states)
def test_the_matrix_is_what_it_is_plainly(before: dict[int, str], after: dict[int, str]) -> None:
    found = migration(arrays(before), arrays(after), groups=GROUPS)
    keys = before.keys() | after.keys()
    for i, was in enumerate(found.groups):
        for j, now in enumerate(found.groups):
            behind = sorted(
                key for key in keys if before.get(key, ABSENT) == was and after.get(key, ABSENT) == now
            )
            assert found.matrix[i, j] == len(behind)
            assert found.customers_in(was, now).to_pylist() == behind
    both = before.keys() & after.keys()
    rank = GROUPS.index
    assert found.risen == sum(rank(after[key]) < rank(before[key]) for key in both)
    assert found.fallen == sum(rank(after[key]) > rank(before[key]) for key in both)
    assert (found.entered, found.left) == (
        len(after.keys() - before.keys()),
        len(before.keys() - after.keys()),
    )
    assert sum(move.customers for move in found.moves) == len(keys)


def test_unknown_groups_and_customers_named_twice_are_refused() -> None:
    good = arrays({1: "gold"})
    with pytest.raises(ValueError, match="unknown groups silver"):
        migration(good, arrays({1: "silver"}), groups=GROUPS)
    with pytest.raises(ValueError, match="twice"):
        migration((pa.array([1, 1]), pa.array(["gold", "lead"])), good, groups=GROUPS)
