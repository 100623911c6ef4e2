"""Two records become one with nothing dropped, and apart again exactly, whatever was changed in between."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import NOW, World
from zhike.customers.actions import (
    ScoreColumn,
    add_contact,
    add_file,
    add_note,
    change_contact,
    classify,
    create,
    create_from,
    merge,
    relate,
    remove_contact,
    set_organisation_facts,
    tag,
    unmerge,
    update,
    write_scores,
)
from zhike.customers.merging import TABLES
from zhike.customers.models import ContactPoint, Merge, Party, PastValue
from zhike.customers.queries import CUSTOMERS, canonical_ids, card, ids_by_external, timeline
from zhike.customers.types import (
    AddressDraft,
    CertificateDraft,
    ContactChanges,
    ContactDraft,
    CustomerChanges,
    Draft,
    Grade,
    OrganisationFactDraft,
    PartyKind,
    RelationType,
    State,
)
from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from zhike.kernel.reading import ListRequest, list_records

# What moves with every write and is no part of what a customer is.
_MOVING = {"version", "updated_at", "merged_into_id"}


def _whole(party: UUID) -> dict[str, Any]:
    """Everything a customer is: its row and all that hangs on it."""
    row = Party.objects.filter(pk=party).values().get()
    found: dict[str, Any] = {name: value for name, value in row.items() if name not in _MOVING}
    for table in TABLES:
        rows = table.model._default_manager.filter(**{table.key: party}).values()
        found[table.name] = sorted(rows, key=lambda each: str(sorted(each.items(), key=str)))
    found["past"] = list(PastValue.objects.filter(party=party).order_by("pk").values())
    return found


def _pair(context: Context) -> tuple[UUID, UUID]:
    one = create(
        context, "王小明", phone="13800138000", email="wxm@example.com", address="江苏南京玄武区北京东路1号",
        tags=["甲", "乙"], external_ids=[("shop", "1")], note="第一", grade=Grade.B,
        certificates=[CertificateDraft("11010519491231002X")],
    ).id  # fmt: skip
    other = create(
        context, "王晓明", phone="13900139000", contacts=[ContactDraft("13800138000"), ContactDraft("wang", "wechat")],
        tags=["乙", "丙"], external_ids=[("shop", "2")], note="第二", industry="零售", state=State.ACTUAL,
        certificates=[CertificateDraft("E12345678", "passport")], addresses=[AddressDraft("上海浦东新区张江路1号")],
    ).id  # fmt: skip
    return one, other


def test_nothing_is_dropped(world: World) -> None:
    context = world.context(world.manager)
    one, other = _pair(context)
    third = create(context, "李四").id
    relate(context, other, third, RelationType.SPOUSE)
    add_file(context, other, "合同.txt", "内容".encode())
    write_scores(world.context(), [other], [ScoreColumn("monetary", [5.0])], NOW.date())
    merge(context, one, other, {"name": "absorbed", "phone": "absorbed", "state": "absorbed"})
    seen = card(context, one)
    assert (seen.values["name"], seen.values["phone"], seen.values["state"]) == (
        "王晓明",
        "+8613900139000",
        "actual",
    )
    assert seen.values["industry"] == "零售"
    assert (seen.values["grade"], seen.values["city"]) == ("b", "南京市")
    assert {each.value for each in seen.contacts} == {"13800138000", "13900139000", "wxm@example.com", "wang"}
    assert set(seen.tags) == {"甲", "乙", "丙"}
    assert {note.text for note in seen.notes} == {"第一", "第二"}
    assert len(seen.certificates) == len(seen.addresses) == 2
    assert [each.other_name for each in seen.relations] == ["李四"]
    assert [each.name for each in seen.files] == ["合同.txt"]
    assert seen.scores[0].value == 5.0
    assert ids_by_external("shop", ["1", "2"]) == {"1": one, "2": one}
    assert canonical_ids([one, other]) == {one: one, other: one}
    created = [fact for fact in timeline(context, one) if fact.kind == "customers.created"]
    assert {fact.record_id for fact in created} == {one, other}
    listing = list_records(context, CUSTOMERS, ListRequest(text="王晓明"))
    assert [row.id for row in listing.rows] == [one]
    with pytest.raises(NotFound):
        card(context, other)


def test_unmerge_restores_both_exactly(world: World) -> None:
    context = world.context(world.manager)
    one, other = _pair(context)
    before = (_whole(one), _whole(other))
    done = merge(world.context(world.manager, now=NOW + timedelta(days=1)), one, other, {"state": "absorbed"})
    assert _whole(one) != before[0]
    back = unmerge(world.context(world.manager, now=NOW + timedelta(days=2)), done.id)
    assert back.conflicts == []
    assert (_whole(one), _whole(other)) == before
    found = list_records(context, CUSTOMERS, ListRequest(text="13900139000")).rows
    assert [row.id for row in found] == [other]


def test_later_edits_stay_and_conflicts_are_shown(world: World) -> None:
    context = world.context(world.manager)
    one, other = _pair(context)
    done = merge(context, one, other, {"name": "absorbed"})
    update(context, one, CustomerChanges(name="王大明", english_name="Wang"))
    add_note(context, one, "合并之后")
    moved = ContactPoint.objects.get(party=one, normalised="wang")
    remove_contact(context, one, moved.pk)
    back = unmerge(context, done.id)
    assert [(each.field, each.before, each.merged, each.now) for each in back.conflicts] == [
        ("name", "王小明", "王晓明", "王大明"), (f"contacts:{moved.pk}", True, True, None),
    ]  # fmt: skip
    first, second = card(context, one), card(context, other)
    assert (first.values["name"], first.values["english_name"], first.values["industry"]) == (
        "王大明",
        "Wang",
        "",
    )
    assert {note.text for note in first.notes} == {"第一", "合并之后"}
    assert (second.values["name"], second.values["phone"]) == ("王晓明", "+8613900139000")


def test_one_number_with_two_consents_stays_twice(world: World) -> None:
    context = world.context(world.manager)
    one = create(context, "王小明", phone="13800138000").id
    other = create(context, "王小明", contacts=[ContactDraft("13800138000", consent="granted")]).id
    merge(context, one, other)
    granted = ContactPoint.objects.get(party=one, consent="granted")
    change_contact(context, one, granted.pk, ContactChanges(primary=True))
    assert ContactPoint.objects.get(party=one, is_primary=True).pk == granted.pk


def test_merges_are_taken_back_from_the_outside_in(world: World) -> None:
    context = world.context(world.manager)
    one, other = _pair(context)
    third = create(context, "王小明", phone="13700137000").id
    inner = merge(context, other, third)
    before = (_whole(one), _whole(other))
    outer = merge(context, one, other)
    assert canonical_ids([third])[third] == one
    with pytest.raises(NotFound):
        unmerge(context, inner.id)
    unmerge(context, outer.id)
    assert (_whole(one), _whole(other)) == before
    unmerge(context, inner.id)
    with pytest.raises(Invalid, match="merge"):
        unmerge(context, inner.id)
    assert Merge.objects.filter(undone_at=None).count() == 0


def test_what_is_refused(world: World) -> None:
    context = world.context(world.manager)
    one, other = _pair(context)
    with pytest.raises(Invalid, match="absorbed"):
        merge(context, one, one)
    with pytest.raises(Invalid, match="nonsense"):
        merge(context, one, other, {"nonsense": "absorbed"})
    with pytest.raises(Conflict):
        merge(context, one, other, version=9)
    with pytest.raises(NotAllowed):
        merge(world.context(world.rep), one, other)
    with pytest.raises(NotFound):
        merge(context, one, create(world.context(world.stranger), "别人").id)
    assert not Merge.objects.exists()


_parties = st.builds(
    Draft,
    st.sampled_from(["王小明", "王晓明", "李四"]),
    st.sampled_from(["person", "organisation"]),
    state=st.sampled_from(["potential", "actual"]),
    grade=st.sampled_from(["", "a"]),
    industry=st.sampled_from(["", "零售", "制造"]),
    birthday=st.sampled_from([None, date(1990, 1, 1)]),
    contacts=st.lists(
        st.builds(
            ContactDraft,
            st.sampled_from(["13800138000", "13900139000", "13700137000"]),
            st.sampled_from(["phone", "wechat"]),
            consent=st.sampled_from(["unknown", "granted"]),
            primary=st.booleans(),
        ),
        max_size=4,
    ),
    addresses=st.lists(
        st.builds(AddressDraft, st.sampled_from(["南京市玄武区", "上海市徐汇区"]), primary=st.booleans()),
        max_size=2,
    ),
    certificates=st.lists(st.builds(CertificateDraft, st.just("11010519491231002X")), max_size=1),
    tags=st.lists(st.sampled_from(["甲", "乙"]), max_size=2),
    note=st.sampled_from(["", "记"]),
)
_edits = st.lists(
    st.sampled_from(["name", "grade", "contact", "primary", "remove", "note", "tag", "facts"]), max_size=5
)
_choices = st.dictionaries(
    st.sampled_from(["name", "kind", "state", "grade", "industry", "birthday", "phone", "wechat", "address"]),
    st.sampled_from(["survivor", "absorbed"]),
)


def _edit(context: Context, party: UUID, what: str) -> None:
    """Something that somebody does to the survivor after the merge."""
    points = list(ContactPoint.objects.filter(party=party).order_by("pk"))
    if what == "name":
        update(context, party, CustomerChanges(name="改名"))
    elif what == "grade":
        classify(context, [party], grade=Grade.D)
    elif what == "contact" and not any(point.normalised == "+8613600136000" for point in points):
        add_contact(context, party, ContactDraft("13600136000", primary=True))
    elif what == "primary" and points:
        change_contact(context, party, points[-1].pk, ContactChanges(primary=True))
    elif what == "remove" and points:
        remove_contact(context, party, points[0].pk)
    elif what == "note":
        add_note(context, party, "后来")
    elif what == "tag":
        tag(context, [party], ["丁"])
    elif what == "facts" and Party.objects.get(pk=party).kind == PartyKind.ORGANISATION:
        set_organisation_facts(context, party, [OrganisationFactDraft("employees", "7")])


def _expected_rows(rows: list[dict[str, Any]], gone: set[str]) -> list[dict[str, Any]]:
    return [row for row in rows if str(row.get("id")) not in gone]


@settings(max_examples=40)
@given(_parties, _parties, _choices, _edits)
def test_any_merge_comes_apart(
    world: World, left: Draft, right: Draft, choices: dict[str, Any], edits: list[str]
) -> None:
    context = world.context(world.manager)
    later = world.context(world.manager, now=NOW + timedelta(days=1))
    with transaction.atomic():
        one, other = create_from(context, left).id, create_from(context, right).id
        before = (_whole(one), _whole(other))
        done = merge(later, one, other, choices)
        primaries = ContactPoint.objects.filter(party=one, is_primary=True).values_list("kind", flat=True)
        kinds = set(ContactPoint.objects.filter(party=one).values_list("kind", flat=True))
        assert sorted(primaries) == sorted(kinds)
        for what in edits:
            _edit(world.context(world.manager, now=NOW + timedelta(days=2)), one, what)
        back = unmerge(world.context(world.manager, now=NOW + timedelta(days=3)), done.id)
        after = (_whole(one), _whole(other))
        gone = {each.field.partition(":")[2] for each in back.conflicts if ":" in each.field}
        if not edits:
            assert back.conflicts == []
            assert after == before
        touched = {each.field for each in back.conflicts}
        # The absorbed record is as it was, but for contact points that somebody deleted since.
        for name, value in before[1].items():
            if isinstance(value, list):
                shown = {"is_primary"} if name == "contacts" and gone else set()
                expected = _expected_rows(value, gone)
                got = after[1][name]
                assert [{k: v for k, v in row.items() if k not in shown} for row in got] == [
                    {k: v for k, v in row.items() if k not in shown} for row in expected
                ]
            elif not gone:
                assert after[1][name] == value, name
        # The survivor has its old values except where somebody changed them since.
        changed = {"name": "name", "grade": "grade"}
        for name in ("kind", "state", "industry", "birthday", "gender", "name", "grade"):
            if changed.get(name) not in edits and name not in touched:
                assert after[0][name] == before[0][name], name
        assert ("name" in edits) <= (after[0]["name"] == "改名")
        assert ("grade" in edits) <= (after[0]["grade"] == "d")
        assert {row["text"] for row in after[0]["notes"]} >= ({"后来"} if "note" in edits else set())
        transaction.set_rollback(True)
