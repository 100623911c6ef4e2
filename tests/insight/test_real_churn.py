"""Losses in published data: 7,043 customers with contracts, and a wholesaler whose customers only stop buying."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import pytest

from tests.insight.stayers import RETAIL_END, Telco, retail_lines, telco
from zhike.insight.models.churn import (
    ChurnModel,
    PersonalSilence,
    QuantileSilence,
    Remedy,
    Stated,
    auc,
    expected_maximum_profit,
    fit_churn,
    fit_hazards,
    history_of,
    lives_of,
    log_rank,
    panel,
    profit_curve,
    quality,
    rank_causes,
    silences,
    survival_curve,
    validate,
)

# What lost customers of the telephone company said, in the words of the field.
MEANING = {
    "Attitude of support person": Stated("management", "our_fault"),
    "Attitude of service provider": Stated("management", "our_fault"),
    "Poor expertise of phone support": Stated("management", "our_fault"),
    "Poor expertise of online support": Stated("management", "our_fault"),
    "Service dissatisfaction": Stated("management", "our_fault"),
    "Product dissatisfaction": Stated("no_innovation", "our_fault"),
    "Network reliability": Stated("no_innovation", "our_fault"),
    "Limited range of services": Stated("no_innovation", "our_fault"),
    "Lack of self-service on Website": Stated("no_innovation", "our_fault"),
    "Competitor offered higher download speeds": Stated("no_innovation", "competition"),
    "Competitor had better devices": Stated("no_innovation", "competition"),
    "Competitor offered more data": Stated("marketing", "competition"),
    "Competitor made better offer": Stated("marketing", "competition"),
    "Price too high": Stated("marketing", "our_fault"),
    "Extra data charges": Stated("marketing", "our_fault"),
    "Long distance charges": Stated("marketing", "our_fault"),
    "Lack of affordable download/upload speed": Stated("marketing", "our_fault"),
    "Moved": Stated("other", "natural"),
    "Deceased": Stated("other", "natural"),
}


@lru_cache
def learnt() -> tuple[Telco, ChurnModel]:
    data = telco()
    return data, fit_churn(data.examples)


def test_the_file_has_its_published_totals() -> None:
    data, _ = learnt()
    assert (len(data.examples), int(data.examples.lost.sum()), len(data.stated)) == (7043, 1869, 1869)


def test_how_long_customers_with_contracts_stay() -> None:
    """As `lifelines` 0.30 has it: curve, intervals and the test between kinds of contract (χ² 2352.87)."""
    data, _ = learnt()
    lives = lives_of(data.tenure, data.examples.lost)
    curve = survival_curve(lives)
    published = [0.945961, 0.843200, 0.788736, 0.708840, 0.602781, 0.592790]
    assert curve.at([1, 12, 24, 48, 71, 72]) == pytest.approx(published, abs=5e-7)
    at = np.searchsorted(curve.times, [12, 72])
    assert curve.low[at] == pytest.approx([0.834169, 0.573063], abs=5e-7)
    assert curve.high[at] == pytest.approx([0.851783, 0.611936], abs=5e-7)
    compared = log_rank(lives, data.contract)
    assert compared.statistic == pytest.approx(2352.8725, abs=5e-5)
    assert compared.freedom == 2
    monthly = np.array([kind == "Month-to-month" for kind in data.contract])
    assert survival_curve(lives.of(monthly)).quantile().value == 35


def test_hazards_with_many_ties() -> None:
    data, _ = learnt()
    known = data.examples.features
    paperless = known.column("PaperlessBilling")
    assert paperless.categories is not None
    columns = {
        "monthly": known.column("MonthlyCharges").values,
        "senior": known.column("SeniorCitizen").values,
        "paperless": (paperless.values == paperless.categories.index("Yes")).astype(float),
        "one_year": [float(kind == "One year") for kind in data.contract],
        "two_year": [float(kind == "Two year") for kind in data.contract],
    }
    model = fit_hazards(lives_of(data.tenure, data.examples.lost), columns)
    # `lifelines` 0.30 stops a little short of the maximum, at −14333.289100179.
    assert -14333.289100179 < model.log_likelihood < -14333.2891
    assert model.coefficients == pytest.approx(
        [-0.001041, 0.003834, 0.249947, -2.161434, -4.170564], abs=7e-5
    )
    assert model.standard_errors == pytest.approx(
        [0.000952, 0.054981, 0.056348, 0.084040, 0.157387], abs=5e-6
    )
    assert model.concordance == pytest.approx(0.795489, abs=5e-7)


def test_who_leaves_is_foretold() -> None:
    """Published models reach an area of about 0.84 to 0.85 on this file; the riskiest tenth leaves at nearly three
    times the rate of all."""
    _, model = learnt()
    found = model.held_out
    assert found.auc.value > 0.84
    assert found.auc.high - found.auc.low < 0.025
    assert found.brier.value < 0.138
    assert found.calibration_error < 0.02
    assert found.bins[0].lift > 2.7
    assert found.bins[0].captured + found.bins[1].share > 0.8
    assert model.suspects == ()


def test_a_tenth_held_out_by_hand_says_the_same() -> None:
    data, model = learnt()
    held = np.arange(len(data.examples)) % 10 == 3
    trained = fit_churn(data.examples.of(~held))
    apart = data.examples.of(held)
    told = quality(trained.probability(apart.features), apart.lost)
    assert told.auc.low < model.held_out.auc.value < told.auc.high
    assert told.calibration_error < 0.06


def test_reasons_add_up_on_every_customer() -> None:
    data, model = learnt()
    features = data.examples.features
    raw = model.forest.raw(model.reader.matrix(features))
    assert np.abs(model.contributions(features).sum(axis=1) + model.forest.base - raw).max() < 1e-9
    risky = int(model.probability(features).argmax())
    assert model.reasons(features).sentences(risky, "zh")[0].startswith("Contract:Month-to-month")


def test_what_the_lost_said_is_ranked() -> None:
    data, model = learnt()
    said = rank_causes(stated=data.stated, meaning=MEANING)
    assert said.unknown == ("Don't know",)
    assert dict(zip(said.causes, said.stated.tolist(), strict=True)) == {
        "no_innovation": 656,
        "marketing": 545,
        "management": 455,
        "other": 213,
        "market_swings": 0,
        "bullying": 0,
        "broken_promises": 0,
        "politics": 0,
    }
    assert said.kinds == {"natural": 59, "competition": 621, "our_fault": 1035}
    both = model.causes(data.examples.features.of(data.examples.lost), stated=data.stated, meaning=MEANING)
    assert both.causes[0] == "marketing"
    assert both.weight[0] > 0.4
    assert sorted(both.stated) == sorted(said.stated)


def test_a_decision_by_value_beats_contacting_everybody() -> None:
    data, _ = learnt()
    held = np.arange(len(data.examples)) % 3 == 0
    trained = fit_churn(data.examples.of(~held))
    apart = data.examples.of(held)
    told = trained.probability(apart.features)
    curve = profit_curve(told, apart.lost, apart.value, Remedy(contact=5, incentive=60, accepts=0.3))
    assert curve.gain.low > curve.everybody
    assert curve.gain.low > 0
    assert curve.gain.value > 0.97 * curve.best[1]
    assert expected_maximum_profit(told, apart.lost).profit > 10


CUTS = [date(2011, month, 1) for month in range(5, 11)]


def test_who_stops_buying_is_foretold_on_later_days() -> None:
    """Learnt on cut-offs whose sixty days had ended by October, judged on what came after; better than silence
    alone."""
    history = history_of(retail_lines(), until=RETAIL_END)
    examples = panel(history, cuts=CUTS, horizon=60, window=150, definition=PersonalSilence(2.0))
    trial = validate(examples, cut=CUTS[-1], horizon=60)
    later = trial.later
    assert len(later) == 1814
    assert set(later.cuts.tolist()) == {(CUTS[-1] - date(1970, 1, 1)).days}
    alone = auc(np.asarray(later.features.column("silence").values, dtype=float), later.lost)
    assert trial.quality.auc.value > 0.85
    assert trial.quality.auc.low > alone.high
    assert trial.quality.skill > 0.33
    assert trial.quality.calibration_error < 0.08
    curve = profit_curve(trial.probability, later.lost, np.maximum(later.value, 0) * 0.2, Remedy(2, 5))
    assert curve.gain.low > 0
    assert curve.gain.value > 0.9 * curve.best[1]


def test_silences_of_the_wholesaler() -> None:
    history = history_of(retail_lines(), until=RETAIL_END)
    assert len(history.customers) == 4372
    found = silences(history, as_of=RETAIL_END, window=373, definition=QuantileSilence(0.95))
    # 4,339 customers of the file have a document with a positive sum; by day 21 of them brought back as much.
    assert len(found.customers) == 4317
    assert set(found.limit.tolist()) == {155.0}
    assert int(found.lost.sum()) == 1002
    curve = survival_curve(found.lives())
    assert 0.3 < curve.survival[-1] < 0.8
