"""A new customer is stored whole: derived, searchable, told as a fact, and refused with every fault named."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tests.world import World
from zhike.customers.actions import create
from zhike.customers.queries import CUSTOMERS, duplicates_of
from zhike.customers.types import AddressDraft, CertificateDraft, ContactDraft, PartyKind
from zhike.kernel.actions import run
from zhike.kernel.errors import FieldHidden, Invalid, NotAllowed
from zhike.kernel.events import facts_of
from zhike.kernel.reading import ListRequest, get_record, list_records
from zhike.kernel.search import rebuild, remove


def test_a_person_with_everything(world: World) -> None:
    context = world.context(world.rep)
    made = create(
        context, "单雄信", PartyKind.PERSON, "138 0013 8000", "Shan@Example.com", "江苏南京玄武区北京东路1号",
        tags=["VIP", "老客户"], note="爱喝茶",
        certificates=[CertificateDraft("11010519491231002X")],
        contacts=[ContactDraft("shanxx", "wechat")],
    )  # fmt: skip
    row = get_record(world.context(world.admin), CUSTOMERS, made.id).values
    assert row["number"] == made.number
    assert made.number.startswith("C-0")
    assert row["name_pinyin"] == "shan xiong xin"
    assert (row["phone"], row["email"]) == ("+8613800138000", "shan@example.com")
    assert (row["province"], row["city"], row["district"]) == ("江苏省", "南京市", "玄武区")
    assert (row["birthday"], row["gender"]) == (date(1949, 12, 31), "female")
    assert row["certificate"] == ["1101**********002X"]
    assert row["tags"] == ["VIP", "老客户"]
    assert (row["owner"], row["unit"]) == (world.rep.id, world.shanghai.id)
    assert row["note"] == "爱喝茶"
    assert row["quality"] == 82


def test_found_at_once_by_name_pinyin_phone_and_number(world: World) -> None:
    context = world.context(world.rep)
    made = create(context, "欧阳明日香", phone="13912345678")
    for text in ("明日", "oymrx", "ouyang", "5678", "13912345678", made.number):
        listing = list_records(context, CUSTOMERS, ListRequest(text=text))
        assert [row.id for row in listing.rows] == [made.id], text


def test_the_fact_of_a_creation_tells_values_but_no_certificate(world: World) -> None:
    context = world.context(world.rep)
    made = create(context, "张三", certificates=[CertificateDraft("11010519491231002X")])
    (fact,) = facts_of("customers", [made.id])
    assert fact.kind == "customers.created"
    assert fact.changes["name"] == [None, "张三"]
    assert "11010519491231002X" not in str(fact)


def test_every_fault_is_named(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        create(
            world.context(world.rep), "　", phone="abc", email="nobody", birthday=date(2030, 1, 1),
            certificates=[CertificateDraft("110105194912310021")],
            addresses=[AddressDraft("上海", purpose="moon")],
        )  # fmt: skip
    assert set(refused.value.fields) == {
        "name", "contacts.0.value", "contacts.1.value", "birthday", "certificates.0.number", "addresses.0.purpose",
    }  # fmt: skip
    assert CUSTOMERS.model._default_manager.count() == 0


def test_only_who_may(world: World) -> None:
    with pytest.raises(NotAllowed):
        create(world.context(world.analyst), "张三")
    with pytest.raises(FieldHidden):
        create(world.context(world.rep), "张三", owner=world.colleague.id)


def test_through_the_registry_as_json(world: World) -> None:
    context = world.context(world.manager, key="k1")
    payload = {"name": "上海华腾", "kind": "organisation", "owner": str(world.rep.id), "state": "target"}
    first, again = run("customers.create", context, payload), run("customers.create", context, payload)
    assert first.result == again.result
    assert again.replayed
    row = get_record(context, CUSTOMERS, UUID(first.result["id"]), ["owner", "unit", "state"]).values
    assert row == {"owner": world.rep.id, "unit": world.shanghai.id, "state": "target"}


def test_who_may_be_the_same_is_returned_and_kept(world: World) -> None:
    context = world.context(world.rep)
    first = create(context, "王小明", phone="13800138000")
    assert first.duplicates == ()
    (seen,) = create(context, "王晓明", phone="138 0013 8000").duplicates
    assert (seen.other, seen.number) == (first.id, first.number)
    (blind,) = create(world.context(world.stranger), "王小明", phone="13800138000").duplicates[:1]
    assert (blind.other, blind.name) == (None, "")
    assert len(duplicates_of(context, first.id)) == 2


def test_the_index_can_be_made_anew(world: World) -> None:
    context = world.context(world.rep)
    made = create(
        context, "王小明", phone="13800138000", certificates=[CertificateDraft("11010519491231002X")]
    )
    remove([made.id])
    assert rebuild(CUSTOMERS) == 1
    for text in ("xiaoming", "8000", "11010519491231002X", made.number):
        assert [row.id for row in list_records(context, CUSTOMERS, ListRequest(text=text)).rows] == [made.id]
