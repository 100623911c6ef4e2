"""Segments: groups that are there are found, those that are not are refused, and what is said of them is true."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.stayers import RETAIL_END, retail_lines, telco
from zhike.insight.models.churn import Feature, Features, behaviour, features_of, history_of
from zhike.insight.models.segments import (
    Points,
    Segments,
    Trial,
    adjusted_rand,
    by_gap,
    by_silhouette,
    crossed,
    fit_segments,
    lookalikes,
    prototypes,
    silhouettes,
    space_of,
)
from zhike.insight.types import CannotCarry

MIDDLES = np.array([[0.0, 0.0], [7.0, 0.0], [0.0, 7.0]])
ABOUT = [
    Feature("spend", 0, "other", "Amount", "金额"),
    Feature("visits", 0, "other", "Visits", "到店次数"),
    Feature("channel", 0, "other", "Channel", "渠道"),
]


def three_groups(size: int = 600, *, seed: int = 1, alike: float = 0.85) -> tuple[Features, Any]:
    """Customers of three kinds, each with its usual channel."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, 3, size)
    x = MIDDLES[kind] + random.normal(size=(size, 2))
    channel = np.array(["shop", "web", "phone"])[
        np.where(random.random(size) < alike, kind, random.integers(0, 3, size))
    ]
    rows = pa.table({"customer_key": range(size), "spend": x[:, 0], "visits": x[:, 1], "channel": channel})
    return features_of(rows, ABOUT), kind


@pytest.fixture(scope="module")
def found() -> tuple[Segments, Features, Any]:
    features, kind = three_groups()
    return fit_segments(features, most=6, draws=10), features, kind


def test_groups_are_found(found: tuple[Segments, Features, Any]) -> None:
    segments, features, kind = found
    assert len(segments) == 3
    assert sum(segments.sizes) == 600
    assert list(segments.sizes) == sorted(segments.sizes, reverse=True)
    assigned = segments.assign(features)
    assert adjusted_rand(crossed(assigned.labels, kind)) > 0.96
    assert (np.bincount(assigned.labels) == segments.sizes).all()
    assert ((assigned.margin >= 0) & (assigned.margin <= 1)).all()
    assert segments.stability.rand > 0.95
    assert min(segments.stability.jaccard) > 0.95
    assert [trial.k for trial in segments.trials] == [1, 2, 3, 4, 5, 6]
    assert (by_gap(segments.trials), by_silhouette(segments.trials)) == (3, 3)


def test_names_say_what_sets_a_segment_apart(found: tuple[Segments, Features, Any]) -> None:
    segments, features, kind = found
    labels = segments.assign(features).labels
    names = {int(kind[labels == at][0]): name for at, name in enumerate(segments.names())}
    assert names[1] == "high Amount, Channel web"
    assert names[2] == "high Visits, Channel phone"
    assert {"金额高、渠道为web", "到店次数高、渠道为phone"} < set(segments.names("zh"))
    assert ("high:spend", "is:channel=web") in segments.codes_of_names()
    rows = {(row["segment"], row["trait"]): row for row in segments.table.to_pylist()}
    web = next(at for at in range(3) if (at, "is:channel=web") in rows)
    values = np.asarray(features.column("spend").values)
    row = rows[web, "high:spend"]
    assert row["here"] == pytest.approx(np.median(values[labels == web]))
    assert row["usual"] == pytest.approx(np.median(values))
    assert row["share"] == segments.sizes[web] / 600


def test_segments_come_back_from_json(found: tuple[Segments, Features, Any]) -> None:
    segments, features, _ = found
    again = Segments.from_json(segments.to_json())
    assert again.to_json() == segments.to_json()
    assert again.assign(features).table.equals(segments.assign(features).table)
    assert again.names("zh") == segments.names("zh")


