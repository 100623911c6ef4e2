"""Next best offers: what is planted in purchases is offered, with its reason, and is found right afterwards."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pytest

from tests.insight.baskets_of_tests import START, bought
from zhike.insight.models.baskets import Baskets, baskets_of
from zhike.insight.models.offers import check_offers, next_offers
from zhike.insight.types import CannotCarry

AS_OF = START + timedelta(days=150)
HABITS = 6


def habits(customers: int = 240) -> Baskets:
    """Customers of six habits: each buys its pair of products monthly, and the second part of a set 20 days after its
    first; now and then something at random."""
    random = np.random.default_rng(5)
    told: list[tuple[int | None, int, str]] = []
    for customer in range(customers):
        habit = customer % HABITS
        for month in range(6):
            day = month * 30 + int(random.integers(0, 5))
            if random.random() < 0.8:
                told.append((customer, day, "abcdef"[habit] + "ghijkl"[habit]))
            if random.random() < 0.5:
                told.append((customer, day + 9, "mnopqr"[int(random.integers(0, 6))]))
        if random.random() < 0.7:
            begin = int(random.integers(0, 125))
            told.append((customer, begin, "ABCDEF"[habit]))
            told.append((customer, begin + 20, "UVWXYZ"[habit]))
    told.append((None, 3, "a!"))
    return bought(told)


def test_habits_are_offered_and_come_true() -> None:
    found = check_offers(habits(), [AS_OF], offers=2)
    (held,) = found.spans
    assert held.offers.hit_rate > 0.8
    assert held.offers.hit_low < held.offers.hit_rate <= held.offers.hit_high
    assert held.popular.hit_rate < 0.5
    assert held.p_value < 1e-6
    assert held.offers.coverage > held.popular.coverage
    assert held.promised == pytest.approx(held.kept, rel=0.15)
    assert json.loads(found.to_json())["spans"][0]["as_of"] == AS_OF.isoformat()


def test_offers_carry_rank_probability_and_reason() -> None:
    made = next_offers(habits(), as_of=AS_OF, offers=3)
    rows = made.table.to_pylist()
    assert len({row["customer_key"] for row in rows}) == 240
    for customer in range(240):
        mine = [row for row in rows if row["customer_key"] == customer]
        assert [row["rank"] for row in mine] == [1, 2, 3]
        chances = [row["probability"] for row in mine]
        assert chances == sorted(chances, reverse=True)
        if mine[0]["times"] > 2:
            assert mine[0]["product"] in ("abcdef"[customer % HABITS], "ghijkl"[customer % HABITS])
            assert mine[0]["reason"] == "again"
    again = next(at for at, row in enumerate(rows) if row["reason"] == "again")
    assert made.sentence(again) == "Bought {times} times, last {days} days ago".format(**rows[again])
    assert made.sentence(again, "zh").startswith("买过")
    kept = json.loads(made.to_json())
    assert len(kept["offers"]) == len(rows)
    assert kept["weights"]["owned"] == made.weights["owned"]


def test_only_new_offers_what_follows() -> None:
    made = next_offers(habits(), as_of=AS_OF - timedelta(days=25), offers=1, only_new=True)
    rows = made.table.to_pylist()
    assert all(row["times"] == 0 for row in rows)
    after = [row for row in rows if row["reason"] == "after" and row["because"] in "ABCDEF"]
    assert after
    for row in after:
        assert "ABCDEF".index(row["because"]) == "UVWXYZ".index(row["product"])
        assert 0.3 < row["share"] <= 1


def test_what_only_unknown_buyers_bought_is_never_offered() -> None:
    made = next_offers(habits(), as_of=AS_OF)
    assert "!" not in made.items


def test_data_that_carries_no_offer() -> None:
    with pytest.raises(CannotCarry, match="must reach back more than 30 days"):
        next_offers(bought([(1, 0, "a"), (1, 20, "b")]), as_of=START + timedelta(days=25))
    with pytest.raises(CannotCarry) as refused:
        next_offers(bought([(1, 0, "ab"), (2, 0, "b")]), as_of=START + timedelta(days=90))
    assert refused.value.reason == "nothing_to_learn"
    with pytest.raises(CannotCarry, match="nobody known"):
        check_offers(habits(60), [date(2026, 1, 1) - timedelta(days=190)])
    with pytest.raises(ValueError, match="1 or more"):
        next_offers(habits(12), as_of=AS_OF, offers=0)
    with pytest.raises(ValueError, match="whose the baskets are"):
        next_offers(baskets_of(["ab"]), as_of=AS_OF)


def test_one_customer_is_enough_when_something_comes_back() -> None:
    log = [(1, day, "ab" if day % 20 else "abc") for day in range(0, 120, 10)]
    made = next_offers(bought(log), as_of=START + timedelta(days=120), offers=1)
    assert made.customers.tolist() == [1]
    assert made.table["product"][0].as_py() in "ab"
