"""Survival curves, their comparison and proportional hazards: published figures, and the long way round."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.stayers import TREATED, TREATED_LOST, remission, rossi
from zhike.insight.models.churn import (
    Hazards,
    Lives,
    SurvivalCurve,
    concordance,
    fit_hazards,
    lives_of,
    log_rank,
    survival_curve,
)
from zhike.insight.models.churn.likelihood import Partial
from zhike.insight.models.churn.lives import at_risk, chi_squared_tail
from zhike.insight.types import CannotCarry

stays = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.integers(0, 11), st.integers(-3, 3)),
    min_size=3,
    max_size=25,
).filter(lambda rows: any(row[1] for row in rows))


def told(rows: Any, *, late: bool) -> tuple[Lives, np.ndarray[Any, Any]]:
    entered = [min(row[2], row[0] - 1) if late else 0 for row in rows]
    lives = lives_of([row[0] for row in rows], [row[1] for row in rows], entered=entered)
    return lives, np.array([[row[3] / 2, (row[3] * 7 % 5) / 3] for row in rows])


def test_the_curve_is_that_of_the_textbook() -> None:
    """Kaplan-Meier, Greenwood and log-log interval of the treated patients (Kleinbaum & Klein, *Survival Analysis*)."""
    curve = survival_curve(lives_of(TREATED, TREATED_LOST))
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.survival == pytest.approx([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5)
    assert curve.error == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5)
    assert curve.low == pytest.approx([0.620, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188], abs=5e-4)
    assert curve.high == pytest.approx([0.952, 0.923, 0.889, 0.849, 0.805, 0.747, 0.680], abs=5e-4)


def test_median_and_restricted_mean() -> None:
    curve = survival_curve(lives_of(TREATED, TREATED_LOST))
    median = curve.quantile()
    assert (median.value, median.low) == (23, 13)
    assert math.isnan(median.high)
    mean = curve.restricted_mean(35)
    assert mean.value == pytest.approx(23.287, abs=5e-4)
    assert (mean.high - mean.low) / 2 / 1.959964 == pytest.approx(2.827, abs=2e-3)
    assert curve.restricted_mean(5).value == 5
    assert curve.restricted_mean(5).low == 5
    assert curve.at([0, 5.9, 6, 22.5, 35, 36])[:5] == pytest.approx([1, 1, 0.8571, 0.5378, 0.4482], abs=5e-5)
    assert math.isnan(curve.at(36))
    with pytest.raises(CannotCarry, match="no stay was seen for longer than 35") as refused:
        curve.restricted_mean(36)
    assert refused.value.reason == "too_short"


def test_groups_differ_as_published() -> None:
    """χ² 16.79; 9 losses where 19.25 were expected, 21 where 10.75 were."""
    lives, groups = remission()
    found = log_rank(lives, groups)
    assert found.statistic == pytest.approx(16.793, abs=5e-4)
    assert found.freedom == 1
    assert found.losses == (9, 21)
    assert found.expected == pytest.approx((19.25, 10.75), abs=5e-3)
    assert found.p == pytest.approx(4.169e-5, rel=1e-3)


def test_hazards_of_the_remission_data_with_ties() -> None:
    """Efron's ties: 1.572 (0.412), log-likelihood −85.01, likelihood ratio 16.35."""
    lives, groups = remission()
    model = fit_hazards(lives, {"placebo": np.array([group == "placebo" for group in groups], dtype=float)})
    assert model.coefficients == pytest.approx([1.5721], abs=5e-5)
    assert model.standard_errors == pytest.approx([0.4124], abs=5e-5)
    assert model.log_likelihood == pytest.approx(-85.008, abs=5e-4)
    assert model.likelihood_ratio == pytest.approx(16.35, abs=5e-3)


