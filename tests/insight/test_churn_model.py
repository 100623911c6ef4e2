"""The model of losses: what it learns, what its numbers mean, why it says so, and what it refuses."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.stayers import made_up
from zhike.insight.models.churn import (
    Boosting,
    ChurnModel,
    Examples,
    Feature,
    Features,
    Remedy,
    examples_of,
    features_of,
    fit_churn,
    quality,
    warnings,
)
from zhike.insight.models.churn.boosting import _data, _for_learner, _settings
from zhike.insight.models.churn.forest import Forest, Tree
from zhike.insight.types import CannotCarry

QUICK = Boosting(trees=60, folds=3)


@pytest.fixture(scope="module")
def learnt() -> tuple[ChurnModel, Examples]:
    examples, _ = made_up(3000)
    return fit_churn(examples, options=QUICK), examples


def test_it_comes_near_the_best_that_can_be(learnt: tuple[ChurnModel, Examples]) -> None:
    """On customers nobody has seen, nearly as good as the probabilities they were made with."""
    model, _ = learnt
    fresh, chance = made_up(20_000, seed=2)
    told, best = quality(model.probability(fresh.features), fresh.lost), quality(chance, fresh.lost)
    assert best.auc.value - told.auc.value < 0.02
    assert told.brier.value - best.brier.value < 0.006
    assert told.calibration_error < 0.03
    assert model.held_out.auc.low < told.auc.value < model.held_out.auc.high
    assert sum(each.losses for each in told.bins) == told.losses
    assert told.bins[0].lift > 2 > 0.5 > told.bins[-1].lift
    assert told.bins[-1].captured == pytest.approx(1)


def test_contributions_add_up_and_lightgbm_agrees(learnt: tuple[ChurnModel, Examples]) -> None:
    """Our trees tell exactly what LightGBM's do, and so do the Shapley values."""
    model, examples = learnt
    strange, _ = made_up(500, seed=3, strange=True)
    x = model.reader.matrix(examples.features)
    options = _settings(model.reader, QUICK, 1)
    data = _data(lightgbm, x, examples.lost, model.reader)
    theirs = lightgbm.train(options, data, num_boost_round=len(model.forest.trees))
    for features in (examples.features, strange.features):
        matrix = model.reader.matrix(features)
        rows = _for_learner(matrix, model.reader)
        ours, values = model.forest.raw(matrix), model.contributions(features)
        assert ours == pytest.approx(theirs.predict(rows, raw_score=True), abs=1e-12)
        assert values.sum(axis=1) + model.forest.base == pytest.approx(ours, abs=1e-10)
        expected = np.asarray(theirs.predict(rows, pred_contrib=True))
        assert np.abs(values - expected[:, :-1]).max() < 1e-10


trees = st.integers(0, 2**31)


def random_tree(seed: int, depth: int) -> Tree:
    """A tree over two numbers and a category of three, features met again on the way."""
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []

    def grow(level: int, cover: float) -> int:
        at = len(rows)
        rows.append({})
        feature = int(random.integers(3)) if level < depth and cover >= 2 else -1
        nothing = {"threshold": 0.0, "categories": None, "missing_left": False, "left": -1, "right": -1}
        if feature < 0:
            rows[at] = nothing | {"feature": -1, "value": float(random.normal()), "cover": cover}
            return at
        first = float(random.integers(1, int(cover)))
        left, right = grow(level + 1, first), grow(level + 1, cover - first)
        codes = (int(random.integers(3)),) if feature == 2 else None
        rows[at] = nothing | {
            "feature": feature,
            "threshold": float(random.integers(-1, 2)),
            "categories": codes,
            "missing_left": bool(random.integers(2)),
            "left": left,
            "right": right,
            "value": 0.0,
            "cover": cover,
        }
        return at

    grow(0, 64.0)
    return Tree(**{name: tuple(row[name] for row in rows) for name in Tree.__dataclass_fields__})


