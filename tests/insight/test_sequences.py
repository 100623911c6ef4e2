"""Sequences against the same told plainly: who bought what after what, within how many days, and when."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.baskets_of_tests import bought
from zhike.insight.models.baskets import baskets_of
from zhike.insight.models.sequences import Sequences, sequences
from zhike.insight.types import CannotCarry

Told = list[tuple[int | None, int, str]]

told = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 5)), st.integers(0, 12), st.text("abc", min_size=1, max_size=3)
    ),
    min_size=1,
    max_size=25,
)


def follows(log: dict[str, set[int]], steps: tuple[str, ...], within: int | None) -> set[int]:
    """The days on which a customer's sequence comes to its end."""
    ends = log.get(steps[0], set())
    for step in steps[1:]:
        ends = {
            day
            for day in log.get(step, set())
            if any(end < day and (within is None or day - end <= within) for end in ends)
        }
    return ends


def logs(purchases: Told) -> dict[int, dict[str, set[int]]]:
    found: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for customer, day, products in purchases:
        for product in products if customer is not None else "":
            found[customer or 0][product].add(day)
    return found


@settings(max_examples=60)
@given(told, st.sampled_from([0.2, 0.5]), st.sampled_from([None, 1, 4]))
def test_sequences_are_all_there_are(purchases: Told, support: float, within: int | None) -> None:
    known = logs(purchases)
    every = [steps for size in (1, 2, 3) for steps in itertools.product("abc", repeat=size)]
    counted = {steps: sum(bool(follows(log, steps, within)) for log in known.values()) for steps in every}
    enough = max(1, support * len(known) - 1e-9)
    expected = {steps: count for steps, count in counted.items() if len(steps) > 1 and count >= enough}
    if not expected:
        with pytest.raises(CannotCarry):
            sequences(bought(purchases), support=support, within=within)
        return
    found = sequences(bought(purchases), support=support, within=within)
    rows = {tuple(row["steps"]): row for row in found.table.to_pylist()}
    assert {steps: row["customers"] for steps, row in rows.items()} == expected
    for steps, row in rows.items():
        assert row["confidence"] == pytest.approx(counted[steps] / counted[steps[:-1]])
        assert_order(known, steps, row["ahead"], row["behind"])
    assert_gaps(known, found)


def assert_order(
    known: dict[int, dict[str, set[int]]], steps: tuple[str, ...], ahead: int, behind: int
) -> None:
    both = [log for log in known.values() if steps[-2] in log and steps[-1] in log]
    assert ahead == sum(min(log[steps[-2]]) < min(log[steps[-1]]) for log in both)
    assert behind == sum(min(log[steps[-2]]) > min(log[steps[-1]]) for log in both)


def assert_gaps(known: dict[int, dict[str, set[int]]], found: Sequences) -> None:
    """Days to the earliest end of pairs: from the first purchase, or with `within` from the latest that reaches it."""
    for row in (row for row in found.table.to_pylist() if len(row["steps"]) == 2):
        one, two = row["steps"]
        gaps = []
        for log in known.values():
            if ends := follows(log, (one, two), found.within):
                before = [day for day in log[one] if day < min(ends)]
                gaps.append(min(ends) - (min(before) if found.within is None else max(before)))
        assert row["days_half"] == pytest.approx(median(gaps))


def test_a_planted_sequence_with_its_gap() -> None:
    chance: Told = [(customer, customer % 9, "x") for customer in range(1, 101)]
    chance += [(customer, customer % 9 + 30, "y") for customer in range(1, 61)]
    chance += [(customer, customer % 9 + 60, "zx") for customer in range(1, 41)]
    found = sequences(bought(chance), support=0.3)
    rows = {tuple(row["steps"]): row for row in found.table.to_pylist()}
    assert rows["x", "y"]["customers"] == 60
    assert rows["x", "y"]["days_half"] == 30
    assert rows["x", "y", "z"]["confidence"] == pytest.approx(40 / 60)
    assert rows["x", "x"]["days_quarter"] == 60
    assert (rows["x", "y"]["ahead"], rows["x", "y"]["behind"]) == (60, 0)
    assert rows["x", "y"]["q_value"] < 1e-10
    assert rows["x", "x"]["q_value"] == 1.0
    # 60 of 100 buy y on a day after their first; of those who bought x just as many.
    assert found.lift[0] == pytest.approx(1.0)
    assert ("x", "z") not in {
        tuple(row["steps"]) for row in sequences(bought(chance), support=0.3, within=59).table.to_pylist()
    }
    kept = json.loads(found.to_json())
    assert kept["customers"] == 100
    assert len(kept["sequences"]) == len(found)


def test_data_that_carries_no_sequence() -> None:
    with pytest.raises(CannotCarry, match="no product follows"):
        sequences(bought([(1, 0, "ab")]), support=0.5)
    with pytest.raises(CannotCarry, match="no product follows"):
        sequences(bought([(1, 0, "ab"), (2, 0, "ab"), (2, 0, "c")]), support=0.5)
    with pytest.raises(CannotCarry, match="no basket belongs"):
        sequences(bought([(None, 0, "ab")]), support=0.5)
    with pytest.raises(ValueError, match="whose the baskets are"):
        sequences(baskets_of(["ab"]), support=0.5)
    with pytest.raises(ValueError, match="longest is 2 or more"):
        sequences(bought([(1, 0, "a")]), longest=1)
    with pytest.raises(CannotCarry, match="more than 3 sequences"):
        sequences(bought([(1, 0, "ab"), (1, 1, "ab")]), support=1, most=3)
    again = sequences(bought([(1, 0, "a"), (1, 5, "a")]), support=1)
    assert again.table["days_half"].to_pylist() == [5.0]
