"""The quality of a record: what is missing, contradicting and stale; and the life of a customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import NOW
from zhike.customers.history import life_pattern, whole_history
from zhike.customers.quality import CONTRADICTIONS, ITEMS, STALENESS, WEIGHTS, Known, assess, score
from zhike.customers.types import PeriodView

FULL = Known(
    organisation=False, phone=True, email=True, city=True, address=True, certificate=True, birthday=True, gender=True,
    industry=True, source=True, consent=True, facts=True, people=True,
)  # fmt: skip
TODAY = date(2026, 3, 5)


@pytest.mark.parametrize("organisation", [False, True])
def test_everything_there_is_a_hundred(organisation: bool) -> None:
    found = assess(replace(FULL, organisation=organisation), TODAY)
    assert (found.score, found.missing, found.contradicting, found.stale) == (100, (), (), ())


@given(st.sampled_from(sorted(WEIGHTS)), st.booleans())
def test_each_missing_part_lowers_by_its_weight(name: str, organisation: bool) -> None:
    whole = replace(FULL, organisation=organisation)
    less = replace(whole, **{name: False})  # type: ignore[arg-type]
    weight = WEIGHTS[name][organisation]
    assert score(whole) - score(less) == pytest.approx(weight, abs=1)
    assert (name in assess(less, TODAY).missing) == (weight > 0)


def test_contradictions_and_age_cost_points_and_are_named() -> None:
    wrong = replace(
        FULL, birthday_contradicts=True, certificate_expired=True, seen_date=TODAY - timedelta(days=600)
    )
    found = assess(wrong, TODAY)
    assert found.contradicting == ("birthday_contradicts",)
    assert found.stale == ("certificate_expired", "not_seen")
    assert found.score == 100 - 15 - 5 - 10
    assert set(ITEMS) == {*WEIGHTS, *CONTRADICTIONS, *STALENESS}


def _lived(*stages: tuple[str, int]) -> list[PeriodView]:
    """Relation stages with their length in days; the last one still holds."""
    periods, start = [], NOW - timedelta(days=sum(days for _stage, days in stages))
    for index, (stage, days) in enumerate(stages):
        end: datetime | None = start + timedelta(days=days)
        periods.append(PeriodView("relation_stage", stage, start, None if index == len(stages) - 1 else end))
        start += timedelta(days=days)
    return periods


@pytest.mark.parametrize(
    ("stages", "pattern"),
    [
        ([], ""), ([("growth", 50)], ""), ([("potential", 50), ("end", 9)], "early_miscarriage"),
        ([("potential", 50), ("growth", 90), ("end", 9)], "midway_death"),
        ([("growth", 90), ("maturity", 300), ("decline", 40), ("end", 9)], "early_exit"),
        ([("growth", 90), ("maturity", 1200), ("end", 9)], "long_lasting"), ([("maturity", 1200)], "long_lasting"),
    ],
)  # fmt: skip
def test_life_patterns(stages: list[tuple[str, int]], pattern: str) -> None:
    assert life_pattern(_lived(*stages), NOW) == pattern


def test_history_has_no_gaps_and_no_empty_periods() -> None:
    past = [
        PeriodView("grade", "", NOW, NOW + timedelta(days=1)),
        PeriodView("grade", "b", NOW + timedelta(days=1), NOW + timedelta(days=3)),
    ]
    shown = whole_history(past, {"grade": "a", "state": "actual", "bond": ""}, NOW)
    assert [(each.aspect, each.value, each.until) for each in shown] == [
        ("grade", "a", None), ("grade", "b", NOW + timedelta(days=3)), ("state", "actual", None),
    ]  # fmt: skip
    assert shown[0].since == NOW + timedelta(days=3)