def test_hazards_of_rossi_are_the_published_ones() -> None:
    lives, columns = rossi()
    assert (len(lives), lives.losses) == (432, 114)
    model = fit_hazards(lives, columns)
    published = [-0.379422, -0.057438, 0.313900, -0.149796, -0.433704, -0.084871, 0.091497]
    assert model.names == ("fin", "age", "race", "wexp", "mar", "paro", "prio")
    assert model.coefficients == pytest.approx(published, abs=6e-7)
    errors = [0.191379, 0.021999, 0.307993, 0.212224, 0.381868, 0.195757, 0.028649]
    assert model.standard_errors == pytest.approx(errors, abs=6e-7)
    assert model.log_likelihood == pytest.approx(-658.7477, abs=5e-5)
    assert model.likelihood_ratio == pytest.approx(33.266, abs=5e-4)
    assert model.concordance == pytest.approx(0.6403, abs=5e-5)
    assert model.p == pytest.approx(2.36e-5, rel=5e-3)
    again = Hazards.from_json(model.to_json())
    assert np.array_equal(again.survival(columns, [10, 52]), model.survival(columns, [10, 52]))
    # The mean of the foretold losses is that of the losses themselves.
    assert (1 - model.survival(columns, [52])).mean() == pytest.approx(114 / 432, abs=0.01)
    assert model.table["p"].to_pylist()[0] == pytest.approx(0.0474, abs=5e-4)


