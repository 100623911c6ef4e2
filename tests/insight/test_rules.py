"""Association rules: their figures, their tests, and what is left out."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.insight.models.baskets import baskets_of, itemsets, rules, rules_from_json
from zhike.insight.models.baskets.significance import (
    false_discovery,
    lift_interval,
    log_chi_squared,
    log_factorial,
    log_fisher,
    log_sign,
    wilson,
)
from zhike.insight.types import CannotCarry

# 20 baskets: bread in 10, butter in 8, both in 6.
BREAKFAST = [["bread", "butter"]] * 6 + [["bread"]] * 4 + [["butter"]] * 2 + [["milk"]] * 8
EVERY = {"false_discoveries": 1.0, "lift": 0.0, "improvement": None}


def test_the_figures_of_one_rule() -> None:
    found = rules(itemsets(baskets_of(BREAKFAST), support=0.1), **EVERY)  # type: ignore[arg-type]
    row = next(row for row in found.table.to_pylist() if row["antecedent"] == ["bread"])
    assert row["consequent"] == ["butter"]
    assert (row["baskets"], row["support"], row["confidence"]) == (6, 0.3, 0.6)
    assert row["lift"] == pytest.approx(1.5)
    assert row["leverage"] == pytest.approx(0.1)
    assert row["conviction"] == pytest.approx(1.5)
    assert row["improvement"] == pytest.approx(0.2)
    # P(X ≥ 6) of the hypergeometric distribution, and Wilson's interval of 6 of 10, by hand.
    ways = sum(math.comb(8, k) * math.comb(12, 10 - k) for k in range(6, 9))
    assert row["p_value"] == pytest.approx(ways / math.comb(20, 10))
    assert (row["confidence_low"], row["confidence_high"]) == (
        pytest.approx(0.312674, abs=1e-6),
        pytest.approx(0.831820, abs=1e-6),
    )
    # Three products make three pairs, each of which makes two rules.
    assert found.tested == 6
    assert found.sentence(0).startswith("Of baskets with ")
    assert "依据6张单据" in found.sentence(0, "zh")


counts = st.integers(1, 60).flatmap(
    lambda whole: st.tuples(st.integers(0, whole), st.integers(0, whole), st.just(whole))
)


@given(counts, st.data())
def test_fisher_is_the_exact_tail(margins: tuple[int, int, int], data: st.DataObject) -> None:
    first, second, whole = margins
    both = data.draw(st.integers(max(0, first + second - whole), min(first, second)))
    ways = sum(
        math.comb(second, k) * math.comb(whole - second, first - k)
        for k in range(both, min(first, second) + 1)
    )
    expected = Fraction(ways, math.comb(whole, first))
    found = log_fisher(np.array([both]), np.array([first]), np.array([second]), whole)
    assert math.exp(found[0]) == pytest.approx(float(expected), rel=1e-9)


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_sign_test_is_the_exact_tail(ahead: int, behind: int) -> None:
    tries = ahead + behind
    expected = Fraction(sum(math.comb(tries, k) for k in range(ahead, tries + 1)), 2**tries)
    found = log_sign(np.array([ahead]), np.array([tries]))
    assert math.exp(found[0]) == pytest.approx(float(expected), rel=1e-9)


def test_tails_far_out_stay_numbers() -> None:
    far = np.array([10_000]), np.array([20_000]), np.array([20_000])
    # scipy.stats.hypergeom.logsf(9999, 1_000_000, 20_000, 20_000) underflows; both of ours must not.
    assert -40_000 < log_fisher(*far, 1_000_000)[0] < -20_000
    assert log_chi_squared(*far, 1_000_000)[0] < -20_000
    large = np.array([10, 255, 256, 10**6])
    assert log_factorial(large) == pytest.approx([math.lgamma(n + 1) for n in large], rel=1e-14)


def test_chi_squared_of_a_known_table() -> None:
    # (6·8 − 4·2)² · 20 / (10 · 10 · 8 · 12) = 3.3333, p 0.067889.
    found = log_chi_squared(np.array([6]), np.array([10]), np.array([8]), 20)
    assert math.exp(found[0]) == pytest.approx(0.0678892, abs=1e-7)


def test_false_discoveries_as_benjamini_and_hochberg_count_them() -> None:
    # The 15 p-values of their paper's example: at 5 % four are believed, by Bonferroni only three.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
    ]
    log_p = np.log([*p, 0.759, 1.0])
    q = false_discovery(log_p, 15)
    assert (q <= 0.05).sum() == 4
    assert q[3] == pytest.approx(0.0095 * 15 / 4)
    assert (np.diff(q) >= 0).all()
    assert (false_discovery(log_p, 1500) >= q).all()


def test_chance_alone_makes_few_rules_and_a_planted_one_is_found() -> None:
    random = np.random.default_rng(7)
    lists = [
        [f"p{code}" for code in np.flatnonzero(random.random(40) < 0.1)]
        + (["x", "y"] if at % 25 == 0 else [])
        for at in range(4000)
    ]
    sets = itemsets(baskets_of(lists), support=0.005)
    everything, believed = rules(sets, **EVERY), rules(sets)  # type: ignore[arg-type]
    raw = int((everything.p_value <= 0.05).sum())
    assert raw > 40  # without control, chance alone fills the list
    assert len(believed) <= 4
    assert {tuple(row["antecedent"]) for row in believed.table.slice(0, 2).to_pylist()} == {("x",), ("y",)}
    assert believed.unsure + believed.weak + believed.redundant + len(believed) == len(everything)


def test_what_a_shorter_rule_says_as_well_is_left_out() -> None:
    # Butter goes with bread; salt goes with everything alike and adds nothing.
    lists = [["bread", "butter"], ["bread", "butter", "salt"], ["milk"], ["milk", "salt"]] * 50
    sets = itemsets(baskets_of(lists), support=0.05)
    pruned, whole = rules(sets), rules(sets, improvement=None)
    ways = {(tuple(sorted(row["antecedent"])), row["consequent"][0]) for row in pruned.table.to_pylist()}
    assert ways == {(("bread",), "butter"), (("butter",), "bread")}
    assert pruned.redundant == len(whole) - len(pruned) > 0
    assert np.isinf(pruned.conviction).all()


def test_the_interval_of_lift_covers_the_truth() -> None:
    random = np.random.default_rng(3)
    cells = random.multinomial(2000, [0.06, 0.14, 0.09, 0.71], size=2000)
    both, first, second = cells[:, 0], cells[:, 0] + cells[:, 1], cells[:, 0] + cells[:, 2]
    low, high = lift_interval(both, first, second, 2000, 0.95)
    truth = 0.06 / (0.2 * 0.15)
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(0.95, abs=0.015)
    sure = wilson(np.array([0, 10]), np.array([10, 10]), 0.95)
    assert (sure[0][0], sure[1][1]) == (pytest.approx(0, abs=1e-12), pytest.approx(1))


def test_longer_consequents_and_the_other_test() -> None:
    lists = [["a", "b", "c"]] * 30 + [["a"]] * 30 + [["d"]] * 40
    sets = itemsets(baskets_of(lists), support=0.1)
    two = rules(sets, consequent=2, improvement=None, test="chi_squared")
    found = {(tuple(row["antecedent"]), tuple(row["consequent"])) for row in two.table.to_pylist()}
    assert (("a",), ("b", "c")) in found
    assert (two.q_value <= 0.05).all()
    back = rules_from_json(two.to_json())
    assert back.table == two.table
    with pytest.raises(ValueError, match="not the JSON of rules"):
        rules_from_json("{}")


def test_data_that_carries_no_rule() -> None:
    with pytest.raises(CannotCarry, match="no two products"):
        rules(itemsets(baskets_of([["a"], ["b"]]), support=0.5))
    # Everybody buys everything: true, and worth nothing.
    same = rules(itemsets(baskets_of([["a", "b"]] * 9), support=0.5))
    assert len(same) == 0
    assert same.table.num_rows == 0
    with pytest.raises(ValueError, match="are shares"):
        rules(itemsets(baskets_of([["a", "b"]]), support=0.5), confidence=2)
