"""Who is lost: contracts that ended, silence that became too long; features that look at nothing from the cut-off
on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.lines import line, lines
from zhike.insight.models.churn import (
    History,
    PersonalSilence,
    QuantileSilence,
    behaviour,
    contract_examples,
    contract_state,
    history_of,
    panel,
    silences,
    stays,
    window_examples,
)
from zhike.insight.types import CannotCarry

START = date(2025, 1, 1)
END = date(2026, 1, 1)

bought = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 364), st.integers(-50, 100)), min_size=1, max_size=60
)


def day(number: int) -> date:
    return START + timedelta(days=number)


def history(rows: Any, until: date = END) -> History:
    return history_of(
        lines([line(who, day(when), worth, f"D{at}") for at, (who, when, worth) in enumerate(rows)]),
        until=until,
    )


def test_silence_is_judged_by_personal_intervals() -> None:
    """One buys each 10 days, one each 60; both were last seen 50 days ago: only the first is lost."""
    rows = [(1, when, 10) for when in range(0, 201, 10)] + [(2, when, 10) for when in (20, 80, 140, 200)]
    found = silences(history(rows), as_of=day(250), definition=PersonalSilence(intervals=3, weight=1))
    gaps = (20 * 10 + 3 * 60) / 23
    assert found.silent.tolist() == [50, 50]
    assert found.limit == pytest.approx([3 * (200 + gaps) / 21, 3 * (180 + gaps) / 4])
    assert found.lost.tolist() == [True, False]
    last = found.table.to_pylist()[0]
    assert last["lost_date"] == day(200 + int(found.limit[0]) + 1)
    assert found.lives().lost.tolist() == [True, False]
    assert found.lives().stayed.tolist() == [200 + int(found.limit[0]) + 1, 230]


def test_silence_is_judged_by_a_quantile_of_all_gaps() -> None:
    rows = [(1, when, 10) for when in range(0, 201, 10)] + [(2, when, 10) for when in (20, 80, 140, 200)]
    found = silences(history(rows), as_of=day(250), definition=QuantileSilence(share=0.9))
    assert found.limit == pytest.approx(np.full(2, np.quantile([10] * 20 + [60] * 3, 0.9)))


def test_returns_are_no_purchases() -> None:
    rows = [(1, 0, 10), (1, 10, 10), (1, 30, -5), (2, 0, 10), (2, 5, 10)]
    found = silences(history(rows), as_of=day(40))
    assert found.silent.tolist() == [30, 35]


@settings(max_examples=60, deadline=None)
@given(rows=bought, later=bought, cut=st.integers(100, 300), window=st.integers(30, 200))
def test_features_see_nothing_from_the_cut_off_on(rows: Any, later: Any, cut: int, window: int) -> None:
    """Whatever happens from the cut-off on, what was known before it is the same."""
    before = [row for row in rows if row[1] < cut]
    after = [(who, max(when, cut), worth) for who, when, worth in later]
    found: list[Any] = []
    for told in (before, before + after):
        try:
            features, _ = behaviour(history(told), as_of=day(cut), window=window)
            found.append(
                ([features.customers.to_pylist()], [each.values.tolist() for each in features.columns])
            )
        except CannotCarry as refused:
            found.append("no_purchases" if refused.reason == "no_purchases" else refused.reason)
    assert repr(found[0]) == repr(found[1])


@settings(max_examples=60, deadline=None)
@given(rows=bought, cut=st.integers(60, 250), horizon=st.integers(1, 100))
def test_lost_is_whose_silence_becomes_too_long_within_the_horizon(rows: Any, cut: int, horizon: int) -> None:
    """Written out day by day: some day of the horizon begins with a silence longer than allowed at the cut-off."""
    whole = [(who, 0, 10) for who in (1, 2)] + [(who, 20, 10) for who in (1, 2)] + rows
    told = history(whole)
    try:
        examples = window_examples(told, cut=day(cut), horizon=horizon)
    except CannotCarry as refused:
        refusal = refused.reason
        examples = None
    if examples is None:
        assert refusal == "all_lost"
        return
    known = silences(told, as_of=day(cut))
    limits = dict(zip(known.customers.tolist(), known.limit.tolist(), strict=True))
    sums: dict[tuple[int, int], int] = {}
    for who, when, worth in whole:
        sums[who, when] = sums.get((who, when), 0) + worth
    names = told.customers.to_pylist()
    for at, whose in enumerate(examples.group.tolist()):
        days = sorted(when for (who, when), worth in sums.items() if who == names[whose] and worth > 0)
        lost = any(
            today - max(when for when in days if when < today) > limits[whose]
            for today in range(cut, cut + horizon + 1)
            if today - max(when for when in days if when < today) > 0
        )
        assert examples.lost[at] == lost


@pytest.mark.parametrize(
    ("came_back", "lost"), [(41, False), (55, False), (61, False), (62, True), (71, True), (200, True)]
)
def test_who_comes_back_in_time_is_not_lost(came_back: int, lost: bool) -> None:
    """Everybody may be silent for thirty days. Last seen on day 31, the cut-off is day 41, the horizon ends on day 71:
    who comes back on the cut-off itself, or up to day 61, is kept."""
    rows = [(who, when, 10) for who in (1, 2) for when in (1, 11, 21, 31)] + [(1, came_back, 10), (2, 41, 10)]
    definition = PersonalSilence(intervals=3)
    examples = window_examples(history(rows), cut=day(41), horizon=30, definition=definition)
    assert silences(history(rows), as_of=day(41), definition=definition).limit.tolist() == [30, 30]
    assert examples.lost.tolist() == [lost, False]


def test_features_are_what_they_say() -> None:
    rows = [(1, 100, 40), (1, 120, 60), (1, 160, 100), (1, 170, -50), (2, 10, 10), (2, 150, 10)]
    features, found = behaviour(history(rows), as_of=day(180), window=100)
    told = {name: column.values[0] for name, column in zip(features.names, features.columns, strict=True)}
    assert features.customers.to_pylist() == [1, 2]
    assert told == pytest.approx(
        {
            "silence": 20 / found.limit[0],
            "silent_days": 20,
            "purchases": 3,
            "amount": 150,
            "average": 200 / 3,
            "interval": 30,
            "irregularity": np.std([20, 40], ddof=1) / 30,
            "trend_purchases": 2 * 1 / 3 - 1,
            "trend_amount": 2 * 100 / 200 - 1,
            "returns": 0.25,
            "lines": 1,
            "tenure_days": 80,
        }
    )
    second = {name: column.values[1] for name, column in zip(features.names, features.columns, strict=True)}
    assert second["tenure_days"] == 170
    assert np.isnan([second["interval"], second["irregularity"]]).all()


def test_several_cut_offs_make_a_panel() -> None:
    rows = [(who, when, 10) for who in range(1, 9) for when in range(who, 300, 5 + who)]
    told = history(rows)
    cuts = [day(100), day(150), day(200)]
    examples = panel(told, cuts=cuts, horizon=60)
    assert len(examples) == 24
    assert sorted(set(examples.cuts.tolist())) == [(cut - date(1970, 1, 1)).days for cut in cuts]
    one = window_examples(told, cut=cuts[1], horizon=60)
    rows_of_one = examples.of(examples.cuts == one.cuts[0])
    assert rows_of_one.features.customers.equals(one.features.customers)
    assert (rows_of_one.lost == one.lost).all()


def test_windows_that_reach_beyond_what_is_known_are_refused() -> None:
    told = history([(1, 0, 10), (1, 9, 10), (2, 5, 10)], until=day(100))
    with pytest.raises(ValueError, match="horizon: must be positive"):
        window_examples(told, cut=day(50), horizon=51)
    with pytest.raises(ValueError, match="the history ends before"):
        silences(told, as_of=day(101))
    with pytest.raises(CannotCarry) as refused:
        silences(told, as_of=day(100), window=30)
    assert refused.value.reason == "no_purchases"
    with pytest.raises(CannotCarry) as refused:
        silences(history([(1, 0, 10), (2, 5, 10)]), as_of=day(20))
    assert refused.value.reason == "no_repeats"
    with pytest.raises(CannotCarry) as refused:
        behaviour(told, as_of=day(99))
    assert refused.value.reason == "all_lost"


def test_purchases_that_cannot_be_added_up_are_refused() -> None:
    mixed = lines([line(1, day(0), 5), line(1, day(3), 5, "B", currency="EUR")])
    with pytest.raises(CannotCarry) as refused:
        history_of(mixed, until=END)
    assert refused.value.reason == "several_currencies"
    assert len(history_of(mixed, until=END, currency="EUR").at) == 1
    with pytest.raises(CannotCarry, match="nobody bought"):
        history_of(lines([line(1, day(0), -5)]), until=END)


@pytest.mark.parametrize("amount", [1e20, float("inf"), float("nan")])
def test_absurd_amounts_are_refused(amount: float) -> None:
    days = [day(0), day(5), day(9)]
    rows = pa.table({"customer_key": [1, 1, 2], "occurred_date": days, "amount": [1.0, amount, 2.0]})
    with pytest.raises(CannotCarry) as refused:
        history_of(rows, until=END)
    assert refused.value.reason == "absurd_amounts"


def test_large_and_missing_amounts_count_as_what_they_are() -> None:
    days = [day(0), day(5), day(9)]
    rows = pa.table({"customer_key": [1, 1, 2], "occurred_date": days, "amount": [9e13, None, -9e13]})
    found = history_of(rows, until=END)
    assert found.money.tolist() == [9 * 10**17, 0, -9 * 10**17]
    assert found.bought.tolist() == [True, False, False]


CONTRACTS = pa.table(
    {
        "customer_key": [1, 1, 2, 3, 3, 4, 5],
        "start_date": [day(0), day(100), day(0), day(0), day(200), day(50), day(0)],
        "end_date": [day(100), day(200), day(100), day(100), day(300), None, day(330)],
        "amount": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0],
    }
)


def test_a_contract_that_is_not_followed_is_a_loss() -> None:
    found = stays(CONTRACTS, as_of=day(340), grace=30)
    table = {(row["customer_key"], row["number"]): row for row in found.table.to_pylist()}
    assert table[1, 0]["end_date"] == day(200)
    assert table[1, 0]["contracts"] == 2
    assert [table[key]["lost"] for key in ((1, 0), (2, 0), (3, 0), (3, 1), (4, 0), (5, 0))] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    assert table[5, 0]["undecided"]
    assert table[4, 0]["end_date"] is None
    assert found.lives().stayed.tolist() == [200, 100, 100, 100, 290, 340]


def test_contracts_are_seen_as_they_were_at_the_cut_off() -> None:
    """On day 150 nobody knows what customer 3 will sign on day 200, nor that customer 1 will not renew."""
    features = contract_state(CONTRACTS, as_of=day(150), grace=30)
    assert features.customers.to_pylist() == [1, 4, 5]
    assert features.column("days_to_end").values.tolist()[0] == 50
    assert np.isnan(features.column("days_to_end").values[1])
    assert features.column("contracts").values.tolist() == [2, 1, 1]
    assert features.column("amount").values.tolist() == [20, 60, 70]
    examples = contract_examples(CONTRACTS, cut=day(150), horizon=60, until=day(340), grace=30)
    assert examples.lost.tolist() == [True, False, False]
    later = contract_examples(CONTRACTS, cut=day(250), horizon=60, until=day(340), grace=30)
    assert later.features.customers.to_pylist() == [3, 4, 5]
    assert later.features.column("returned").values.tolist() == [1, 0, 0]
    assert later.lost.tolist() == [True, False, False]
    with pytest.raises(ValueError, match="horizon"):
        contract_examples(CONTRACTS, cut=day(250), horizon=61, until=day(340), grace=30)


def test_contracts_that_cannot_be_are_refused() -> None:
    bad = pa.table({"customer_key": [1], "start_date": [day(5)], "end_date": [day(5)]})
    with pytest.raises(CannotCarry, match="1 contracts end before they start"):
        stays(bad, as_of=day(10))
    with pytest.raises(ValueError, match="lack the column end_date"):
        stays(bad.drop_columns("end_date"), as_of=day(10))
    with pytest.raises(CannotCarry) as refused:
        contract_state(CONTRACTS.slice(1, 1), as_of=day(240), grace=0)
    assert refused.value.reason == "all_lost"
