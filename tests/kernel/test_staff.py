"""Staff and units: the actor behind a user, what administrators do, and what never happens."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import NOW, PASSWORD, World
from zhike.kernel import sharing, staff_actions, unit_actions
from zhike.kernel.actions import run
from zhike.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Refusal
from zhike.kernel.events import facts_of
from zhike.kernel.ids import uuid7
from zhike.kernel.models import ApiToken, Fact, IdempotencyKey, Share, Unit, User
from zhike.kernel.reading import ListRequest, get_record, list_records
from zhike.kernel.rows import load
from zhike.kernel.staff import (
    STAFF,
    UNITS,
    actor_by_id,
    actor_of,
    names_of_staff,
    names_of_units,
    units_of_staff,
)


def test_the_actor_knows_the_units_around_it(world: World) -> None:
    actor = world.actor(world.manager)
    assert actor.unit_ids_below == {world.east.id, world.shanghai.id, world.hangzhou.id}
    assert actor.unit_ids_above == {world.east.id, world.company.id}
    assert actor.may("customers.create")
    assert not actor.may("staff.manage")
    assert actor.locale == "zh-hans"


def test_an_actor_costs_two_statements_at_most(world: World) -> None:
    with CaptureQueriesContext(
        connection,
    ) as statements:
        actor_by_id(world.manager.id)
    assert len(statements) == 2


def test_somebody_without_a_unit_is_below_nothing(world: World) -> None:
    world.rep.unit = None
    actor = actor_of(world.rep)
    assert actor.unit_id is None
    assert actor.unit_ids_below == frozenset()


def test_disabled_and_unknown_people_do_not_act(world: World) -> None:
    world.rep.is_active = False
    with pytest.raises(NotSignedIn):
        actor_of(world.rep)
    with pytest.raises(NotSignedIn):
        actor_by_id(world.shanghai.id)


def test_names_come_in_bulk(world: World) -> None:
    with CaptureQueriesContext(connection) as statements:
        staff = names_of_staff([world.rep.id, world.admin.id, world.east.id])
        units = names_of_units([world.east.id])
        assert names_of_staff([]) == {}
    assert staff == {world.rep.id: "李明", world.admin.id: "管理员"}
    assert units == {world.east.id: "华东区"}
    assert len(statements) == 2
    User.objects.filter(pk=world.admin.pk).update(is_active=False)
    asked = units_of_staff([world.rep.id, world.admin.id, world.east.id])
    assert asked == {world.rep.id: world.shanghai.id}


def test_a_new_member_signs_in_with_a_password_shown_once(world: World) -> None:
    payload = {"username": "new", "name": "新人", "roles": ["sales_rep"], "unit": str(world.shanghai.id)}
    context = world.context(world.admin, key="k-1")
    first = run("staff.create", context, payload)
    again = run("staff.create", context, payload)
    password = first.result["password"]
    user = User.objects.get(username="new")
    assert user.check_password(password)
    assert user.must_change_password
    assert again.replayed
    assert again.result["id"] == first.result["id"]
    assert again.result["password"] == ""
    assert password not in str(IdempotencyKey.objects.get().answer)
    assert all(password not in body for body in Fact.objects.values_list("body", flat=True))
    assert facts_of("staff", [user.id])[0].kind == "staff.created"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"roles": ["emperor"]}, "roles"),
        ({"unit": "01890a5d-ac96-774b-bcce-b302099a8057"}, "unit"),
        ({"username": "rep"}, "username"),
        ({"username": "a b"}, "username"),
        ({"email": "nobody"}, "email"),
        ({"locale": "tlh"}, "locale"),
        ({"name": "  "}, "name"),
    ],
)
def test_what_is_wrong_is_named(world: World, wrong: dict[str, Any], field: str) -> None:
    payload = {"username": "new", "name": "新人", "roles": [], **wrong}
    with pytest.raises(Invalid) as refused:
        run("staff.create", world.context(world.admin), payload)
    assert list(refused.value.fields) == [field]
    assert User.objects.count() == 9


def test_a_stale_change_shows_both_sides(world: World) -> None:
    context = world.context(world.admin)
    staff_actions.change(context, world.rep.id, name="李明明", version=1)
    with pytest.raises(Conflict) as refused:
        staff_actions.change(context, world.rep.id, name="李小明", version=1)
    assert refused.value.theirs == {"name": "李明明"}
    assert refused.value.yours == {"name": "李小明"}
    assert facts_of("staff", [world.rep.id])[0].changes == {"name": ["李明", "李明明"]}


def test_a_change_that_changes_nothing_says_nothing(world: World) -> None:
    saved = staff_actions.change(world.context(world.admin), world.rep.id, name="李明")
    assert saved.version == 1
    assert not Fact.objects.exists()


def test_only_those_who_manage_staff_may(world: World) -> None:
    for user in (world.director, world.manager, world.rep, world.auditor):
        with pytest.raises(NotAllowed):
            staff_actions.disable(world.context(user), world.stranger.id)


def _signed_in(world: World) -> Client:
    client = Client()
    assert client.login(username=world.rep.username, password=PASSWORD)
    UserSession.objects.create(user=world.rep, session_key=client.session.session_key, ip="127.0.0.1")
    ApiToken.objects.create(user=world.rep, name="x", prefix="zk_x", digest="d", created_at=NOW)
    return client


def test_disabling_ends_sessions_and_tokens_at_once(world: World) -> None:
    _signed_in(world)
    staff_actions.disable(world.context(world.admin), world.rep.id)
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    assert ApiToken.objects.get().revoked_at == NOW
    assert not Client().login(username="rep", password=PASSWORD)
    staff_actions.enable(world.context(world.admin), world.rep.id)
    assert Client().login(username="rep", password=PASSWORD)


def test_a_reset_password_ends_what_was_open(world: World) -> None:
    _signed_in(world)
    given = staff_actions.reset_password(world.context(world.admin), world.rep.id)
    assert not Session.objects.exists()
    assert Client().login(username="rep", password=given.password)
    assert not Client().login(username="rep", password=PASSWORD)
    fact = facts_of("staff", [world.rep.id])[0]
    assert fact.kind == "staff.password_reset"
    assert not fact.changes


def test_the_last_administrator_stays(world: World) -> None:
    context = world.context(world.admin)
    with pytest.raises(Refusal):
        staff_actions.disable(context, world.admin.id)
    with pytest.raises(Refusal):
        staff_actions.set_roles(context, world.admin.id, ["director"])
    staff_actions.set_roles(context, world.director.id, ["director", "administrator"])
    staff_actions.set_roles(context, world.admin.id, ["director"])
    with pytest.raises(Refusal):
        staff_actions.disable(world.context(), world.director.id)
    assert User.objects.get(pk=world.director.pk).is_active


def test_roles_hold_at_once(world: World) -> None:
    staff_actions.set_roles(world.context(world.admin), world.rep.id, ["auditor", "sales_rep"])
    assert world.actor(world.rep).may("audit.read")


def test_moving_a_unit_takes_everything_below_along(world: World) -> None:
    unit_actions.move(world.context(world.admin), world.east.id, world.south.id, version=1)
    assert world.actor(world.stranger).unit_ids_below == {world.shenzhen.id}
    east = Unit.objects.get(pk=world.east.pk)
    assert east.parent_id == world.south.id
    for unit in (world.shanghai, world.hangzhou):
        assert Unit.objects.get(pk=unit.pk).path == f"{east.path}{unit.id.hex}/"
    assert world.actor(world.rep).unit_ids_above == {
        world.shanghai.id, world.east.id, world.south.id, world.company.id,
    }  # fmt: skip
    fact = facts_of("units", [world.east.id])[0]
    assert fact.changes == {"parent": [str(world.company.id), str(world.south.id)]}


def test_a_unit_does_not_go_below_itself(world: World) -> None:
    for below in (world.east, world.shanghai):
        with pytest.raises(Invalid) as refused:
            unit_actions.move(world.context(world.admin), world.east.id, below.id)
        assert list(refused.value.fields) == ["parent"]


def test_names_are_unique_among_neighbours(world: World) -> None:
    context = world.context(world.admin)
    for name, payload in (
        ("units.create", {"name": "华南区", "parent": str(world.company.id)}),
        ("units.rename", {"unit": str(world.east.id), "name": "华南区"}),
        ("units.create", {"name": "总公司"}),
    ):
        with pytest.raises(Invalid) as refused:
            run(name, context, payload)
        assert list(refused.value.fields) == ["name"]
    unit_actions.create(context, "华南区", world.east.id)


def test_units_go_only_so_deep(world: World) -> None:
    context = world.context(world.admin)
    unit = world.shanghai.id
    for level in range(4, unit_actions.DEEPEST + 1):
        unit = unit_actions.create(context, f"{level}", unit).id
    with pytest.raises(Invalid):
        unit_actions.create(context, "too deep", unit)
    with pytest.raises(Invalid):
        unit_actions.move(context, world.shanghai.id, world.hangzhou.id)


def test_only_an_empty_unit_is_removed(world: World) -> None:
    context = world.context(world.admin)
    for unit in (world.east, world.shanghai):
        with pytest.raises(Refusal):
            unit_actions.remove(context, unit.id)
    unit_actions.remove(context, world.hangzhou.id)
    assert not Unit.objects.filter(pk=world.hangzhou.pk).exists()


def test_staff_and_units_are_resources(world: World) -> None:
    listed = list_records(world.context(world.rep), STAFF, ListRequest(fields=("name", "unit", "email")))
    assert len(listed.rows) == 9
    roles = {"field": "roles", "op": "has_any", "value": ["sales_rep"]}
    some = list_records(world.context(world.auditor), STAFF, ListRequest(condition=roles))
    assert {row.id for row in some.rows} == {world.rep.id, world.colleague.id, world.stranger.id}
    row = get_record(world.context(world.admin), UNITS, world.shanghai.id)
    assert row.values["parent"] == world.east.id
    assert str(STAFF.fields["roles"].choices[0].label) == "系统管理员"


def test_a_record_is_shared_and_taken_back(world: World) -> None:
    context = world.context(world.admin)
    stranger = world.actor(world.stranger)
    narrow = ("staff", world.rep.id, world.south.id)
    sharing.share(context, *narrow, may_write=True)
    assert load(stranger, STAFF, world.rep.id).pk == world.rep.pk
    sharing.share(context, *narrow)
    with pytest.raises(NotAllowed):
        load(world.actor(world.stranger), STAFF, world.rep.id)
    assert sharing.grantees(context, "staff", world.rep.id) == {world.south.id: False}
    sharing.unshare(context, *narrow)
    sharing.unshare(context, *narrow)
    assert not Share.objects.exists()
    kinds = [fact.kind for fact in facts_of("staff", [world.rep.id])]
    assert kinds == ["staff.unshared", "staff.shared", "staff.shared"]


def test_only_who_may_change_a_record_may_share_it(world: World) -> None:
    with pytest.raises(NotAllowed):
        sharing.share(world.context(world.rep), "staff", world.stranger.id, world.rep.id)
    with pytest.raises(Invalid) as refused:
        sharing.share(world.context(world.admin), "staff", world.stranger.id, uuid7())
    assert list(refused.value.fields) == ["grantee"]
    with pytest.raises(NotFound):
        sharing.share(world.context(world.admin), "staff", world.east.id, world.rep.id)