def conditional(tree: Tree, row: Any, known: frozenset[int], node: int = 0) -> float:
    """The mean of the tree for a customer of whom only these features are known, by walking."""
    feature = tree.feature[node]
    if feature < 0:
        return tree.value[node]
    left, right = tree.left[node], tree.right[node]
    if feature not in known:
        parts = tree.cover[left] / tree.cover[node], tree.cover[right] / tree.cover[node]
        return parts[0] * conditional(tree, row, known, left) + parts[1] * conditional(
            tree, row, known, right
        )
    codes, value = tree.categories[node], row[feature]
    if codes is not None:
        goes_left = value in codes
    else:
        goes_left = tree.missing_left[node] if math.isnan(value) else value <= tree.threshold[node]
    return conditional(tree, row, known, left if goes_left else right)


@settings(max_examples=60, deadline=None)
@given(seed=trees, depth=st.integers(0, 5))
def test_shapley_values_are_those_of_the_definition(seed: int, depth: int) -> None:
    """Over all orders in which features can become known, missing values and unknown categories included."""
    forest = Forest((random_tree(seed, depth), random_tree(seed + 1, depth)), (None, None, 3))
    rows = np.array([[-2, 0, 1], [0, 0.5, -1], [1.5, np.nan, 2], [np.nan, -1, 7]], dtype=float)
    values, raw = forest.contributions(rows), forest.raw(rows)
    for at, row in enumerate(rows):
        for feature in range(3):
            total = 0.0
            for order in itertools.permutations(range(3)):
                before = frozenset(order[: order.index(feature)])
                for tree in forest.trees:
                    total += conditional(tree, row, before | {feature}) - conditional(tree, row, before)
            assert values[at, feature] == pytest.approx(total / 6, abs=1e-12)
        walked = sum(conditional(tree, row, frozenset(range(3))) for tree in forest.trees)
        assert raw[at] == pytest.approx(walked, abs=1e-12)
    assert values.sum(axis=1) + forest.base == pytest.approx(raw, abs=1e-12)


def test_risk_never_moves_against_sense(learnt: tuple[ChurnModel, Examples]) -> None:
    """More complaints never lower the risk, more years never raise it, whoever the customer is."""
    model, examples = learnt
    x = model.reader.matrix(examples.features)[:300]
    for name, sign in (("complaints", 1), ("age", -1)):
        at = model.reader.names.index(name)
        told = []
        for value in np.linspace(0, 10, 41):
            moved = x.copy()
            moved[:, at] = value
            told.append(model.calibration.probability(model.forest.raw(moved)))
        assert (sign * np.diff(np.array(told), axis=0) >= -1e-12).all()


def test_reasons_are_in_words(learnt: tuple[ChurnModel, Examples]) -> None:
    model, _ = learnt
    rows = pa.table(
        {
            "customer_key": [1, 2],
            "complaints": [5.0, 0.0],
            "age": [1.0, 9.5],
            "grade": ["silver", "gold"],
            "colour": ["red", None],
        }
    )
    features = features_of(rows, [Feature(name) for name in ("complaints", "age", "grade", "colour")])
    reasons = model.reasons(features)
    table = reasons.table.to_pylist()
    assert table[0]["feature"] == "complaints"
    assert (table[0]["value"], table[0]["usual"], table[0]["cause"]) == ("5", "0", "management")
    assert reasons.sentences(0)[0].startswith("Complaints: 5 (of those who stayed: 0), risk +")
    assert reasons.sentences(0, "zh")[0].startswith("投诉次数:5(留存客户一般为0),流失风险+")
    assert reasons.cause(0, "zh") == "管理因素"
    told = model.probability(features)
    assert told[0] > 0.8 > 0.1 > told[1]
    assert [row["customer_key"] for row in table].count(1) >= 2
    low, high = model.interval(told)
    assert (low <= told).all()
    assert (told <= high).all()


def test_whom_to_call_first(learnt: tuple[ChurnModel, Examples]) -> None:
    model, examples = learnt
    value = np.where(np.arange(len(examples)) % 2 == 0, 100.0, 3.0)
    found = warnings(model, examples.features, value, Remedy(contact=5, incentive=10, accepts=0.5), most=50)
    table = found.table.to_pylist()
    assert len(found) == 50
    assert found.considered == 3000
    assert (np.diff(found.gain) <= 0).all()
    assert {row["customer_key"] % 2 for row in table} == {0}
    told = model.probability(examples.features)
    for at, row in enumerate(table[:5]):
        assert row["probability"] == told[row["customer_key"]]
        assert row["low"] <= row["probability"] <= row["high"]
        assert found.reasons.table["customer_key"].to_pylist().count(row["customer_key"]) >= 1
        assert row["cause"] == model.reader.features[found.reasons.places[at, 0]].cause
    dear = warnings(model, examples.features, value, Remedy(contact=1000))
    assert len(dear) == dear.table.num_rows == 0
    with pytest.raises(ValueError, match="value: must be one finite amount"):
        warnings(model, examples.features, value[:-1], Remedy(1))


