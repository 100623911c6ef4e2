"""The customer page: everything in a bounded number of statements, and no more than the reader may see."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.world import NOW, World
from zhike.customers.actions import (
    ScoreColumn,
    add_key_person,
    classify,
    create,
    relate,
    set_organisation_facts,
    write_scores,
)
from zhike.customers.queries import CUSTOMERS, card, key_persons, people, relation_graph
from zhike.customers.types import (
    CertificateDraft,
    ContactDraft,
    Grade,
    OrganisationFactDraft,
    PartyKind,
    RelationStage,
    RelationType,
)
from zhike.kernel.errors import NotFound
from zhike.kernel.reading import ListRequest, list_records

FIRM = PartyKind.ORGANISATION


@pytest.fixture
def firm(world: World) -> UUID:
    context = world.context(world.manager)
    made = create(
        context, "上海华腾软件有限公司", FIRM, "021-55558888", "info@huateng.com", "上海市浦东新区世纪大道100号",
        tags=["重点"], external_ids=[("erp", "9001")], note="签约在即", owner=world.rep.id,
        certificates=[CertificateDraft("91310000775785552L", "credit_code")],
        contacts=[ContactDraft("huateng", "wechat")],
        facts=[OrganisationFactDraft("employees", "120")],
    ).id  # fmt: skip
    add_key_person(context, made, RelationType.DECIDER, name="赵总", phone="13811112222", title="总经理")
    parent = create(context, "华腾集团", FIRM).id
    relate(context, made, parent, RelationType.PARENT)
    set_organisation_facts(
        context, made, [OrganisationFactDraft("credit", "良好", "third_party", date(2026, 1, 1))]
    )
    later = world.context(world.manager, now=NOW + timedelta(days=1))
    classify(later, [made], grade=Grade.A, relation_stage=RelationStage.GROWTH)
    write_scores(
        world.context(),
        [made],
        [ScoreColumn("value_tier", ["gold"]), ScoreColumn("monetary", [88.5])],
        NOW.date(),
    )
    return made


def test_everything_is_there(world: World, firm: UUID) -> None:
    seen = card(world.context(world.rep, now=NOW + timedelta(days=2)), firm)
    assert seen.values["phone"] == "+862155558888"
    assert seen.values["tags"] == ["重点"] == list(seen.tags)
    assert [(one.source, one.value) for one in seen.external_ids] == [("erp", "9001")]
    assert [(note.text, note.author_name) for note in seen.notes] == [("签约在即", "陈经理")]
    assert {fact.key: fact.source for fact in seen.organisation_facts} == {
        "employees": "other",
        "credit": "third_party",
    }
    assert [(each.type, each.other_name, each.title) for each in seen.relations if each.is_key_person] == [
        ("decider", "赵总", "总经理")
    ]
    assert {each.type for each in seen.relations} == {"decider", "parent"}
    assert {each.name: each.label or each.value for each in seen.scores} == {
        "value_tier": "gold",
        "monetary": 88.5,
    }
    assert seen.values["value_tier"] == "gold"
    assert (seen.owner_name, seen.unit_name) == ("李明", "上海一部")
    assert ("grade", "a") in {
        (period.aspect, period.value) for period in seen.history if period.until is None
    }
    assert seen.quality.missing == ("industry", "source", "consent")
    assert seen.may_write
    assert [each.other_name for each in key_persons(world.context(world.rep), firm)] == ["赵总"]


def test_at_most_fifteen_statements(
    world: World, firm: UUID, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    context = world.context(world.rep)
    with django_assert_max_num_queries(15):
        card(context, firm)


def test_a_service_agent_sees_masks_and_no_amounts(world: World, firm: UUID) -> None:
    seen = card(world.context(world.agent), firm)
    assert seen.values["phone"] == "+86 215****8888"
    assert seen.values["email"] == "i***@huateng.com"
    assert {"phone", "email", "certificate"} <= seen.masked
    assert [each.value for each in seen.contacts if each.kind == "phone"] == ["+86 215****8888"]
    assert "monetary" not in seen.values
    assert [each.name for each in seen.scores] == ["value_tier"]
    assert "91310000775785552L" not in str(seen)


def test_an_analyst_sees_neither_name_nor_notes(world: World, firm: UUID) -> None:
    seen = card(world.context(world.analyst), firm)
    assert seen.values["name"] == "上*"
    assert (seen.notes, seen.addresses, seen.certificates) == ((), (), ())
    assert "华腾" not in str(seen)
    assert "赵总" not in str(seen)


def test_not_yours_is_not_found(world: World, firm: UUID) -> None:
    with pytest.raises(NotFound):
        card(world.context(world.stranger), firm)


def test_the_graph_goes_step_by_step(world: World, firm: UUID) -> None:
    context = world.context(world.manager)
    graph = relation_graph(context, firm, depth=2)
    assert {node.name: node.distance for node in graph.nodes} == {
        "上海华腾软件有限公司": 0,
        "赵总": 1,
        "华腾集团": 1,
    }
    assert len(graph.edges) == 2


def test_what_is_hidden_does_not_crowd_out_what_is_seen(
    world: World, firm: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = world.context()
    middle = create(world.context(world.rep), "中间人").id
    for number in range(3):
        hidden = create(world.context(world.stranger), f"别人的客户{number}").id
        relate(everybody, middle, hidden, RelationType.REFERRER)
    relate(everybody, middle, create(world.context(world.rep), "自己的客户").id, RelationType.REFERRER)
    monkeypatch.setattr(people, "_MOST_RELATIONS", 2)
    graph = relation_graph(world.context(world.rep), middle, depth=1)
    assert [node.name for node in graph.nodes] == ["中间人", "自己的客户"]


def test_a_list_costs_the_same_for_ten_and_for_fifty(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    context = world.context(world.rep)
    for number in range(60):
        create(context, f"客户{number:02d}", phone=f"139000000{number:02d}", tags=["甲"])
    fields = ["name", "number", "phone", "tags", "certificate", "address", "value_tier"]
    for size in (10, 50):
        with django_assert_num_queries(4):
            listing = list_records(context, CUSTOMERS, ListRequest(sort="name", fields=fields, size=size))
        assert len(listing.rows) == size
