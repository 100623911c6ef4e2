"""Rights as roles.yaml states them: actions, rows and fields, merged over roles, and rows as queries."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.world import NOW, World
from zhike.kernel import fields
from zhike.kernel.actor import Actor, ActorKind
from zhike.kernel.errors import FieldHidden, NotAllowed, NotFound
from zhike.kernel.fields import (
    Field,
    Kind,
    Resource,
    check_writable,
    readable_fields,
    register_resource,
    usable_field,
)
from zhike.kernel.ids import uuid7
from zhike.kernel.models import Share, User
from zhike.kernel.rights import FieldRight, Rights, RowRight, RowScope, read_roles, rights_of, roles
from zhike.kernel.rows import load, visible, visible_ids

SCOPES = st.sampled_from(list(RowScope))
NAMES = st.sampled_from(["customers", "staff", "*"])
FIELDS = st.sampled_from(["name", "phone", "*"])
RIGHTS = st.builds(
    Rights,
    st.frozensets(st.sampled_from(["customers.read", "customers.*", "*.read", "staff.manage"])),
    st.dictionaries(NAMES, st.builds(RowRight, SCOPES, SCOPES)),
    st.dictionaries(NAMES, st.dictionaries(FIELDS, st.sampled_from(list(FieldRight)))),
)


@given(RIGHTS, RIGHTS)
def test_two_roles_may_do_what_either_may(one: Rights, two: Rights) -> None:
    both = one.merged(two)
    for action in ("customers.read", "customers.create", "staff.read", "staff.manage"):
        assert both.allows(action) == (one.allows(action) or two.allows(action))
    for resource in ("customers", "staff", "jobs"):
        rows = (one.row(resource), two.row(resource))
        assert both.row(resource) == RowRight(max(r.read for r in rows), max(r.write for r in rows))
        for name in ("name", "phone", "other"):
            assert both.field(resource, name) == max(one.field(resource, name), two.field(resource, name))


def test_the_policy_file_is_what_holds() -> None:
    rep = rights_of(["sales_rep"])
    assert rep.allows("customers.create")
    assert not rep.allows("staff.manage")
    assert rep.row("customers") == RowRight(RowScope.UNIT, RowScope.OWN)
    assert rep.field("customers", "certificate") == FieldRight.MASKED
    assert rep.field("customers", "owner") == FieldRight.READ
    assert rep.field("customers", "name") == FieldRight.WRITE
    agent = rights_of(["service_agent"])
    assert agent.field("customers", "monetary") == FieldRight.HIDDEN
    both = rights_of(["sales_rep", "service_agent", "no such role"])
    assert both.row("customers") == RowRight(RowScope.ALL, RowScope.UNIT_AND_BELOW)
    assert both.field("customers", "phone") == FieldRight.WRITE
    assert rights_of(["no such role"]).field("customers", "name") == FieldRight.HIDDEN
    assert {role.label("en") for role in roles().values()} >= {"Administrator", "Auditor"}


def test_an_unknown_word_in_the_policy_is_named(tmp_path: Path) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text("roles: {a: {label: {zh: 甲, en: A}, rows: {customers: {read: everything, write: own}}}}")
    roles_there, unread = read_roles(path)
    assert [(each.where, each.word) for each in unread] == [("a.rows.customers.read", "everything")]
    assert roles_there["a"].rights.row("customers") == RowRight(RowScope.NONE, RowScope.OWN)


# --- rows -------------------------------------------------------------------------------------------------------


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Resource:
    """The members of staff as records that belong to themselves; those without a name are gone."""
    monkeypatch.setattr(fields, "_resources", dict(fields._resources))
    declared = (
        Field("name", "Name", Kind.TEXT, "name"),
        Field("phone", "Phone", Kind.PHONE, "email", right="contact"),
        Field("salary", "Salary", Kind.NUMBER, "version"),
    )
    return register_resource(
        Resource(
            "people",
            "People",
            User,
            {item.name: item for item in declared},
            read="people.read",
            owner_path="id",
            live={"is_active": True},
        )
    )


def actor(world: World, user: User, read: RowScope, write: RowScope = RowScope.NONE) -> Actor:
    """A person with these row rights on people."""
    known = world.actor(user)
    rights = Rights(frozenset({"people.read"}), {"people": RowRight(read, write)}, {})
    return Actor(
        ActorKind.STAFF,
        known.id,
        known.name,
        rights,
        known.unit_id,
        known.unit_ids_below,
        known.unit_ids_above,
    )


def names(world: World, ids: set[UUID]) -> set[str]:
    return {world.person(record).username for record in ids}


@pytest.mark.parametrize(
    ("who", "scope", "seen"),
    [
        ("rep", RowScope.NONE, set()),
        ("rep", RowScope.OWN, {"rep"}),
        ("rep", RowScope.UNIT, {"rep", "colleague"}),
        ("manager", RowScope.UNIT, {"manager"}),
        ("manager", RowScope.UNIT_AND_BELOW, {"manager", "rep", "colleague"}),
        ("stranger", RowScope.UNIT_AND_BELOW, {"stranger"}),
        ("rep", RowScope.ALL, None),
    ],
)
def test_row_scopes(world: World, people: Resource, who: str, scope: RowScope, seen: set[str] | None) -> None:
    everybody = {user.id for user in world.people().values()}
    found = visible_ids(actor(world, world.people()[who], scope), people, everybody)
    assert names(world, found) == (set(world.people()) if seen is None else seen)


def test_no_unit_means_own_only(world: World, people: Resource) -> None:
    User.objects.filter(pk=world.rep.pk).update(unit=None)
    lone = actor(world, world.rep, RowScope.UNIT_AND_BELOW)
    assert set(visible(lone, people).values_list("id", flat=True)) == {world.rep.id}


def test_not_yours_is_not_found(world: World, people: Resource) -> None:
    mine = actor(world, world.rep, RowScope.UNIT, RowScope.OWN)
    assert load(mine, people, world.rep.id).pk == world.rep.pk
    assert load(mine, people, world.colleague.id, access="read").pk == world.colleague.pk
    with pytest.raises(NotAllowed):
        load(mine, people, world.colleague.id)
    refusals = []
    for record in (world.stranger.id, uuid7()):
        with pytest.raises(NotFound) as refused:
            load(mine, people, record)
        refusals.append(refused.value)
    assert str(refusals[0]) == str(refusals[1])
    assert refusals[0].details == refusals[1].details


def test_what_is_gone_is_not_found(world: World, people: Resource) -> None:
    User.objects.filter(pk=world.colleague.pk).update(is_active=False)
    with pytest.raises(NotFound):
        load(actor(world, world.rep, RowScope.ALL), people, world.colleague.id, access="read")


@pytest.mark.parametrize("grantee", ["stranger", "shenzhen", "south", "company"])
def test_a_share_reaches_a_person_and_units_with_all_below(
    world: World, people: Resource, grantee: str
) -> None:
    stranger = actor(world, world.stranger, RowScope.OWN, RowScope.OWN)
    Share.objects.create(
        resource="people", record_id=world.rep.id, grantee_id=getattr(world, grantee).id, created_at=NOW
    )
    assert load(stranger, people, world.rep.id, access="read")
    with pytest.raises(NotAllowed):
        load(stranger, people, world.rep.id)
    Share.objects.update(may_write=True)
    assert load(stranger, people, world.rep.id)
    Share.objects.update(grantee_id=world.hangzhou.id)
    with pytest.raises(NotFound):
        load(stranger, people, world.rep.id)


def test_reading_needs_its_permission(world: World, people: Resource) -> None:
    nobody = Actor(
        ActorKind.STAFF, world.rep.id, "x", Rights(rows={"*": RowRight(RowScope.ALL, RowScope.ALL)})
    )
    with pytest.raises(NotAllowed):
        visible(nobody, people)


def test_row_rights_cost_one_statement(world: World, people: Resource) -> None:
    mine = actor(world, world.manager, RowScope.UNIT_AND_BELOW)
    with CaptureQueriesContext(connection) as statements:
        assert len(visible(mine, people)) == 3
    assert len(statements) == 1


# --- fields -----------------------------------------------------------------------------------------------------


def test_field_rights(world: World, people: Resource) -> None:
    table = {
        "*": FieldRight.READ,
        "contact": FieldRight.MASKED,
        "salary": FieldRight.HIDDEN,
        "name": FieldRight.WRITE,
    }
    reader = Actor(ActorKind.STAFF, world.rep.id, "x", Rights(fields={"people": table}))
    shown = readable_fields(reader, people)
    assert set(shown) == {"name", "phone"}
    assert shown["name"].mask is None
    assert shown["phone"].mask is not None
    assert shown["phone"].mask("13800001234") == "•••"
    assert usable_field(reader, people, "name").path == "name"
    for hidden in ("phone", "salary"):
        with pytest.raises(FieldHidden):
            usable_field(reader, people, hidden)
        with pytest.raises(FieldHidden):
            check_writable(reader, people, ["name", hidden])
    check_writable(reader, people, ["name"])
