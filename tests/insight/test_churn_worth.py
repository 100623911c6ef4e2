"""How good probabilities are, whom calling pays for, and what is said of causes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.insight.models.churn import (
    CAUSES,
    KINDS,
    Quality,
    Remedy,
    Stated,
    auc,
    expected_maximum_profit,
    profit_curve,
    quality,
    rank_causes,
)
from zhike.insight.types import CannotCarry

outcomes = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({row[1] for row in rows}) == 2
)


def told(rows: Any) -> tuple[Any, Any]:
    return np.array([row[0] / 6 for row in rows]), np.array([row[1] for row in rows])


@settings(max_examples=80, deadline=None)
@given(rows=outcomes)
def test_the_area_counts_pairs(rows: Any) -> None:
    score, lost = told(rows)
    pairs = [(a > b) + (a == b) / 2 for a in score[lost] for b in score[~lost]]
    found = auc(score, lost)
    assert found.value == pytest.approx(np.mean(pairs))
    assert found.low <= found.value <= found.high


def test_the_interval_of_the_area_holds_it() -> None:
    """DeLong's interval holds the true area about 95 times in 100 (normal scores a standard deviation apart:
    0.7602)."""
    random, held = np.random.default_rng(4), 0
    for _ in range(400):
        lost = np.arange(120) < 40
        found = auc(random.normal(lost.astype(float), 1), lost)
        held += found.low <= 0.76025 <= found.high
    assert held / 400 == pytest.approx(0.95, abs=0.03)


def test_quality_in_small_numbers() -> None:
    probability = np.array([0.9, 0.8, 0.3, 0.2])
    lost = np.array([True, False, True, False])
    found = quality(probability, lost, bins=2)
    assert found.brier.value == pytest.approx((0.01 + 0.64 + 0.49 + 0.04) / 4)
    assert found.skill == pytest.approx(1 - found.brier.value / 0.25)
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.2, 0.3, 0.8]).mean())
    assert [(each.customers, each.losses, each.lift) for each in found.bins] == [(2, 1, 1.0), (2, 1, 1.0)]
    assert found.calibration_error == pytest.approx((0.35 + 0.25) / 2)
    assert [each.captured for each in found.bins] == [0.5, 1.0]
    assert Quality.of_told(found.told()) == found
    assert found.table.num_rows == 2
    with pytest.raises(ValueError, match="probability"):
        quality(np.array([1.2]), np.array([True]))
    with pytest.raises(CannotCarry, match="everybody was lost"):
        quality(np.array([0.5]), np.array([True]))


@settings(max_examples=80, deadline=None)
@given(
    value=st.floats(0, 1e6),
    contact=st.floats(0, 100),
    incentive=st.floats(0, 200),
    accepts=st.floats(0, 1),
    anyway=st.floats(0, 1),
)
def test_contacting_pays_from_the_threshold_on(
    value: float, contact: float, incentive: float, accepts: float, anyway: float
) -> None:
    remedy = Remedy(contact, incentive, accepts, anyway)
    least = float(remedy.threshold(value))
    gain = remedy.gain(np.linspace(0, 1, 101), value)
    pays = gain > 1e-6 * (1 + abs(value))
    assert (np.linspace(0, 1, 101)[pays] >= least - 1e-6).all()
    if np.isfinite(least):
        assert remedy.gain(least, value) == pytest.approx(0, abs=1e-6 * (1 + value))


def test_the_curve_adds_up_what_happened() -> None:
    """Four customers worth 100; a call costs 5, a gift 20 which half of the leavers and all others take."""
    remedy = Remedy(contact=5, incentive=20, accepts=0.5, anyway=1)
    curve = profit_curve(np.array([0.2, 0.9, 0.6, 0.5]), np.array([False, True, False, True]), 100, remedy)
    assert curve.order.tolist() == [1, 2, 3, 0]
    assert curve.realised.tolist() == [0, 35, 10, 45, 20]
    assert curve.expected.tolist() == pytest.approx([0, 29, 40, 45, 32])
    assert curve.chosen == 3
    assert curve.gain.value == 45
    assert curve.gain.low <= 45 <= curve.gain.high
    assert curve.best == (3, 45)
    assert curve.everybody == 20
    assert curve.table(5)["contacted"].to_pylist() == [0, 1, 2, 3, 4]


def test_the_interval_of_the_gain_holds_it() -> None:
    """The gain of a decision varies from base to base as the interval says."""
    random, remedy, held = np.random.default_rng(9), Remedy(2, 5, 0.4), 0
    chance = random.beta(1, 3, 400)
    expected = np.maximum(remedy.gain(chance, 60), 0).sum()
    for _ in range(200):
        at = random.integers(0, 400, 400)
        lost = random.random(400) < chance[at]
        curve = profit_curve(chance[at], lost, 60, remedy, draws=200)
        held += curve.gain.low <= expected <= curve.gain.high
    assert held / 200 == pytest.approx(0.95, abs=0.045)


def test_customers_of_no_worth_are_left_alone() -> None:
    curve = profit_curve(np.full(3, 0.9), np.ones(3, dtype=bool), [1000, 0, -50], Remedy(1, 5))
    assert curve.chosen == 1
    assert curve.order[0] == 0
    with pytest.raises(ValueError, match="value: must be finite"):
        profit_curve(np.full(2, 0.5), np.ones(2, dtype=bool), [1, np.inf], Remedy(1))
    with pytest.raises(ValueError, match="contact, incentive"):
        Remedy(-1)
    with pytest.raises(CannotCarry):
        profit_curve(np.zeros(0), np.zeros(0, dtype=bool), 1, Remedy(1))


def test_expected_maximum_profit_is_that_of_another_program() -> None:
    """`empulse` 0.13 gives 23.875593418348124 for the paper's customers, costs and beta(6, 14)."""
    score, lost = np.arange(1, 9) / 10, np.arange(8) % 2 == 1
    assert expected_maximum_profit(score, lost).profit == pytest.approx(23.875593418348124, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(rows=outcomes, alpha=st.floats(1.5, 9), beta=st.floats(1.5, 20), contact=st.floats(0, 30))
def test_expected_maximum_profit_is_the_integral(
    rows: Any, alpha: float, beta: float, contact: float
) -> None:
    """The best threshold for each part of accepting leavers, summed over a fine grid of parts."""
    score, lost = told(rows)
    found = expected_maximum_profit(score, lost, contact=contact, alpha=alpha, beta=beta)
    edges = np.linspace(0, 1, 20_001)
    part = (edges[1:] + edges[:-1]) / 2
    weight = part ** (alpha - 1) * (1 - part) ** (beta - 1)
    weight /= weight.sum()
    best = np.zeros(len(part))
    for cut in np.unique(score):
        above = score >= cut
        hit, miss = (above & lost).mean(), (above & ~lost).mean()
        best = np.maximum(best, 200 * ((part * 0.95 - contact / 200) * hit - (0.05 + contact / 200) * miss))
    assert found.profit == pytest.approx(float(best @ weight), abs=2e-3)
    assert 0 <= found.contacted <= 1


def test_causes_and_kinds_have_both_languages() -> None:
    assert list(CAUSES) == [
        "management",
        "marketing",
        "no_innovation",
        "market_swings",
        "bullying",
        "broken_promises",
        "politics",
        "other",
    ]
    assert len(KINDS) == 7
    assert all(each.en and each.zh and each.en != each.zh for each in (*CAUSES.values(), *KINDS.values()))


def test_causes_are_ranked_by_contributions_and_by_words() -> None:
    contributions = np.array([[2.0, -1.0, 0.5], [0.5, 1.0, 1.5], [-1.0, -1.0, -1.0]])
    meaning = {"dear": Stated("marketing", "competition"), "rude": Stated("management", "our_fault")}
    ranked = rank_causes(
        contributions,
        ["marketing", "marketing", "management"],
        stated=["dear", "rude", "rude", "no idea"],
        meaning=meaning,
    )
    assert ranked.causes[:2] == ("marketing", "management")
    assert ranked.weight[:2] == pytest.approx([2.5 / 4.5, 2 / 4.5])
    assert ranked.first[:2].tolist() == [1, 1]
    assert ranked.table.to_pylist()[1]["stated"] == 2
    assert ranked.share[1] == 0.5
    assert ranked.low[1] < 0.5 < ranked.high[1]
    assert ranked.unknown == ("no idea",)
    assert ranked.kinds == {"competition": 1, "our_fault": 2}
    words = rank_causes(stated=["rude"], meaning=meaning)
    assert words.causes[0] == "management"
    with pytest.raises(ValueError, match="unknown causes: weather"):
        rank_causes(contributions[:, :1], ["weather"])
    with pytest.raises(ValueError, match="unknown cause or kind"):
        Stated("marketing", "boredom")
