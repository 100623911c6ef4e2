"""Scores are written in one go and are then fields like others."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from tests.world import World
from zhike.customers.actions import ScoreColumn, create, write_scores
from zhike.customers.models import Score
from zhike.customers.queries import CUSTOMERS
from zhike.kernel.actions import run
from zhike.kernel.errors import FieldHidden, Invalid, NotAllowed
from zhike.kernel.reading import ListRequest, list_records

DAY = date(2026, 3, 1)


@pytest.fixture
def five(world: World) -> list[UUID]:
    made = [create(world.context(world.rep), f"客户{number}").id for number in range(5)]
    columns = [
        ScoreColumn("monetary", [10.0, 30.0, 20.0, 30.0]),
        ScoreColumn("value_tier", ["lead", "gold", None, "gold"]),
    ]
    done = write_scores(world.context(), made[:4], columns, DAY)
    assert (done.written, done.removed) == (7, 0)
    return made


def _order(world: World, five: list[UUID], **request: object) -> list[int]:
    listing = list_records(world.context(world.rep), CUSTOMERS, ListRequest(**request))  # type: ignore[arg-type]
    return [five.index(row.id) for row in listing.rows]


def test_lists_sort_and_filter_by_scores_and_those_without_come_last(world: World, five: list[UUID]) -> None:
    assert _order(world, five, sort="-monetary") == [3, 1, 2, 0, 4]
    assert _order(world, five, sort="monetary") == [0, 2, 1, 3, 4]
    gold = {"field": "value_tier", "op": "eq", "value": "gold"}
    assert _order(world, five, condition=gold, sort="monetary") == [1, 3]
    much = {"and": [gold, {"field": "monetary", "op": "ge", "value": 30}]}
    assert _order(world, five, condition=much, sort="created_at") == [1, 3]


def test_pages_by_score_follow_each_other(world: World, five: list[UUID]) -> None:
    seen: list[UUID] = []
    cursor = None
    while True:
        request = ListRequest(sort="-monetary", size=2, cursor=cursor, fields=["monetary"])
        listing = list_records(world.context(world.rep), CUSTOMERS, request)
        seen += [row.id for row in listing.rows]
        cursor = listing.next
        if cursor is None:
            break
    assert [five.index(each) for each in seen] == [3, 1, 2, 0, 4]


def test_writing_again_replaces_and_takes_away(world: World, five: list[UUID]) -> None:
    done = write_scores(
        world.context(), [five[4], five[0], uuid4()], [ScoreColumn("monetary", [7.0, 10.0, 1.0])], DAY
    )
    assert (done.written, done.removed) == (1, 3)
    assert dict(Score.objects.filter(name="monetary").values_list("party_id", "value")) == {
        five[0]: 10.0,
        five[4]: 7.0,
    }
    assert Score.objects.filter(name="value_tier").count() == 3
    write_scores(world.context(), five[:1], [ScoreColumn("monetary", [11.0])], DAY, replace=False)
    assert Score.objects.filter(name="monetary").count() == 2


def test_who_may_and_what_is_refused(world: World, five: list[UUID]) -> None:
    payload = {"customers": five[:1], "scores": [{"name": "monetary", "values": [1]}], "as_of": "2026-03-05"}
    run("customers.write_scores", world.context(world.analyst), payload)
    with pytest.raises(NotAllowed):
        run("customers.write_scores", world.context(world.rep), payload)
    for column in (ScoreColumn("luck", [1.0]), ScoreColumn("monetary", [1.0, 2.0])):
        with pytest.raises(Invalid, match="scores"):
            write_scores(world.context(), five[:1], [column], DAY)
    with pytest.raises(FieldHidden):
        list_records(world.context(world.agent), CUSTOMERS, ListRequest(sort="monetary"))
