"""The fast way in and the single action store the same and refuse the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import World
from zhike.customers.actions import create_from, create_many
from zhike.customers.models import (
    Address,
    Certificate,
    ContactPoint,
    ExternalId,
    Note,
    OrganisationFact,
    Party,
    PartyTag,
    Role,
)
from zhike.customers.queries import CUSTOMERS
from zhike.customers.types import AddressDraft, CertificateDraft, ContactDraft, Draft, OrganisationFactDraft
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.events import facts_of, mac_of
from zhike.kernel.models import Fact
from zhike.kernel.reading import ListRequest, list_records

_TABLES = (ContactPoint, Address, Certificate, Role, PartyTag, Note, OrganisationFact, ExternalId)
_CHANGING = {"id", "party_id", "number", "sealed_number"}
_texts = st.text(max_size=12).filter(lambda text: "\x00" not in text and "\ud800" not in text)
_names = st.sampled_from(
    ["王小明", "上海华腾有限公司", "John Smith", "欧阳\t娜", "a\\b", "张\n三", "", "\u200b", "  李 四 "]
)
_phones = st.sampled_from(
    ["13800138000", "021-55558888-8001", "abc", "95588", "+1 650 253 0000", "１３８ ００１３ ８０００"]
)
_contacts = st.lists(
    st.builds(
        ContactDraft,
        _phones,
        st.sampled_from(["phone", "fax", "wechat", "pigeon"]),
        consent=st.sampled_from(["unknown", "granted"]),
        primary=st.booleans(),
    ),
    max_size=3,
)
_addresses = st.lists(
    st.builds(
        AddressDraft,
        st.sampled_from(["江苏南京玄武区北京东路1号", "10 Downing St", "", "上海\\浦东"]),
        primary=st.booleans(),
        city=st.sampled_from(["", "苏州"]),
    ),
    max_size=2,
)
_papers = st.lists(
    st.builds(
        CertificateDraft,
        st.sampled_from(["11010519491231002X", "123", "E12345678"]),
        st.sampled_from(["id_card", "passport", "other"]),
    ),
    max_size=2,
)
_keys = st.sampled_from(["employees", "x"])
_drafts = st.builds(
    Draft,
    _names,
    st.sampled_from(["person", "organisation"]),
    english_name=_texts,
    industry=_texts,
    state=st.sampled_from(["", "actual", "gone"]),
    birthday=st.sampled_from([None, date(1990, 2, 28), date(2090, 1, 1)]),
    contacts=_contacts,
    addresses=_addresses,
    certificates=_papers,
    tags=st.lists(st.sampled_from(["甲", "乙 ", ""]), max_size=2),
    facts=st.lists(st.builds(OrganisationFactDraft, _keys, st.sampled_from(["12", "\\N"])), max_size=2),
    note=st.sampled_from(["", "两行\n\t文字\\N"]),
    external_ids=st.sampled_from([(), (("s", "1"),), (("s", "2"), ("t", "1"))]),
)


def _stored(party: UUID) -> dict[str, Any]:
    """All rows of a customer without what differs by chance."""
    party_row = Party.objects.filter(pk=party).values().get()
    found: dict[str, Any] = {"party": {k: v for k, v in party_row.items() if k not in _CHANGING}}
    for table in _TABLES:
        names = ["tag__name"] if table is PartyTag else []
        each = table._default_manager.filter(party=party).values(*names)
        rows = [{k: v for k, v in row.items() if k not in _CHANGING} for row in each]
        found[table.__name__] = sorted(rows, key=str)
    (fact,) = facts_of(CUSTOMERS.name, [party])
    found["fact"] = (fact.kind, fact.changes, fact.data, fact.at, fact.actor_name, fact.channel)
    return found


class _Undo(Exception):
    pass


def _one_by_one(context: Context, drafts: Sequence[Draft]) -> list[Any]:
    results: list[Any] = []
    try:
        with transaction.atomic():
            for draft in drafts:
                try:
                    with transaction.atomic():
                        results.append(_stored(create_from(context, draft).id))
                except Invalid as problem:
                    results.append({name: list(map(str, texts)) for name, texts in problem.fields.items()})
            raise _Undo
    except _Undo:
        return results


@settings(max_examples=40)
@given(st.lists(_drafts, min_size=1, max_size=4))
def test_both_ways_store_and_refuse_the_same(world: World, drafts: list[Draft]) -> None:
    context = world.context(world.manager)
    expected = _one_by_one(context, drafts)
    sid = transaction.savepoint()
    outcome = create_many(context, drafts)
    got: list[Any] = []
    for index in range(len(drafts)):
        if index in outcome.made:
            got.append(_stored(outcome.made[index].id))
        else:
            got.append({name: list(map(str, texts)) for name, texts in outcome.refused[index].fields.items()})
    transaction.savepoint_rollback(sid)
    for mine, theirs in zip(got, expected, strict=True):
        assert mine.keys() == theirs.keys()
        assert {k: (v, theirs[k]) for k, v in mine.items() if v != theirs[k]} == {}


def test_many_are_found_and_their_facts_are_sealed_alike(world: World) -> None:
    context = world.context(world.manager)
    drafts = [
        Draft(f"客户第{number}号", contacts=[ContactDraft(f"139{number:08d}")]) for number in range(300)
    ]
    outcome = create_many(context, drafts)
    assert not outcome.refused
    assert len({made.number for made in outcome.made.values()}) == 300
    rows = list_records(context, CUSTOMERS, ListRequest(text="13900000123")).rows
    assert [row.id for row in rows] == [outcome.made[123].id]
    assert all(fact.mac == mac_of(fact) for fact in Fact.objects.all())
