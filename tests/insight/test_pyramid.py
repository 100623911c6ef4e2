"""The pyramid against the same told plainly; what cannot be ranked is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zhike.insight.models.exact import counts, decimals
from zhike.insight.models.pyramid import TIERS, WHOLE, By, Pyramid, TierRule, pyramid
from zhike.insight.types import CannotCarry

values = st.lists(st.one_of(st.integers(-50, 200), st.integers(0, 10**14)), min_size=1, max_size=60)


def made(amounts: list[int], by: By = "number") -> Pyramid:
    return pyramid(pa.array(range(len(amounts))), np.array(amounts, dtype=np.int64), by=by)


def plainly(amounts: list[int], by: By) -> list[int]:
    """The tier of each: where the middle of the group of equals lies, in ranks or in value."""
    shares = [Fraction(sum(tier.share for tier in TIERS[: at + 1]), WHOLE) for at in range(len(TIERS))]
    positive = sum(max(amount, 0) for amount in amounts)
    found = []
    for amount in amounts:
        if amount <= 0:
            found.append(len(TIERS) - 1)
        elif by == "number":
            better = sum(other > amount for other in amounts)
            rank = better + Fraction(amounts.count(amount) + 1, 2)
            found.append(next(at for at, share in enumerate(shares) if rank <= -(-share * len(amounts) // 1)))
        else:
            better = sum(other for other in amounts if other > amount)
            middle = better + Fraction(amount * amounts.count(amount), 2)
            found.append(next(at for at, share in enumerate(shares) if middle <= share * positive))
    return found


@given(values, st.sampled_from(["number", "value"]))
def test_the_pyramid_is_what_it_is_plainly(amounts: list[int], by: By) -> None:
    assume(max(amounts) > 0 and (len(amounts) == 1 or len(set(amounts)) > 1))
    found = made(amounts, by)
    assert found.places.tolist() == plainly(amounts, by)
    assert sum(tier.customers for tier in found.tiers) == len(amounts)
    assert sum(tier.value for tier in found.tiers) == sum(amounts)
    for tier in found.tiers:
        keys = found.customers_in(tier.rule.code).to_pylist()
        assert len(keys) == tier.customers
        assert sum(amounts[key] for key in keys) == tier.value
        assert (tier.low, tier.high) == (
            (min(amounts[key] for key in keys), max(amounts[key] for key in keys)) if keys else (None, None)
        )


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_customers_does_not_matter(amounts: list[int], order: object) -> None:
    assume(max(amounts) > 0 and len(set(amounts)) > 1)
    shuffled = list(enumerate(amounts))
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    keys, mixed = zip(*shuffled, strict=True)
    straight = dict(enumerate(made(list(amounts)).places.tolist()))
    other = pyramid(pa.array(keys), np.array(mixed, dtype=np.int64))
    assert dict(zip(keys, other.places.tolist(), strict=True)) == straight


def test_a_thousand_customers_part_as_the_shares_say() -> None:
    found = made(list(range(1, 1001)))
    assert [tier.customers for tier in found.tiers] == [10, 40, 150, 800]
    assert [tier.rule.zh for tier in found.tiers] == ["铂金", "黄金", "铁", "铅"]
    assert found.tiers[0].low == 991
    assert sum(tier.share_of_value for tier in found.tiers) == pytest.approx(1)


def test_abc_by_value() -> None:
    rules = [
        TierRule(code, code, code, share) for code, share in (("A", 700_000), ("B", 200_000), ("C", 100_000))
    ]
    found = pyramid(pa.array([1, 2, 3, 4]), np.array([60, 25, 10, 5]), tiers=rules, by="value")
    assert found.table["tier"].to_pylist() == ["A", "B", "B", "C"]


def test_customers_who_cost_money_stand_below() -> None:
    found = made([100, 0, -40])
    assert [tier.customers for tier in found.tiers] == [1, 0, 0, 2]
    assert found.tiers[-1].share_of_value == pytest.approx(-0.4)


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [([], "no_customers"), ([0, 0], "no_value"), ([-1], "no_value"), ([7, 7, 7], "all_equal")],
)
def test_what_cannot_be_ranked_is_refused(amounts: list[int], reason: str) -> None:
    with pytest.raises(CannotCarry) as caught:
        made(amounts)
    assert caught.value.reason == reason


def test_shares_must_make_a_whole() -> None:
    with pytest.raises(ValueError, match="add up"):
        pyramid(pa.array([1]), np.array([1]), tiers=TIERS[:2])
    with pytest.raises(ValueError, match="two tiers"):
        pyramid(pa.array([1]), np.array([1]), tiers=[TierRule("all", "All", "全部", WHOLE)])


@given(st.lists(st.integers(-(10**17), 10**17)))
def test_exact_money_goes_there_and_back(amounts: list[int]) -> None:
    array = decimals(np.array(amounts, dtype=np.int64))
    array.validate(full=True)
    assert counts(array).tolist() == amounts
    assert [int(value * 10_000) for value in array.to_pylist()] == amounts
    assert counts(pa.chunked_array([array[:1], array[1:]])).tolist() == amounts
