"""Models of the customer base: derivatives, moments and intervals as they must be, and what data cannot carry."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.buyers import story
from tests.insight.lines import line, lines
from zhike.insight.models.customer_base import (
    FAMILIES,
    CustomerBase,
    Spend,
    Summary,
    fit_base,
    fit_spend,
    lifetime_value,
    summarise,
    summary_of,
)
from zhike.insight.models.customer_base.base import Name
from zhike.insight.models.customer_base.future import Pairs, future, worth
from zhike.insight.models.customer_base.rows import grouped
from zhike.insight.types import CannotCarry, Days

NAMES: tuple[Name, ...] = ("bg_nbd", "mbg_nbd", "pareto_nbd", "nbd")
START = date(2025, 1, 1)
PERIOD = Days(START, date(2026, 1, 1))

customers = st.lists(
    st.integers(0, 700).flatmap(
        lambda age: st.tuples(st.integers(0, 9), st.integers(1, max(age, 1)), st.just(max(age, 1)))
    ),
    min_size=1,
    max_size=40,
)
positive = st.floats(0.05, 8.0)


def told(rows: list[tuple[int, int, int]]) -> Summary:
    x = [row[0] for row in rows]
    recency = [row[1] / 7 if row[0] else 0.0 for row in rows]
    return summary_of(x, recency, [row[2] / 7 for row in rows])


@settings(max_examples=40, deadline=None)
@given(rows=customers, values=st.tuples(positive, positive, positive, positive), name=st.sampled_from(NAMES))
def test_derivatives_are_those_of_the_likelihood(rows: Any, values: Any, name: Name) -> None:
    family = FAMILIES[name]
    score = family.scorer(told(rows).rows)
    place = np.array(values[: len(family.names)])
    here = score(place)
    for k in range(len(place)):
        step = np.zeros(len(place))
        step[k] = 1e-5 * place[k]
        up, down = score(place + step), score(place - step)
        slope = (up.value - down.value) / (2 * step[k])
        assert here.gradient[k] == pytest.approx(slope, rel=1e-5, abs=1e-4)
        bend = (up.gradient - down.gradient) / (2 * step[k])
        assert here.hessian[k] == pytest.approx(bend, rel=1e-4, abs=1e-4 * (1 + np.abs(here.hessian).max()))


@settings(max_examples=40, deadline=None)
@given(rows=customers, name=st.sampled_from(NAMES), values=st.tuples(positive, positive, positive, positive))
def test_grouping_customers_changes_nothing(rows: Any, name: Name, values: Any) -> None:
    family, summary = FAMILIES[name], told(rows)
    place = np.array(values[: len(family.names)])
    alone = [
        grouped(summary.frequency[i : i + 1], summary.recency[i : i + 1], summary.age[i : i + 1])[0]
        for i in range(len(rows))
    ]
    assert family.scorer(summary.rows)(place).value == pytest.approx(
        sum(family.scorer(row)(place).value for row in alone), rel=1e-9
    )
    together = family.alive(summary.rows, place)[summary.row_of]
    assert together == pytest.approx([float(family.alive(row, place)[0]) for row in alone], rel=1e-9)
    assert ((together >= 0) & (together <= 1)).all()


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    values=st.tuples(positive, st.floats(0.5, 30.0), st.floats(0.3, 6.0), st.floats(0.5, 30.0)),
    horizon=st.floats(1.0, 200.0),
)
def test_counts_of_a_new_customer_have_the_expected_mean_and_variance(
    name: Name, values: Any, horizon: float
) -> None:
    """Σ P(n) = 1, Σ n P(n) = E[N] and Σ n (n − 1) P(n) = E[N(N − 1)], three formulas of different descent."""
    family = FAMILIES[name]
    place = np.array(values[: len(family.names)])
    most = 20_000
    counts, n = family.counts(horizon, most, place), np.arange(most + 1)
    rows, _ = grouped(np.zeros(1, dtype=np.int64), np.zeros(1), np.zeros(1))
    alive = float(family.alive(rows, place)[0])
    ahead = future(family, place, Pairs(np.zeros(1), np.zeros(1)), np.full(1, horizon))
    assert counts.sum() == pytest.approx(1, rel=1e-6)
    assert counts @ n == pytest.approx(alive * ahead.number[0], rel=1e-5)
    assert counts @ (n * (n - 1.0)) == pytest.approx(alive * ahead.pairs[0], rel=1e-4)
    assert counts[0] == pytest.approx(1 - alive * (1 - ahead.quiet[0]), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_many_ages_at_once_are_as_each_alone(name: Name) -> None:
    """The series over T and the integrals themselves are the same to eight digits."""
    family = FAMILIES[name]
    place = np.array([0.6, 5.0, 0.9, 3.0][: len(family.names)])
    x, age = (
        each.ravel().astype(float) for each in np.meshgrid([0, 1, 7, 60], np.arange(1, 900), indexing="ij")
    )
    quick = future(family, place, Pairs(x, age / 7), 52.0, 0.002)
    slow = future(family, place, Pairs(x, age / 7), np.full(len(x), 52.0), 0.002)
    for part in ("number", "pairs", "worth", "squares", "products", "quiet"):
        assert getattr(quick, part) == pytest.approx(getattr(slow, part), rel=1e-8, abs=1e-10)
    assert worth(family, place, Pairs(x, age / 7), 52.0, 0.002) == pytest.approx(slow.worth, rel=1e-8)
    assert (slow.worth < slow.number).all()


@pytest.mark.parametrize("chances", [0, 1])
def test_the_nature_of_made_up_customers_is_found_again(chances: int) -> None:
    made = story(chances, customers=40_000, seed=5)
    base = fit_base(made.summary, "mbg_nbd" if chances else "bg_nbd")
    for name, true in zip(base.maximum.names, (0.6, 8.0, 0.9, 3.0), strict=True):
        low, high = base.maximum.interval(name, z=3.5)
        assert low < true < high
    expected = base.purchases_ahead(made.summary, 52.0)
    assert expected.sum() == pytest.approx(made.bought.sum(), rel=0.04)
    for group in np.array_split(np.argsort(expected), 5):
        assert expected[group].mean() == pytest.approx(made.bought[group].mean(), rel=0.08, abs=0.02)


def test_intervals_hold_what_happens_as_often_as_they_say() -> None:
    rate = float(np.log1p(0.1)) / 365.25 * 7
    made = story(0, customers=40_000, seed=12, rate=rate)
    found = lifetime_value(
        fit_base(made.summary),
        made.summary,
        horizon=52.0,
        spend=fit_spend(made.summary),
        discount=0.1,
        level=0.9,
    )
    inside = (found.low <= made.worth) & (made.worth <= found.high)
    assert 0.87 < inside.mean() < 0.96
    assert (made.worth > found.high).mean() == pytest.approx(0.05, abs=0.015)
    assert (made.worth == 0).mean() == pytest.approx(found.none.mean(), abs=0.01)
    spread = ((made.worth - found.value) ** 2).mean()
    assert (found.chance**2).mean() == pytest.approx(spread, rel=0.15)
    assert ((found.low <= found.value) & (found.value <= found.high)).mean() > 0.97


def test_the_total_of_the_base_is_as_sure_as_it_says() -> None:
    """Over many made-up bases what happens lies around the total, as far from it as the interval says."""
    rate = float(np.log1p(0.1)) / 365.25 * 7
    away = []
    for seed in range(100, 108):
        made = story(0, customers=10_000, seed=seed, rate=rate)
        spend = fit_spend(made.summary)
        base = fit_base(made.summary)
        total = lifetime_value(base, made.summary, horizon=52.0, spend=spend, discount=0.1, level=0.9).total
        middle, half = (total.low + total.high) / 2, (total.high - total.low) / 2
        away.append((made.worth.sum() - middle) / half * 1.645)
    # Three standard errors of the mean and of the spread of eight standard normal numbers.
    assert abs(np.mean(away)) < 3 / np.sqrt(8)
    assert 0.3 < np.std(away) < 1.8


def test_equity_of_cohorts_adds_up_to_the_base() -> None:
    summary = story(0, customers=2_000, seed=3).summary
    dated = summary_of(
        summary.frequency,
        summary.recency,
        summary.age,
        average=summary.money / 1e4 / np.maximum(summary.frequency, 1),
        last=date(2026, 6, 30),
    )
    found = lifetime_value(fit_base(dated), dated, horizon=26.0, spend=fit_spend(dated), margin=0.4)
    for cohort in ("month", "quarter", "year"):
        parts = found.equity(cohort)
        assert list(parts) == sorted(parts)
        assert sum(each.value for each in parts.values()) == pytest.approx(found.total.value)
        assert sum(each.customers for each in parts.values()) == 2_000
        assert sum(each.chance**2 for each in parts.values()) == pytest.approx(found.total.chance**2)
    assert found.total.value == pytest.approx(float(found.value.sum()))
    assert found.table.num_rows == 2_000
    with pytest.raises(ValueError, match="last day"):
        lifetime_value(fit_base(summary), summary, horizon=26.0, spend=20.0).equity()


def test_discount_margin_and_amount_do_what_they_say() -> None:
    summary = story(0, customers=500, seed=4).summary
    base = fit_base(summary)
    plain = lifetime_value(base, summary, horizon=52.0, spend=10.0, discount=0.0)
    assert plain.value == pytest.approx(10 * base.purchases_ahead(summary, 52.0), rel=1e-6)
    half = lifetime_value(base, summary, horizon=52.0, spend=10.0, discount=0.0, margin=0.5)
    assert half.value == pytest.approx(plain.value / 2)
    assert half.high == pytest.approx(plain.high / 2)
    later = lifetime_value(base, summary, horizon=52.0, spend=10.0, discount=0.5)
    assert (later.value < plain.value).all()
    assert later.value.sum() > plain.value.sum() / 1.5


@pytest.mark.parametrize("name", NAMES)
def test_a_model_comes_back_from_its_text(name: Name) -> None:
    summary = story(0, customers=5000, seed=8).summary
    base, spend = fit_base(summary, name), fit_spend(summary)
    again = CustomerBase.from_json(base.to_json())
    assert again.to_json() == base.to_json()
    assert (again.alive(summary) == base.alive(summary)).all()
    assert Spend.from_json(spend.to_json()).to_json() == spend.to_json()
    with pytest.raises(ValueError, match="units"):
        again.alive(summary_of([1], [0.5], [1.0], unit=1.0))


def summary(x: Any, recency: Any, age: Any, average: Any = None) -> Summary:
    return summary_of(
        np.array(x), np.array(recency, dtype=float), np.array(age, dtype=float), average=average
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: summary(np.zeros(0, dtype=int), [], []), "no_customers"),
        (lambda: summary([3], [5], [9]), "too_few"),
        (lambda: summary([0] * 20, [0] * 20, [0] * 20), "no_time"),
        (lambda: summary([0] * 20, [0] * 20, range(1, 21)), "no_repeats"),
        (lambda: summary([2] * 20, [5] * 20, [9] * 20), "all_equal"),
        # Everybody buys once a week to the end: no spread of rates, no deaths.
        (lambda: summary(np.arange(20, 60), np.arange(20, 60), np.arange(20, 60)), "not_identified"),
    ],
)
def test_data_that_cannot_carry_a_model_are_refused(data: Any, reason: str) -> None:
    with pytest.raises(CannotCarry) as refused:
        fit_base(data(), "bg_nbd")
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([1.5], [1], [2]), "whole numbers"),
        (([-1], [0], [2]), "frequency: negative"),
        (([1], [3], [2]), "recency: negative, missing, or beyond age"),
        (([0], [1], [2]), "zero exactly"),
        (([2], [0], [2]), "zero exactly"),
        (([1], [float("nan")], [2]), "recency"),
        (([1], [1], [float("inf")]), "age"),
        (([20_000_000], [1], [2]), "beyond ten million"),
        (([1, 2], [1], [2]), "one length"),
        (([1], [1], [2], [float("inf")]), "average"),
        (([1], [1], [2], [1e30]), "average"),
    ],
)
def test_a_summary_that_cannot_be_is_refused(columns: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        summary(*columns)


def widely() -> Any:
    """Amounts so widely spread that their mean does not exist: gamma over gamma with a shape below 1."""
    random = np.random.default_rng(3)
    return random.gamma(10.0, 1.0, 3000) / random.gamma(0.7, 1.0, 3000)


def amounts(average: Any, x: Any = 2) -> Summary:
    size = len(average)
    return summary(np.full(size, x) if np.isscalar(x) else x, [1] * size, [2] * size, np.array(average))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: amounts([0.0] * 30), "no_repeats"),
        (lambda: amounts([-5.0] * 30), "no_repeats"),
        (lambda: amounts([4.0, 5.0, 6.0]), "too_few"),
        (lambda: amounts([4.0] * 30), "all_equal"),
        (lambda: amounts(np.arange(1.0, 200.0), np.arange(1, 200)), "depends"),
        (lambda: amounts(widely()), "no_mean"),
    ],
)
def test_amounts_that_cannot_carry_a_model_are_refused(data: Any, reason: str) -> None:
    with pytest.raises(CannotCarry) as refused:
        fit_spend(data())
    assert refused.value.reason == reason


def test_dependence_of_amounts_on_frequency_may_be_waved_through() -> None:
    random = np.random.default_rng(1)
    x = random.integers(1, 40, 400)
    data = amounts(x * random.gamma(3.0, 1.0, 400) / random.gamma(5.0, 1.0, 400), x)
    with pytest.raises(CannotCarry, match="hangs on how often"):
        fit_spend(data)
    found = fit_spend(data, dependence=None)
    assert found.independence.low > 0.3


def test_customers_whose_returns_ate_up_their_purchases_are_left_out_of_amounts() -> None:
    random = np.random.default_rng(2)
    average = random.gamma(6.0, 1.0, 200) / random.gamma(5.0, 0.1, 200)
    spoiled = np.concatenate([average, [0.0, -20.0]])
    clean, dirty = fit_spend(amounts(average)), fit_spend(amounts(spoiled))
    assert (clean.left_out, dirty.left_out) == (0, 2)
    assert clean.parameters == pytest.approx(dirty.parameters)
    assert dirty.average(amounts(spoiled))[-2:] == pytest.approx(dirty.mean)


def test_purchases_become_a_summary() -> None:
    def bought(customer: int | None, day: int, amount: str, document: str = "A") -> dict[str, Any]:
        return line(customer, START + timedelta(days=day), amount, document)

    table = lines(
        [
            bought(1, 0, "10"),
            bought(1, 0, "5", "B"),
            bought(1, 70, "20"),
            bought(1, 75, "-4"),
            bought(2, 10, "-3"),
            bought(3, 30, "8"),
            bought(3, 35, "2"),
            bought(3, 35, "-2", "B"),
            bought(None, 5, "99"),
            bought(4, 400, "1"),
        ]
    )
    found = summarise(table, period=PERIOD, unit=1.0)
    rows = {row["customer_key"]: row for row in found.table.to_pylist()}
    assert set(rows) == {1, 3}
    assert (rows[1]["frequency"], rows[1]["recency"], rows[1]["age"]) == (1, 70, 364)
    assert float(rows[1]["money"]) == 16
    assert (rows[3]["frequency"], rows[3]["recency"], rows[3]["age"]) == (0, 0, 334)
    assert found.left_out == 1
    free = summarise(table, period=PERIOD, unit=1.0, free=True).table.to_pylist()
    assert {row["customer_key"]: row["frequency"] for row in free} == {1: 1, 3: 1}
    with pytest.raises(CannotCarry, match="nobody bought"):
        summarise(table, period=Days(date(2020, 1, 1), date(2020, 2, 1)))


@pytest.mark.parametrize("option", [{"horizon": 0}, {"discount": -0.1}, {"margin": 1.5}, {"level": 1.0}])
def test_options_that_cannot_be_are_refused_by_name(option: dict[str, float]) -> None:
    data = story(0, customers=200, seed=6).summary
    options: dict[str, Any] = {"horizon": 52.0, "spend": 10.0} | option
    with pytest.raises(ValueError, match=next(iter(option))):
        lifetime_value(fit_base(data), data, **options)
