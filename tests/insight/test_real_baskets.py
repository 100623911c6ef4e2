"""Two published logs: groceries gives the figures that arules prints, online_retail what is known of its cohorts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.insight.baskets_of_tests import NO_GOODS, groceries, retail_lines
from zhike.insight.models.baskets import baskets, itemsets, rules
from zhike.insight.models.cohorts import cohorts
from zhike.insight.models.offers import check_offers, next_offers
from zhike.insight.models.sequences import sequences

EVERY = {"false_discoveries": 1.0, "lift": 0.0, "improvement": None}


def test_groceries_has_its_published_totals() -> None:
    packed = groceries()
    assert (len(packed), len(packed.items), len(packed.codes)) == (9835, 169, 43_367)
    assert packed.density == pytest.approx(0.02609, abs=5e-6)
    assert packed.sizes.mean() == pytest.approx(4.409, abs=5e-4)
    assert packed.sizes.max() == 32
    assert dict(zip(packed.items[:5], packed.counts[:5].tolist(), strict=True)) == {
        "whole milk": 2513,
        "other vegetables": 1903,
        "rolls/buns": 1809,
        "soda": 1715,
        "yogurt": 1372,
    }
    assert np.bincount(packed.sizes)[1:6].tolist() == [2159, 1643, 1299, 1005, 855]


def test_groceries_has_its_published_sets_and_rules() -> None:
    packed = groceries()
    one = itemsets(packed, support=0.01)
    assert [len(level.last) for level in one.levels] == [88, 213, 32]
    strong = rules(one, confidence=0.5, **EVERY)  # type: ignore[arg-type]
    assert len(strong) == 15
    first = strong.table.to_pylist()[0]
    assert (sorted(first["antecedent"]), first["consequent"]) == (
        ["citrus fruit", "root vegetables"],
        ["other vegetables"],
    )
    figures = [first[name] for name in ("support", "confidence", "lift")]
    assert figures == [pytest.approx(value, abs=5e-8) for value in (0.01037112, 0.5862069, 3.0296084)]
    assert len(rules(itemsets(packed, support=0.006), confidence=0.25, **EVERY)) == 463  # type: ignore[arg-type]


def test_groceries_has_its_published_rare_rules() -> None:
    rare = itemsets(groceries(), support=0.001, longest=10)
    assert len(rare) == 13_492
    found = rules(rare, confidence=0.8, **EVERY)  # type: ignore[arg-type]
    sizes = np.bincount((found.antecedents >= 0).sum(axis=1) + 1)
    assert sizes.tolist() == [0, 0, 0, 29, 229, 140, 12]
    top = found.table.to_pylist()[0]
    assert (sorted(top["antecedent"]), top["consequent"]) == (["liquor", "red/blush wine"], ["bottled beer"])
    figures = [top[name] for name in ("support", "confidence", "lift")]
    assert figures == [pytest.approx(value, abs=5e-7) for value in (0.001931876, 0.9047619, 11.235269)]


def test_cohorts_of_online_retail() -> None:
    found = cohorts(retail_lines(), as_of=date(2011, 12, 10))
    assert found.sizes.tolist() == [885, 417, 380, 452, 300, 284, 242, 188, 169, 299, 358, 323, 41]
    assert found.active[0].tolist() == [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
    assert found.left_out + int(found.sizes.sum()) == 4372
    assert found.running.sum() == 13


def test_sequences_of_online_retail() -> None:
    packed = baskets(retail_lines(), leave_out=NO_GOODS)
    found = sequences(packed, support=0.05, longest=2)
    top = found.table.to_pylist()[0]
    assert (top["steps"], top["customers"], top["days_half"]) == (["85123A", "85123A"], 405, 76.0)


@pytest.mark.slow
@pytest.mark.parametrize("only_new", [False, True])
def test_offers_beat_popularity_on_held_out_months(only_new: bool) -> None:
    packed = baskets(retail_lines(), leave_out=NO_GOODS)
    months = [date(2011, month, 1) for month in (9, 10, 11)]
    found = check_offers(packed, months, only_new=only_new)
    for held in found.spans:
        assert held.offers.hit_rate > held.popular.hit_rate
        assert held.offers.precision > held.popular.precision
        assert held.offers.coverage > held.popular.coverage
        assert held.p_value < 0.05
        # Season moves the whole level; the probabilities still stay within half and double.
        assert held.kept / 2 < held.promised < held.kept * 2


def test_offers_of_online_retail_say_why() -> None:
    packed = baskets(retail_lines(), leave_out=NO_GOODS)
    made = next_offers(packed, as_of=date(2011, 11, 9), offers=3, most_products=500)
    rows = made.table.to_pylist()
    assert len(rows) == 3 * len(set(made.customers.tolist()))
    assert {row["reason"] for row in rows} >= {"again", "together"}
    for row in rows:
        assert 0 < row["probability"] < 1
        assert (row["reason"] == "again") == (row["times"] > 0)
        assert (row["because"] is not None) == (row["reason"] in ("together", "after"))