def test_new_customers_find_their_segment(found: tuple[Segments, Features, Any]) -> None:
    """Missing numbers lie at the centre; a channel nobody knew differs from all."""
    segments, features, kind = found
    fresh, theirs = three_groups(300, seed=9)
    labels = segments.assign(features).labels
    kinds = [int(np.bincount(kind[labels == at]).argmax()) for at in range(3)]
    assert np.mean(np.array(kinds)[segments.assign(fresh).labels] == theirs) > 0.97
    strange = features_of(
        pa.table(
            {"customer_key": [1, 2], "spend": [7.0, None], "visits": [0.0, 7.0], "channel": ["fax", None]}
        ),
        ABOUT,
    )
    assert [kinds[at] for at in segments.assign(strange).labels] == [1, 2]


def test_customers_without_groups_are_refused() -> None:
    random = np.random.default_rng(3)
    rows = {"customer_key": range(400), "a": random.normal(size=400), "b": random.normal(size=400)}
    even = features_of(pa.table(rows))
    with pytest.raises(CannotCarry, match="customers form no groups") as refused:
        fit_segments(even, most=5)
    assert refused.value.reason == "no_groups"
    divided = fit_segments(even, k=4, draws=10)
    assert len(divided) == 4
    assert divided.trials == ()
    assert divided.stability.rand < 0.9


def test_what_cannot_be_divided_is_refused() -> None:
    features, _ = three_groups(60)
    flat = features_of(pa.table({"customer_key": range(60), "one": np.ones(60), "same": ["a"] * 60}))
    two = features_of(pa.table({"customer_key": range(60), "x": np.arange(60) % 2}))
    for told, k, reason in (
        (features.of(np.arange(60) < 1), None, "too_few"),
        (features, 7, "too_few"),
        (flat, None, "constant_features"),
        (two, 3, "too_few"),
    ):
        with pytest.raises(CannotCarry) as refused:
            fit_segments(told, k=k)
        assert refused.value.reason == reason
    with pytest.raises(ValueError, match="k: must be"):
        fit_segments(features, k=1)
    with pytest.raises(ValueError, match="most: must be"):
        fit_segments(features, most=1)


def test_a_giant_makes_no_segment_of_his_own() -> None:
    features, kind = three_groups()
    spend = np.asarray(features.column("spend").values).copy()
    spend[0] = 1e15
    rows = pa.table(
        {
            "customer_key": range(600),
            "spend": spend,
            "visits": features.column("visits").values,
            "channel": pa.array([("shop", "web", "phone")[each] for each in kind]),
        }
    )
    segments = fit_segments(features_of(rows), k=3, draws=5)
    assert min(segments.sizes) > 150
    absurd = features_of(pa.table({"customer_key": range(600), "spend": np.where(kind == 1, 1e200, spend)}))
    with pytest.raises(CannotCarry, match="spend: has values beyond all amounts"):
        fit_segments(absurd)


@settings(max_examples=30, deadline=None)
@given(factor=st.floats(0.001, 1000), shift=st.floats(-100, 100))
def test_units_do_not_matter(factor: float, shift: float) -> None:
    """Cents or yuan, with or without an offset: the same points."""
    random = np.random.default_rng(5)
    x = random.normal(size=80)
    points = [
        space_of(told).points(told).numbers
        for told in (
            features_of(pa.table({"customer_key": range(80), "x": values}))
            for values in (x, x * factor + shift - 1e4)
        )
    ]
    assert points[0] == pytest.approx(points[1], abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 2)), min_size=4, max_size=8
    ).filter(lambda rows: len(set(rows)) > 2)
)
def test_the_division_is_the_best_of_all(rows: Any) -> None:
    """Every division of a few customers in two, written out: none has less spread."""
    numbers = np.array([row[:2] for row in rows], dtype=float)
    codes = np.array([[row[2]] for row in rows])
    weight = 1.5
    found = prototypes(Points(numbers, codes, np.array([weight]), (3,)), 2, starts=40)

    def spread(inside: Any) -> float:
        some, marks = numbers[inside], codes[inside, 0]
        return float(
            ((some - some.mean(axis=0)) ** 2).sum() + weight * (len(marks) - np.bincount(marks).max())
        )

    best = np.inf
    for chosen in itertools.product([False, True], repeat=len(rows)):
        side = np.array(chosen)
        if side.any() and not side.all():
            best = min(best, spread(side) + spread(~side))
    assert found.spread == pytest.approx(best, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 2)), min_size=3, max_size=15))
