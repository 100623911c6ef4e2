"""Saved views: kept under a name, checked against rights when saved and again when opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.kernel.things import rights
from tests.world import World
from zhike.kernel import views
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict, FieldHidden, Invalid, NotAllowed, NotFound
from zhike.kernel.events import facts_of
from zhike.kernel.fields import Resource
from zhike.kernel.models import User
from zhike.kernel.rights import FieldRight, RowScope

CONDITION = {"field": "amount", "op": "gt", "value": 5}
ALL = ("things.*", "views.*")


def who(world: World, user: User, *actions: str, **fields: FieldRight) -> Context:
    context = world.context(user)
    return replace(
        context, actor=replace(context.actor, rights=rights(RowScope.ALL, actions=actions or ALL, **fields))
    )


def saved(context: Context, **values: Any) -> Any:
    given = {"condition": CONDITION, "columns": ["name", "amount"], "sort": "-amount", **values}
    return views.save(context, "things", given.pop("name", "大单"), **given)


def test_a_view_is_saved_and_listed(world: World, things: Resource) -> None:
    mine = who(world, world.rep)
    new = saved(mine)
    (shown,) = views.listed(mine, "things")
    assert (shown.id, shown.resource, shown.condition) == (new.id, "things", CONDITION)
    assert (shown.sort, shown.columns) == ("-amount", ["name", "amount"])
    assert (shown.name, shown.mine, shown.usable, shown.grouping) == ("大单", True, True, "")
    views.change(mine, new.id, "大单", grouping="name")
    assert views.listed(mine, "things")[0].grouping == "name"
    assert "5" in shown.words
    assert [fact.kind for fact in facts_of("views", [new.id])] == ["views.changed", "views.saved"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"condition": {"field": "nothing"}}, "field"),
        ({"condition": {"field": "amount", "op": "gt", "value": "x"}}, "amount"),
        ({"columns": ["nothing"]}, "fields"), ({"columns": ["name", "name"]}, "columns"),
        ({"sort": "friend"}, "sort"), ({"sort": "nothing"}, "field"), ({"grouping": "nothing"}, "field"),
    ],
)  # fmt: skip
def test_a_wrong_view_is_refused(world: World, things: Resource, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        saved(who(world, world.rep), **values)
    assert field in refused.value.fields
    assert views.listed(who(world, world.rep), "things") == []


def test_a_name_is_there_once_for_each_owner(world: World, things: Resource) -> None:
    saved(who(world, world.rep))
    saved(who(world, world.colleague))
    with pytest.raises(Invalid) as refused:
        saved(who(world, world.rep))
    assert "name" in refused.value.fields


def test_a_private_view_is_nobody_elses(world: World, things: Resource) -> None:
    view = saved(who(world, world.rep)).id
    other = who(world, world.colleague)
    assert views.listed(other, "things") == []
    for deed in (
        lambda: views.delete(other, view),
        lambda: views.share(other, view),
    ):
        with pytest.raises(NotFound):
            deed()


def test_sharing_with_a_unit_reaches_those_below(world: World, things: Resource) -> None:
    mine = who(world, world.manager)
    view = saved(mine).id
    views.share(mine, view, unit=world.east.id)
    assert [one.id for one in views.listed(who(world, world.rep), "things")] == [view]
    assert views.listed(who(world, world.stranger), "things") == []
    views.share(mine, view, with_all=True)
    assert [one.mine for one in views.listed(who(world, world.stranger), "things")] == [False]
    views.share(mine, view)
    assert views.listed(who(world, world.rep), "things") == []


def test_sharing_needs_a_right_and_a_unit_that_exists(world: World, things: Resource) -> None:
    weak = who(world, world.rep, "things.*", "views.save", "views.list")
    view = saved(weak).id
    with pytest.raises(NotAllowed):
        views.share(weak, view, with_all=True)
    with pytest.raises(Invalid) as refused:
        views.share(who(world, world.rep), view, unit=world.rep.id)
    assert "unit" in refused.value.fields


def test_only_the_owner_changes_a_shared_view(world: World, things: Resource) -> None:
    mine = who(world, world.rep)
    view = saved(mine)
    views.share(mine, view.id, with_all=True)
    with pytest.raises(NotAllowed):
        views.change(who(world, world.colleague), view.id, "meins")
    with pytest.raises(Conflict):
        views.change(mine, view.id, "小单", version=view.version)
    after = views.change(mine, view.id, "小单", columns=["name"])
    assert after.version == view.version + 2
    assert [(one.condition, one.columns) for one in views.listed(mine, "things")] == [(None, ["name"])]
    views.delete(mine, view.id)
    assert views.listed(mine, "things") == []


def test_a_view_over_a_hidden_field_is_refused_not_leaked(world: World, things: Resource) -> None:
    mine = who(world, world.rep)
    view = saved(mine).id
    views.share(mine, view, with_all=True)
    blind = who(world, world.colleague, amount=FieldRight.HIDDEN)
    (shown,) = views.listed(blind, "things")
    assert not shown.usable
    assert (shown.condition, shown.words, shown.columns, shown.sort) == (None, "", [], "")
    with pytest.raises(FieldHidden):
        saved(blind)


def test_a_door_saves_a_view(world: World, things: Resource) -> None:
    context = replace(who(world, world.rep), key="k1")
    payload = {"resource": "things", "name": " 我的 ", "columns": ["name"]}
    first, again = run("views.save", context, payload), run("views.save", context, payload)
    assert first.result == again.result
    assert again.replayed
    assert [view["name"] for view in run("views.list", context, {"resource": "things"}).result] == ["我的"]
