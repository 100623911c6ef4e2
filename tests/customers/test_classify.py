"""Kinds, ownership and tags of many customers at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.world import NOW, World
from zhike.customers.actions import assign, classify, create, tag, untag
from zhike.customers.models import PastValue, Tag
from zhike.customers.queries import CUSTOMERS, tags
from zhike.customers.types import Grade, State
from zhike.kernel.errors import Invalid, NotAllowed, NotFound
from zhike.kernel.events import facts_of
from zhike.kernel.reading import ListRequest, get_record, list_records


@pytest.fixture
def three(world: World) -> list[UUID]:
    return [create(world.context(world.rep), f"客户{number}").id for number in range(3)]


def test_classify_counts_only_what_changed(world: World, three: list[UUID]) -> None:
    context = world.context(world.manager, now=NOW + timedelta(hours=1))
    assert classify(context, three, state=State.ACTUAL, grade=Grade.A).changed == 3
    assert classify(context, three, state=State.ACTUAL).changed == 0
    assert PastValue.objects.filter(aspect="state", value="potential").count() == 3
    assert facts_of("customers", three[:1])[0].changes == {
        "state": ["potential", "actual"],
        "grade": ["", "a"],
    }
    with pytest.raises(Invalid):
        classify(context, three)


def test_assign_moves_owner_and_unit_and_keeps_the_past(world: World, three: list[UUID]) -> None:
    context = world.context(world.director, now=NOW + timedelta(hours=1))
    assert assign(context, three, owner=world.stranger.id).changed == 3
    row = get_record(world.context(world.stranger), CUSTOMERS, three[0], ["owner", "unit", "version"]).values
    assert row == {"owner": world.stranger.id, "unit": world.shenzhen.id, "version": 2}
    with pytest.raises(NotFound):
        get_record(world.context(world.rep), CUSTOMERS, three[0])
    past = PastValue.objects.filter(party=three[0]).values_list("aspect", "value")
    assert dict(past) == {"owner": str(world.rep.id), "unit": str(world.shanghai.id)}
    assert assign(context, three, release=True).changed == 3
    assert get_record(context, CUSTOMERS, three[0], ["owner"]).values == {"owner": None}
    with pytest.raises(Invalid, match="owner"):
        assign(context, three, owner=world.shenzhen.id)


def test_one_foreign_record_stops_all(world: World, three: list[UUID]) -> None:
    other = create(world.context(world.stranger), "别人").id
    with pytest.raises(NotFound):
        tag(world.context(world.rep), [*three, other], ["x"])
    with pytest.raises(NotAllowed):
        tag(world.context(world.colleague), three, ["x"])
    assert not Tag.objects.exists()


def test_tags_are_put_on_once_and_found(world: World, three: list[UUID]) -> None:
    context = world.context(world.rep)
    assert tag(context, three, ["重点", "展会"]).changed == 3
    assert tag(context, three[:1], ["重点"]).changed == 0
    assert untag(context, three[:2], ["重点"]).changed == 2
    wanted = {"any": "tags", "where": {"field": "name", "op": "eq", "value": "重点"}}
    assert [row.id for row in list_records(context, CUSTOMERS, ListRequest(condition=wanted)).rows] == three[
        2:
    ]
    without = {"none": "tags", "where": {"field": "name", "op": "eq", "value": "重点"}}
    assert len(list_records(context, CUSTOMERS, ListRequest(condition=without)).rows) == 2
    assert tags(context, "重") == ["重点"]