def test_silhouettes_are_those_of_the_long_way(rows: Any) -> None:
    x, labels = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows])
    pairs = np.abs(x[:, None] - x)
    told = silhouettes(pairs, labels)
    for i, label in enumerate(labels):
        same = [pairs[i, j] for j in range(len(x)) if j != i and labels[j] == label]
        others = [pairs[i, labels == other].mean() for other in set(labels.tolist()) - {int(label)}]
        if not same:
            assert told[i] == 0
        elif others:
            a, b = float(np.mean(same)), float(min(others))
            assert told[i] == pytest.approx((b - a) / max(a, b) if max(a, b) else 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=20))
def test_the_adjusted_rand_index_counts_pairs(rows: Any) -> None:
    first, second = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    counts = np.zeros((2, 2))
    for i, j in itertools.combinations(range(len(rows)), 2):
        counts[int(first[i] == first[j]), int(second[i] == second[j])] += 1
    (neither, only_second), (only_first, both) = counts
    above = 2 * (both * neither - only_first * only_second)
    below = (both + only_first) * (only_first + neither) + (both + only_second) * (only_second + neither)
    assert adjusted_rand(crossed(first, second)) == pytest.approx(above / below if below else 1.0)


def test_the_gap_rule() -> None:
    """The smallest k whose gap is at least that of k + 1 less its error (Tibshirani's table)."""
    trials = [Trial(k, 0.1 * k, gap, 0.05) for k, gap in enumerate([0.1, 0.5, 0.9, 0.93, 0.8], start=1)]
    assert by_gap(trials) == 3
    assert by_silhouette(trials) == 5


def test_lookalikes_resemble_the_chosen() -> None:
    features, kind = three_groups(900)
    chosen = (kind == 1) & (np.arange(900) % 3 == 0)
    alike = lookalikes(features, chosen, most=150)
    theirs = np.array(alike.customers.to_pylist())
    assert np.mean(kind[theirs] == 1) > 0.95
    assert not chosen[theirs].any()
    assert (np.diff(alike.score) <= 0).all()
    assert alike.auc.low > 0.8
    assert alike.table["because"].to_pylist()[0] in {"spend", "channel=web"}
    random = np.random.default_rng(2).random(900) < 0.3
    assert lookalikes(features, random).auc.low < 0.5 < lookalikes(features, random).auc.high + 0.05
    with pytest.raises(CannotCarry) as refused:
        lookalikes(features, np.arange(900) < 5)
    assert refused.value.reason == "too_few"
    with pytest.raises(ValueError, match="chosen: must be one yes or no per customer"):
        lookalikes(features, np.zeros(899, dtype=bool))


def test_segments_of_the_wholesaler() -> None:
    features, _ = behaviour(history_of(retail_lines(), until=RETAIL_END), as_of=RETAIL_END, window=373)
    kept = [
        feature
        for feature in features.features
        if feature.name in {"silent_days", "purchases", "amount", "lines"}
    ]
    columns = tuple(features.column(feature.name) for feature in kept)
    segments = fit_segments(Features(features.customers, tuple(kept), columns), k=3, draws=15)
    assert sum(segments.sizes) == len(features)
    assert segments.stability.rand > 0.8
    assert len(set(segments.names("zh"))) == 3
    assert any({"high:amount", "high:purchases"} == set(each) for each in segments.codes_of_names())


def test_segments_of_the_telephone_company() -> None:
    """Numbers and sixteen categories together: those without internet are a segment of their own."""
    data = telco()
    segments = fit_segments(data.examples.features, k=3, draws=10)
    labels = segments.assign(data.examples.features).labels
    internet = data.examples.features.column("InternetService")
    assert internet.categories is not None
    without = internet.values == internet.categories.index("No")
    assert int(without.sum()) == 1526
    shares = [without[labels == at].mean() for at in range(3)]
    assert max(shares) > 0.95
    assert sorted(shares)[1] < 0.02
    assert segments.stability.rand > 0.85
