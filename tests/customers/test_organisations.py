"""Organisation facts with source and date, groups and branches, key persons, ids elsewhere, fields of one's own."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from tests.world import NOW, World
from zhike.customers.actions import (
    add_key_person,
    create,
    end_relation,
    merge,
    relate,
    set_external_id,
    set_organisation_facts,
    unmerge,
    unrelate,
    update,
)
from zhike.customers.models import OrganisationFact, Relation
from zhike.customers.queries import CUSTOMERS, card, ids_by_external, key_persons, warehouse_rows
from zhike.customers.types import (
    CustomerChanges,
    ManageGrade,
    OrganisationFactDraft,
    PartyKind,
    RelationType,
    Source,
)
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.field_actions import FieldRules, define
from zhike.kernel.fields import Kind
from zhike.kernel.reading import ListRequest, get_record, list_records

FIRM = PartyKind.ORGANISATION


@pytest.fixture
def context(world: World) -> Context:
    return world.context(world.manager)


@pytest.fixture
def firm(context: Context) -> UUID:
    return create(context, "上海华腾", FIRM).id


def test_facts_keep_source_date_and_the_past(world: World, context: Context, firm: UUID) -> None:
    set_organisation_facts(
        context, firm, [OrganisationFactDraft("employees", "100", Source.SURVEY.value, date(2025, 1, 1))]
    )
    later = world.context(world.manager, now=NOW + timedelta(days=9))
    set_organisation_facts(later, firm, [OrganisationFactDraft("employees", "120")])
    rows = OrganisationFact.objects.filter(party=firm).order_by("created_at")
    assert list(rows.values_list("group", "value", "source", "as_of_date", "replaced_at")) == [
        ("character", "100", "survey", date(2025, 1, 1), later.now),
        ("character", "120", "other", date(2026, 3, 14), None),
    ]
    with pytest.raises(Invalid, match=r"facts\.0\.key"):
        set_organisation_facts(context, firm, [OrganisationFactDraft("colour", "red")])
    with pytest.raises(Invalid, match="customer"):
        set_organisation_facts(context, create(context, "张三").id, [OrganisationFactDraft("employees", "1")])


def test_a_group_has_branches_at_levels(context: Context, firm: UUID) -> None:
    group = create(context, "华腾集团", FIRM).id
    added = relate(context, firm, group, RelationType.BRANCH, manage_grade=ManageGrade.PROVINCE)
    (seen,) = card(context, group).relations
    assert (seen.type, seen.is_source, seen.other, seen.manage_grade) == ("branch", True, firm, "province")
    with pytest.raises(Invalid, match="type"):
        relate(context, group, firm, RelationType.BRANCH, reverse=True)
    end_relation(context, firm, added.id, date(2026, 6, 1))
    relate(context, firm, group, RelationType.BRANCH, valid_from=date(2026, 6, 1))
    unrelate(context, group, Relation.objects.get(valid_until=None).pk)
    assert Relation.objects.get().valid_until == date(2026, 6, 1)


def test_what_relations_refuse(world: World, context: Context, firm: UUID) -> None:
    person = create(context, "张三").id
    for kind, other in (
        (RelationType.SPOUSE, firm),
        (RelationType.EMPLOYER, person),
        (RelationType.PARENT, person),
    ):
        with pytest.raises(Invalid, match="type"):
            relate(context, create(context, "李四").id, other, kind)
    with pytest.raises(Invalid, match="other"):
        relate(context, person, person, RelationType.SPOUSE)
    with pytest.raises(Invalid, match="manage_grade"):
        relate(context, person, firm, RelationType.EMPLOYER, manage_grade=ManageGrade.GROUP)
    with pytest.raises(NotFound):
        relate(context, person, create(world.context(world.stranger), "别人").id, RelationType.SPOUSE)


def test_a_new_key_person_stands_beside_the_customer(world: World, context: Context, firm: UUID) -> None:
    add_key_person(context, firm, RelationType.DECIDER, name="赵总", phone="13811112222")
    (seen,) = key_persons(context, firm)
    assert seen.other is not None
    row = get_record(context, CUSTOMERS, seen.other, ["state", "roles", "owner", "phone"]).values
    assert row == {
        "state": "non_customer",
        "roles": ["contact"],
        "owner": world.manager.id,
        "phone": "+8613811112222",
    }
    add_key_person(context, firm, RelationType.BUYER, person=seen.other)
    assert {each.type for each in key_persons(context, firm)} == {"decider", "buyer"}
    with pytest.raises(Invalid, match="person"):
        add_key_person(context, firm, RelationType.BUYER)


def test_ids_elsewhere_belong_to_one(context: Context, firm: UUID) -> None:
    set_external_id(context, firm, "erp", "1")
    other = create(context, "别家", FIRM).id
    with pytest.raises(Invalid, match="external_ids"):
        set_external_id(context, other, "erp", "1")
    set_external_id(context, firm, "erp", "2")
    assert ids_by_external("erp", ["1", "2"]) == {"2": firm}


def test_the_warehouse_gets_nobodys_name(context: Context, firm: UUID) -> None:
    person = create(context, "张三", birthday=date(1990, 5, 5), phone="13811112222").id
    rows = warehouse_rows([firm, person])
    assert set(rows) == {firm, person}
    assert rows[person].birth_year == 1990
    assert "张三" not in str(rows)
    assert "13811112222" not in str(rows)


def test_fields_of_ones_own(world: World, context: Context, firm: UUID) -> None:
    admin = world.context(world.admin)
    define(admin, "customers", "floor", Kind.NUMBER, FieldRules(label_zh="楼层"))
    define(admin, "customers", "tax_no", Kind.TEXT, FieldRules(label_zh="税号", unique=True))
    update(context, firm, CustomerChanges(custom={"floor": "12", "tax_no": "T1"}))
    assert card(context, firm).values["floor"] == 12
    wanted = {"field": "floor", "op": "gt", "value": 11}
    assert [row.id for row in list_records(context, CUSTOMERS, ListRequest(condition=wanted)).rows] == [firm]
    with pytest.raises(Invalid, match="tax_no"):
        create(context, "别家", FIRM, custom={"tax_no": "T1"})
    with pytest.raises(Invalid, match="floor"):
        create(context, "别家", FIRM, custom={"floor": "x"})
    other = create(context, "上海华腾软件", FIRM, custom={"floor": 3}).id
    done = merge(context, other, firm, {"floor": "absorbed"})
    assert card(context, other).values["floor"] == 12
    assert card(context, other).values["tax_no"] == "T1"
    unmerge(context, done.id)
    assert (card(context, other).values["floor"], card(context, firm).values["tax_no"]) == (3, "T1")
    with pytest.raises(Invalid, match="tax_no"):
        update(context, other, CustomerChanges(custom={"tax_no": "T1"}))
