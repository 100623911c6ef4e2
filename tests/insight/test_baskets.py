"""Packing baskets, counting pairs, finding frequent sets: against the same told plainly."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.baskets_of_tests import START, bought, plain
from tests.insight.lines import line, lines
from zhike.insight.models.baskets import baskets, baskets_of, frequent_pairs, itemsets, pair_counts, pairs
from zhike.insight.types import CannotCarry, Days

told = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=7), min_size=1, max_size=40).filter(any)


@given(told)
def test_packed_baskets_are_those_given(lists: list[list[str]]) -> None:
    packed = baskets_of(lists)
    assert plain(packed) == [set(names) for names in lists]
    counted = Counter(name for names in lists for name in set(names))
    assert dict(zip(packed.items, packed.counts.tolist(), strict=True)) == counted
    assert list(packed.items) == sorted(counted, key=lambda name: (-counted[name], name))
    for begin, end in itertools.pairwise(packed.offsets.tolist()):
        assert (np.diff(packed.codes[begin:end]) > 0).all()


@given(told, st.integers(1, 4))
def test_pairs_are_counted_as_plainly(lists: list[list[str]], at_least: int) -> None:
    packed = baskets_of(lists)
    counted = Counter(
        pair
        for names in lists
        for pair in itertools.combinations(sorted(set(names), key=packed.items.index), 2)
    )
    matrix = pair_counts(packed)
    assert {(packed.items[a], packed.items[b]): int(matrix[a, b]) for a, b in np.argwhere(matrix)} == counted
    found = zip(*(each.tolist() for each in frequent_pairs(packed, at_least)), strict=True)
    kept = {pair: count for pair, count in counted.items() if count >= at_least}
    assert {(packed.items[a], packed.items[b]): count for a, b, count in found} == kept


@given(told, st.integers(1, 3))
def test_pairs_of_many_products_come_out_alike(lists: list[list[str]], at_least: int) -> None:
    packed = baskets_of(lists)
    usual = frequent_pairs(packed, at_least)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "_DENSE", 2)
        narrow = frequent_pairs(packed, at_least)
    assert [each.tolist() for each in narrow] == [each.tolist() for each in usual]


@settings(max_examples=60)
@given(told, st.sampled_from([0.05, 0.1, 0.25, 0.5, 1.0]), st.integers(1, 6))
def test_frequent_sets_are_all_there_are(lists: list[list[str]], support: float, longest: int) -> None:
    packed = baskets_of(lists)
    counted: Counter[frozenset[str]] = Counter()
    for names in lists:
        for size in range(1, min(longest, len(set(names))) + 1):
            counted.update(map(frozenset, itertools.combinations(sorted(set(names)), size)))
    expected = {
        names: count for names, count in counted.items() if count >= support * len(lists) * (1 - 1e-9)
    }
    if not expected:
        with pytest.raises(CannotCarry, match="no product is in"):
            itemsets(packed, support=support, longest=longest)
        return
    found = itemsets(packed, support=support, longest=longest)
    rows = found.table.to_pylist()
    assert {frozenset(row["items"]): row["baskets"] for row in rows} == expected
    assert len(found) == len(rows) == len(expected)
    for size, level in enumerate(found.levels, 1):
        assert found.counts(found.members(size)).tolist() == level.counts.tolist()
        assert len(level.last) <= found.counted[size - 1]


def test_more_sets_than_wanted_are_refused() -> None:
    with pytest.raises(CannotCarry, match="more than 100 sets") as refused:
        itemsets(baskets_of(["abcdefghij"] * 3), support=1, longest=10, most=100)
    assert refused.value.reason == "too_many_itemsets"


@pytest.mark.parametrize("options", [{"support": 0}, {"support": 1.5}, {"longest": 0}])
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        itemsets(baskets_of(["ab"]), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("lists", [[], [[]], [[" ", ""]]])
def test_nothing_in_any_basket_is_refused(lists: list[list[str]]) -> None:
    with pytest.raises(CannotCarry, match="nothing in any basket"):
        baskets_of(lists)


def test_lines_become_baskets_by_document_and_by_day() -> None:
    rows = [
        line(1, START, 5, "D1", product="tea"),
        line(1, START, 5, "D1", product=" tea ", line_no=2),
        line(1, START, 5, "D1", product="cup", line_no=3),
        line(1, START, 5, "D2", product="pot"),
        line(2, START, 5, "D1", product="pot", line_no=4),
        line(None, START, 5, "D3", product="cup"),
        line(1, START, -5, "D4", product="jar"),
        line(1, START, 0, "D5", product="gift"),
        line(1, START, 5, "D6", product=None),
        line(1, START, 5, "D7", product="postage"),
        line(1, START + timedelta(days=40), 5, "D8", product="tea"),
    ]
    period = Days(START, START + timedelta(days=31))
    by_document = baskets(lines(rows), period=period, leave_out=["postage", "it's"])
    assert by_document.customers is not None
    told = sorted(zip(by_document.customers.tolist(), map(sorted, plain(by_document)), strict=True))
    assert told == [(-1, ["cup"]), (1, ["cup", "tea"]), (1, ["pot"]), (2, ["pot"])]
    by_day = baskets(lines(rows), by="day", period=period, leave_out=["postage"])
    assert sorted(map(sorted, plain(by_day))) == [["cup", "pot", "tea"], ["pot"]]
    assert by_day.days is not None
    assert date(1970, 1, 1) + timedelta(days=int(by_day.days[0])) == START


def test_lines_that_lack_what_is_needed_are_refused() -> None:
    with pytest.raises(ValueError, match="lack the column amount, product"):
        baskets(lines([line(1, START, 1)]).select(["customer_key", "occurred_date", "document"]))
    with pytest.raises(CannotCarry, match="nothing in any basket"):
        baskets(lines([line(1, START, -1)]))
    assert len(bought([(None, 0, "ab")])) == 1