def test_causes_are_ranked_by_what_raises_the_risk(learnt: tuple[ChurnModel, Examples]) -> None:
    model, examples = learnt
    ranked = model.causes(examples.features)
    assert set(ranked.causes[:3]) == {"management", "marketing", "other"}
    assert ranked.weight.sum() == pytest.approx(1)
    assert ranked.first.sum() <= len(examples)


def test_a_model_comes_back_from_json(learnt: tuple[ChurnModel, Examples]) -> None:
    model, examples = learnt
    again = ChurnModel.from_json(model.to_json())
    assert again.to_json() == model.to_json()
    assert np.array_equal(again.probability(examples.features), model.probability(examples.features))
    assert np.array_equal(again.contributions(examples.features), model.contributions(examples.features))
    assert again.held_out == model.held_out
    assert json.loads(model.to_json())["customers"] == 3000
    with pytest.raises((ValueError, KeyError, TypeError)):
        ChurnModel.from_json('{"trees": []}')


def test_scoring_needs_no_learner() -> None:
    """What was learnt tells risks and reasons where LightGBM is not installed; learning there is refused in words."""
    examples, _ = made_up(400)
    model = fit_churn(examples, options=Boosting(trees=5, folds=2))
    program = """
import sys
sys.modules["lightgbm"] = None
from tests.insight.stayers import made_up
from zhike.insight.models.churn import ChurnModel, fit_churn
from zhike.insight.types import CannotCarry
examples, _ = made_up(400)
model = ChurnModel.from_json(sys.stdin.read())
print(model.probability(examples.features).sum(), model.reasons(examples.features).sentences(0) != None)
try:
    fit_churn(examples)
except CannotCarry as refused:
    print(refused.reason)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], input=model.to_json(), capture_output=True, text=True, check=True
    )
    total, _, reason = done.stdout.split()
    assert float(total) == pytest.approx(float(model.probability(examples.features).sum()))
    assert reason == "no_library"


def test_the_same_data_make_the_same_model() -> None:
    examples, _ = made_up(600)
    first, second = (fit_churn(examples, options=QUICK).to_json() for _ in range(2))
    assert first == second


def test_categories_never_seen_are_told_and_count_as_unknown(learnt: tuple[ChurnModel, Examples]) -> None:
    model, _ = learnt
    strange, _ = made_up(300, seed=4, strange=True)
    assert model.reader.unseen(strange.features) == {"grade": ("platinum",)}
    names = strange.features.column("grade").categories
    assert names is not None
    unknown = model.probability(strange.features)
    columns = list(strange.features.columns)
    at = strange.features.names.index("grade")
    platinum = columns[at].values == names.index("platinum")
    columns[at] = type(columns[at])(np.where(platinum, -1, columns[at].values), names)
    missing = Features(strange.features.customers, strange.features.features, tuple(columns))
    assert np.array_equal(model.probability(missing), unknown)


def test_customers_stay_on_one_side() -> None:
    """A name that tells each customer apart cannot be learnt by heart, although each stands in four rows."""
    random = np.random.default_rng(1)
    customers, lost = np.repeat(np.arange(300), 4), np.repeat(random.random(300) < 0.4, 4)
    rows = pa.table({"customer_key": customers, "mark": np.repeat(random.normal(size=300), 4)})
    known = features_of(rows)
    with pytest.raises(CannotCarry) as refused:
        fit_churn(examples_of(known, lost), options=QUICK)
    assert refused.value.reason == "no_signal"


def test_a_feature_known_only_after_the_loss_is_suspected() -> None:
    examples, _ = made_up(500)
    called = pa.array(np.where(examples.lost, "closed", "open"))
    told = features_of(pa.table({"customer_key": examples.features.customers, "account": called}))
    leaking = examples_of(examples.features.beside(told), examples.lost)
    assert fit_churn(leaking, options=QUICK).suspects == ("account",)
    assert fit_churn(examples, options=QUICK).suspects == ()


def test_what_cannot_be_learnt_is_refused() -> None:
    examples, _ = made_up(200)
    flat = features_of(pa.table({"customer_key": range(200), "one": np.ones(200), "same": ["a"] * 200}))
    few = np.arange(200) < 10
    for features, lost, reason in (
        (examples.features, np.zeros(200, dtype=bool), "no_losses"),
        (examples.features, np.ones(200, dtype=bool), "all_lost"),
        (examples.features, few, "too_few"),
        (flat, examples.lost, "constant_features"),
    ):
        with pytest.raises(CannotCarry) as refused:
            fit_churn(examples_of(features, lost))
        assert refused.value.reason == reason
    one = examples.of(np.arange(200) == int(np.flatnonzero(examples.lost)[0]))
    with pytest.raises(CannotCarry) as refused:
        fit_churn(one)
    assert refused.value.reason == "all_lost"
    nobody = examples.of(np.zeros(200, dtype=bool))
    with pytest.raises(CannotCarry) as refused:
        fit_churn(nobody)
    assert refused.value.reason == "no_customers"


def test_what_nothing_foretells_is_refused() -> None:
    refused = []
    for seed in range(12):
        noise, _ = made_up(300, noise=True, seed=seed)
        try:
            fit_churn(noise, options=Boosting(trees=20, folds=3))
        except CannotCarry as error:
            refused.append(error.reason)
    assert refused == ["no_signal"] * len(refused)
    assert len(refused) >= 11


def test_absurd_amounts_do_not_move_the_others() -> None:
    examples, _ = made_up(800)
    age = np.asarray(examples.features.column("age").values)
    absurd = age.copy()
    absurd[:3] = [1e300, -1e300, 1e18]
    models = []
    for values in (age, absurd):
        rows = pa.table({"customer_key": range(800), "age": values})
        models.append(fit_churn(examples_of(features_of(rows), examples.lost), options=QUICK))
    fresh = features_of(pa.table({"customer_key": range(50), "age": np.linspace(0, 10, 50)}))
    assert np.abs(models[0].probability(fresh) - models[1].probability(fresh)).mean() < 0.03


def test_columns_that_cannot_be_are_refused() -> None:
    rows = pa.table({"customer_key": [1, 2], "n": [1.0, np.inf], "when": pa.array([1, 2], pa.date32())})
    with pytest.raises(ValueError, match="n: has infinite values"):
        features_of(rows, ["n"])
    with pytest.raises(ValueError, match=r"when: .* is neither a number nor text"):
        features_of(rows, ["when"])
    with pytest.raises(ValueError, match="lacks the columns m"):
        features_of(rows, ["m"])
    with pytest.raises(ValueError, match="told twice: n"):
        features_of(rows, ["n", "n"])
    with pytest.raises(ValueError, match="grade: categories have no order"):
        features_of(pa.table({"customer_key": [1], "grade": ["a"]}), [Feature("grade", 1)])
    with pytest.raises(ValueError, match="unknown cause"):
        Feature("x", cause="weather")
    examples, _ = made_up(200)
    with pytest.raises(ValueError, match="lost: must be yes or no"):
        examples_of(examples.features, np.full(200, 2))
    with pytest.raises(ValueError, match="value: must be"):
        examples_of(examples.features, examples.lost, value=np.full(200, np.nan))


def test_the_other_kind_of_column_is_refused(learnt: tuple[ChurnModel, Examples]) -> None:
    model, _ = learnt
    rows = pa.table(
        {"customer_key": [1], "complaints": ["many"], "age": [1.0], "grade": ["gold"], "colour": ["red"]}
    )
    with pytest.raises(ValueError, match="complaints: the model knows it as numbers"):
        model.probability(features_of(rows))
    with pytest.raises(ValueError, match="features lack complaints, age"):
        model.probability(features_of(rows.drop_columns("age"), ["grade"]))