@settings(max_examples=60, deadline=None)
@given(rows=stays, late=st.booleans(), beta=st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
def test_the_likelihood_is_that_of_the_long_way(rows: Any, late: bool, beta: tuple[float, float]) -> None:
    """Efron's sum written out loss by loss, and its derivatives by differences; late entries included."""
    lives, x = told(rows, late=late)
    place = np.array(beta)

    def slow(at: Any) -> float:
        weight, total = np.exp(x @ at), 0.0
        for time in np.unique(lives.stayed[lives.lost]):
            now = lives.lost & (lives.stayed == time)
            there = (lives.stayed >= time) & (lives.entered < time)
            for step in range(int(now.sum())):
                total -= np.log(weight[there].sum() - step / now.sum() * weight[now].sum())
            total += (x[now] @ at).sum()
        return float(total)

    score = Partial(lives, x).score(place)
    assert score.value == pytest.approx(slow(place), rel=1e-9, abs=1e-9)
    for k in range(2):
        step = np.eye(2)[k] * 1e-5
        assert score.gradient[k] == pytest.approx((slow(place + step) - slow(place - step)) / 2e-5, abs=1e-4)
        up, down = (Partial(lives, x).score(place + sign * step).gradient for sign in (1, -1))
        assert score.hessian[k] == pytest.approx((up - down) / 2e-5, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(rows=stays, late=st.booleans())
def test_the_curve_is_that_of_the_long_way(rows: Any, late: bool) -> None:
    lives, _ = told(rows, late=late)
    risk = at_risk(lives)
    if ((risk.at_risk <= risk.losses) & (risk.times < lives.stayed.max())).any():
        with pytest.raises(CannotCarry, match="later ones say nothing"):
            survival_curve(lives)
        assert late
        return
    curve = survival_curve(lives)
    product = 1.0
    for at, time in enumerate(curve.times):
        there = ((lives.stayed >= time) & ((lives.entered < time) | (lives.entered == 0))).sum()
        product *= 1 - (lives.lost & (lives.stayed == time)).sum() / there
        assert curve.survival[at] == pytest.approx(product, abs=1e-12)
    assert (curve.low <= curve.survival + 1e-12).all()
    assert (curve.survival <= curve.high + 1e-12).all()
    again = SurvivalCurve.from_json(curve.to_json())
    assert again.table.equals(curve.table)


@settings(max_examples=80, deadline=None)
@given(rows=stays)
def test_concordance_counts_every_pair(rows: Any) -> None:
    lives, x = told(rows, late=False)
    risk, pairs, right = x[:, 0], 0, 0.0
    for i in range(len(lives)):
        for j in range(len(lives)):
            later = lives.stayed[j] > lives.stayed[i]
            if lives.lost[i] and (later or (lives.stayed[j] == lives.stayed[i] and not lives.lost[j])):
                pairs += 1
                right += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
    if pairs:
        assert concordance(lives, risk) == pytest.approx(right / pairs)
    else:
        assert math.isnan(concordance(lives, risk))


def test_many_groups_are_compared_at_once() -> None:
    """Three groups against the χ² of two degrees of freedom: by chance it is exceeded as often as it says."""
    random = np.random.default_rng(5)
    found = []
    for _ in range(300):
        stayed, seen = random.exponential(1, 60), random.exponential(2, 60)
        lives = lives_of(np.minimum(stayed, seen), stayed <= seen)
        result = log_rank(lives, random.choice(["a", "b", "c"], 60).tolist())
        assert result.freedom == 2
        found.append(result.p)
    assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=0.05)


@pytest.mark.parametrize(
    ("statistic", "freedom", "tail"),
    [
        (3.841459, 1, 0.05),
        (5.991465, 2, 0.05),
        (7.814728, 3, 0.05),
        (9.487729, 4, 0.05),
        (18.307038, 10, 0.05),
    ],
)
def test_tails_of_chi_squared(statistic: float, freedom: int, tail: float) -> None:
    assert chi_squared_tail(statistic, freedom) == pytest.approx(tail, abs=1e-7)


def test_what_cannot_be_said_is_refused() -> None:
    with pytest.raises(CannotCarry, match="nobody was lost yet"):
        lives_of([1, 2], [False, False])
    with pytest.raises(CannotCarry, match="there are no customers"):
        lives_of([], [])
    for stayed, entered, name in (
        ([-1.0], None, "stayed"),
        ([np.nan], None, "stayed"),
        ([1.0], [1.0], "entered"),
    ):
        with pytest.raises(ValueError, match=name):
            lives_of(stayed, [True], entered=entered)
    with pytest.raises(ValueError, match="lost: must be yes or no"):
        lives_of([1, 2], [0, 2])
    with pytest.raises(CannotCarry, match="two groups"):
        log_rank(lives_of([1, 2], [1, 1]), ["a", "a"])


def test_hazards_that_cannot_be_had_are_refused() -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=60)
    lives = lives_of(random.exponential(np.exp(-x)), np.ones(60, dtype=bool))
    for columns, reason in (
        ({"x": x, "flat": np.full(60, 7.0)}, "constant_features"),
        ({"x": x, "twice": 2 * x + 1}, "collinear_features"),
        ({}, "no_features"),
    ):
        with pytest.raises(CannotCarry) as refused:
            fit_hazards(lives, columns)
        assert refused.value.reason == reason
    order = np.argsort(np.argsort(-lives.stayed)).astype(float)
    with pytest.raises(CannotCarry, match="completely"):
        fit_hazards(lives, {"first": order})
    with pytest.raises(ValueError, match="x: has missing"):
        fit_hazards(lives, {"x": np.where(x > 0, x, np.nan)})
    with pytest.raises(ValueError, match="x: has values beyond all amounts"):
        fit_hazards(lives, {"x": x * 1e200})
    with pytest.raises(CannotCarry, match="too few"):
        fit_hazards(lives_of([1, 2, 3], [1, 0, 0]), {"x": [1.0, 2.0, 4.0]})
    # Absurd amounts beside small ones: the scale of a feature does not matter.
    plain, absurd = fit_hazards(lives, {"x": x}), fit_hazards(lives, {"x": x * 1e12 + 1e12})
    assert absurd.coefficients * 1e12 == pytest.approx(plain.coefficients, rel=1e-3)


def test_one_customer_and_everybody_lost() -> None:
    one = survival_curve(lives_of([3], [True]))
    assert one.survival.tolist() == [0]
    assert one.restricted_mean(5).value == 3
    all_lost = survival_curve(lives_of([1, 2, 3, 4], [True] * 4))
    assert all_lost.survival == pytest.approx([0.75, 0.5, 0.25, 0])
    assert all_lost.at(100) == 0
