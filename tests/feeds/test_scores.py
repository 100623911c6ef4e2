"""Scores: written back for lists to use, of any period, by a policy that is audited; seen as rights allow."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.feeds.purchase_files import csv_of, many_lines, take_in
from tests.feeds.purchase_files import house as house
from tests.world import World
from zhike.customers.actions import assign, delete
from zhike.customers.queries import CUSTOMERS, ids_by_external
from zhike.feeds.knowledge.insight_actions import score
from zhike.feeds.knowledge.policy import current_policy, set_policy
from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid, NotAllowed, Refusal
from zhike.kernel.job_doors import JobRead, list_jobs, read_job
from zhike.kernel.reading import ListRequest, list_records
from zhike.kernel.worker import work_on

AS_OF = date(2026, 2, 28)


@pytest.fixture
def bought(world: World, house: Path) -> dict[str, UUID]:
    """Ninety-seven customers with purchases; by their code."""
    take_in(world.context(world.director), csv_of(many_lines(600)))
    return ids_by_external("shop", map(str, range(97)))


def _score(world: World, **options: Any) -> JobRead:
    context = world.context(world.director)
    job = score(context, **{"as_of": AS_OF, **options})
    work_on(job)
    return read_job(context, job)


def _listed(world: World, condition: Any, sort: str = "", who: Any = None) -> list[dict[str, Any]]:
    request = ListRequest(
        condition, sort, ("name", "recency_days", "frequency", "monetary", "rfm_code", "value_tier"), size=500
    )
    rows = list_records(world.context(who or world.director), CUSTOMERS, request).rows
    return [dict(row.values) for row in rows]


def test_lists_filter_and_sort_by_scores(world: World, bought: dict[str, UUID]) -> None:
    done = _score(world)
    assert (done.state, done.result["customers"]) == ("done", 97)
    best = _listed(world, {"field": "value_tier", "op": "in", "value": ["platinum", "gold"]}, "-monetary")
    everybody = _listed(world, None, "-monetary")
    assert best == everybody[: len(best)]
    assert 1 <= len(best) <= 6
    assert {len(row["rfm_code"]) for row in everybody} == {3}


def test_another_period_replaces_the_scores(world: World, bought: dict[str, UUID]) -> None:
    _score(world)
    few = _score(world, days=30).result["customers"]
    assert 0 < few < 97
    assert len(_listed(world, {"field": "frequency", "op": "ge", "value": 1})) == few


def test_scoring_twice_writes_nothing_anew(world: World, bought: dict[str, UUID]) -> None:
    _score(world)
    assert _score(world).result["written"] == 0


def test_an_empty_period_is_told(world: World, bought: dict[str, UUID]) -> None:
    done = _score(world, as_of=date(2020, 1, 1))
    assert done.state == "failed"
    assert done.error


def test_feed_and_scores_are_due_again(world: World, bought: dict[str, UUID]) -> None:
    _score(world)
    due = [item.name for item in list_jobs(world.context(), open=True)]
    assert sorted(due) == ["feeds.feed", "insight.score"]


def test_the_policy_decides_and_is_audited(world: World, bought: dict[str, UUID]) -> None:
    context = world.context(world.director)
    set_policy(context, bands=3, shares=(10.0, 20.0, 30.0, 40.0))
    assert current_policy().version == 1
    _score(world)
    rows = _listed(world, None)
    assert max(int(digit) for row in rows for digit in row["rfm_code"]) == 3
    assert sum(row["value_tier"] == "platinum" for row in rows) == 10


@pytest.mark.parametrize(
    ("options", "field"),
    [({"shares": (1.0, 2.0, 3.0, 4.0)}, "shares"), ({"cuts": {"recency": [3, 2, 1, 0]}}, "cuts.recency")],
)
def test_a_wrong_policy_names_the_field(world: World, options: Any, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        set_policy(world.context(world.director), **options)
    assert field in refusal.value.fields


def test_who_may_score(world: World) -> None:
    for user in (world.manager, world.rep, world.agent):
        with pytest.raises(NotAllowed):
            score(world.context(user))


def _value(world: World, user: Any, **options: Any) -> Any:
    return run("insight.value", world.context(user), {"as_of": str(AS_OF), **options}).result


def test_figures_are_those_of_the_list(world: World, bought: dict[str, UUID]) -> None:
    _score(world)
    view = _value(world, world.director)
    assert view["scope"]["scored"]
    for tier in view["tiers"]:
        found = _listed(world, {"field": "value_tier", "op": "eq", "value": tier["code"]})
        assert len(found) == tier["customers"]
    for cell in view["cells"]:
        tests = [
            {"field": name, "op": "eq", "value": cell[key]}
            for name, key in (("r", "recency"), ("f", "frequency"))
        ]
        assert len(_listed(world, {"and": tests})) == cell["customers"]


def test_rows_and_fields_hold(world: World, bought: dict[str, UUID]) -> None:
    director = world.context(world.director)
    assign(director, [bought["1"], bought["2"]], owner=world.rep.id)
    assign(director, [bought["3"]], owner=world.stranger.id)
    assert _value(world, world.director)["customers"] == 97
    assert _value(world, world.manager)["customers"] == 2
    assert _value(world, world.stranger)["customers"] == 1
    assert _value(world, world.director, unit=str(world.south.id))["customers"] == 1
    delete(director, bought["3"])
    assert _value(world, world.director)["customers"] == 96
    with pytest.raises(Refusal):
        _value(world, world.agent)


def test_moves_and_who_moved(world: World, bought: dict[str, UUID]) -> None:
    asked = {"before": "2025-08-01", "after": str(AS_OF), "days": 120}
    view = run("insight.migration", world.context(world.director), asked).result
    matrix, groups = view["matrix"], view["groups"]
    assert sum(map(sum, matrix)) > 0
    for came, row in zip(groups, matrix, strict=True):
        for went, count in zip(groups, row, strict=True):
            cell = {**asked, "came_from": came, "went_to": went, "size": 500}
            found = run("insight.movers", world.context(world.director), cell).result
            assert (found["total"], len(found["people"])) == (count, count)


def test_purchases_of_a_customer(world: World, bought: dict[str, UUID]) -> None:
    context = world.context(world.director)
    seen, cursor = [], None
    while True:
        asked = {"customers": [str(bought["5"])], "limit": 2, "cursor": cursor}
        page = run("insight.purchases_of", context, asked).result
        seen += [line["document"] for line in page["lines"]]
        cursor = page["next"]
        if cursor is None:
            break
    expected = [line.split(",")[0] for line in many_lines(600) if line.split(",")[1] == "5"]
    assert sorted(seen) == sorted(expected)
    summary = run("insight.purchase_summary", context, {"customers": [str(bought["5"])]}).result[0]
    assert summary["documents"] == len(expected)
    hidden = run(
        "insight.purchase_summary", world.context(world.agent), {"customers": [str(bought["5"])]}
    ).result
    assert [(each["documents"], each["amount"]) for each in hidden] == [(len(expected), None)]
    assert (
        run("insight.purchase_summary", world.context(world.rep), {"customers": [str(bought["5"])]}).result
        == []
    )
