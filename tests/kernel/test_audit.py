"""The audit trail shows who did what, and obeys the rights on the records and fields it speaks of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.world import NOW, World
from zhike.kernel import audit, fields, unit_actions
from zhike.kernel.actor import Context
from zhike.kernel.audit import list_facts
from zhike.kernel.errors import NotAllowed
from zhike.kernel.events import News, announce
from zhike.kernel.fields import Field, Kind, Resource, register_resource
from zhike.kernel.masks import mask_name, mask_phone
from zhike.kernel.models import User
from zhike.kernel.rights import FieldRight, Rights, RowRight, RowScope

CHANGES = {
    "name": ("王小明", "王大明"),
    "phone": (["13800001234"], ["13800001234", "13900005678"]),
    "salary": (100, 200),
    "unknown": ("a", "b"),
}


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Resource:
    """A resource over staff records whose fields have masks."""
    monkeypatch.setattr(fields, "_resources", dict(fields._resources))
    declared = (
        Field("name", "Name", Kind.TEXT, "name", mask=mask_name),
        Field("phone", "Phone", Kind.PHONE, "email", mask=mask_phone),
        Field("salary", "Salary", Kind.NUMBER, "version"),
    )
    return register_resource(
        Resource(
            "people",
            "People",
            User,
            {item.name: item for item in declared},
            read="staff.read",
            owner_path="id",
        )
    )


def limited(world: World, **rights: FieldRight) -> Context:
    """The auditor with other field rights on people."""
    context = world.context(world.auditor)
    table = {"*": FieldRight.READ, **rights}
    merged = replace(context.actor.rights, fields={"people": table})
    return replace(context, actor=replace(context.actor, rights=merged))


def say(world: World, user: User, *, kind: str = "people.changed") -> None:
    """A fact about somebody, told by the account manager."""
    with transaction.atomic():
        announce(
            world.context(world.rep),
            News(kind, "people", user.id, "王大明", CHANGES, {"phone": "13800001234", "count": 3}),
        )


def test_open_fields_are_shown(world: World, people: Resource) -> None:
    say(world, world.rep)
    [fact] = list_facts(world.context(world.auditor))
    assert fact.changes == {name: list(pair) for name, pair in CHANGES.items()}
    assert (fact.title, fact.actor_name, fact.kind) == ("王大明", "李明", "people.changed")


def test_hidden_fields_are_dropped_and_masked_ones_masked(world: World, people: Resource) -> None:
    say(world, world.rep)
    hidden, masked = FieldRight.HIDDEN, FieldRight.MASKED
    context = limited(world, name=masked, phone=masked, salary=hidden, unknown=masked)
    [fact] = list_facts(context)
    assert fact.changes == {
        "name": ["王*", "王*"],
        "phone": [["138****1234"], ["138****1234", "139****5678"]],
        "unknown": ["•••", "•••"],
    }
    assert fact.data == {"phone": "138****1234", "count": 3}
    assert fact.title == "王*"
    [fact] = list_facts(limited(world, **{"*": hidden}))
    assert (fact.changes, fact.data, fact.title) == ({}, {}, "")


def test_filters(world: World, people: Resource) -> None:
    say(world, world.rep)
    say(world, world.stranger, kind="people.removed")
    unit_actions.rename(world.context(world.admin, now=NOW + timedelta(hours=1)), world.east.id, "华东大区")
    context = world.context(world.auditor)

    def kinds(**given: Any) -> list[str]:
        return [fact.kind for fact in list_facts(context, **given)]

    assert kinds() == ["units.renamed", "people.removed", "people.changed"]
    assert kinds(actor=world.rep.id) == ["people.removed", "people.changed"]
    assert kinds(resource="units") == ["units.renamed"]
    assert kinds(record=world.stranger.id) == ["people.removed"]
    assert kinds(kind="people.c") == ["people.changed"]
    assert kinds(since=NOW + timedelta(hours=1)) == ["units.renamed"]
    assert kinds(until=NOW + timedelta(hours=1)) == ["people.removed", "people.changed"]
    first = list_facts(context, limit=2)
    rest = list_facts(context, limit=2, before=first[-1].id)
    assert [fact.kind for fact in rest] == ["people.changed"]


def test_only_who_may_read_the_audit_does(world: World) -> None:
    for user in (world.manager, world.rep, world.agent, world.analyst):
        with pytest.raises(NotAllowed):
            list_facts(world.context(user))


def test_facts_of_records_that_are_not_ones_own_are_passed_over(
    world: World, people: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_SCAN", 3)
    say(world, world.rep, kind="people.mine")
    for _n in range(8):
        say(world, world.stranger)
    context = world.context(world.auditor)
    own = RowRight(RowScope.UNIT_AND_BELOW, RowScope.NONE)
    rights = Rights(context.actor.rights.actions, {"*": own}, {"*": {"*": FieldRight.READ}})
    actor = replace(
        context.actor, rights=rights, unit_id=world.east.id, unit_ids_below=frozenset({world.shanghai.id})
    )
    narrow = replace(context, actor=actor)
    assert [fact.kind for fact in list_facts(narrow, limit=1)] == ["people.mine"]
