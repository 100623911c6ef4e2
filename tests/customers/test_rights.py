"""Rows and fields: own, unit, all and shared; hidden and masked; never through a side door."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.world import World
from zhike.customers.actions import add_contact, add_note, assign, create, tag, update
from zhike.customers.queries import CUSTOMERS, find_by_certificate, names_of, timeline, warn_duplicates
from zhike.customers.types import CertificateDraft, ContactDraft, CustomerChanges
from zhike.kernel.errors import FieldHidden, NotAllowed, NotFound
from zhike.kernel.reading import ListRequest, list_records
from zhike.kernel.sharing import share


@pytest.fixture
def made(world: World) -> UUID:
    return create(
        world.context(world.rep), "王小明", phone="13800138000", certificates=[CertificateDraft("11010519491231002X")],
        contacts=[ContactDraft("wxm-88", "wechat")],
    ).id  # fmt: skip


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("admin", 1),
        ("director", 1),
        ("manager", 1),
        ("rep", 1),
        ("colleague", 1),
        ("stranger", 0),
        ("agent", 1),
    ],
)
def test_rows(world: World, made: UUID, who: str, sees: int) -> None:
    context = world.context(world.people()[who])
    assert len(list_records(context, CUSTOMERS, ListRequest()).rows) == sees
    assert len(names_of(context, [made])) == sees
    if not sees:
        with pytest.raises(NotFound):
            timeline(context, made)


def test_sharing_opens_one_record(world: World, made: UUID) -> None:
    share(world.context(world.admin), "customers", made, world.stranger.id)
    assert names_of(world.context(world.stranger), [made]) == {made: "王小明"}
    with pytest.raises(NotAllowed):
        update(world.context(world.stranger), made, CustomerChanges(name="x"))
    share(world.context(world.admin), "customers", made, world.stranger.id, True)
    update(world.context(world.stranger), made, CustomerChanges(industry="零售"))
    assert names_of(world.context(world.colleague), [made]) == {made: "王小明"}


def test_masked_fields_neither_filter_nor_sort(world: World, made: UUID) -> None:
    context = world.context(world.analyst)
    for request in (
        ListRequest(sort="name"), ListRequest(condition={"field": "phone", "op": "starts", "value": "+86138"}),
        ListRequest(condition={"any": "phones", "where": {"field": "value", "op": "contains", "value": "138"}}),
        ListRequest(condition={"any": "certificates"}), ListRequest(fields=["note"]),
    ):  # fmt: skip
        with pytest.raises(FieldHidden):
            list_records(context, CUSTOMERS, request)
    (row,) = list_records(context, CUSTOMERS, ListRequest(fields=["name", "phone"])).rows
    assert row.values == {"name": "王*", "phone": "+86 138****8000"}


def test_phones_do_not_bring_in_emails(world: World, made: UUID) -> None:
    context = world.context(world.rep)
    wanted = {"any": "phones", "where": {"field": "value", "op": "contains", "value": "wxm"}}
    assert not list_records(context, CUSTOMERS, ListRequest(condition=wanted)).rows
    wanted["any"] = "social_ids"
    assert list_records(context, CUSTOMERS, ListRequest(condition=wanted)).rows


def test_a_masked_timeline(world: World, made: UUID) -> None:
    update(world.context(world.rep), made, CustomerChanges(phone="13911112222"))
    add_note(world.context(world.rep), made, "他很忙")
    told = str(timeline(world.context(world.agent), made))
    assert "+8613911112222" not in told
    assert "139****2222" in told
    told = str(timeline(world.context(world.analyst), made))
    assert "王小明" not in told
    assert "他很忙" not in told
    assert "1101" not in told


def test_who_may_write_a_child(world: World, made: UUID) -> None:
    add_note(world.context(world.agent), made, "来电咨询")
    with pytest.raises(NotAllowed):
        tag(world.context(world.agent), [made], ["x"])
    with pytest.raises(NotAllowed):
        add_contact(world.context(world.colleague), made, ContactDraft("13900000000"))
    with pytest.raises(NotAllowed):
        assign(world.context(world.rep), [made], owner=world.colleague.id)
    with pytest.raises(FieldHidden):
        find_by_certificate(world.context(world.analyst), "11010519491231002X")


def test_exact_certificate_finds_only_what_is_visible(world: World, made: UUID) -> None:
    for who, expected in ((world.rep, [made]), (world.stranger, [])):
        assert find_by_certificate(world.context(who), "11010519491231002x") == expected


def test_a_warning_names_nobody_hidden(world: World, made: UUID) -> None:
    (seen,) = warn_duplicates(world.context(world.colleague), "王小明", phone="138 0013 8000")
    assert (seen.other, seen.name) == (made, "王小明")
    assert {reason["field"] for reason in seen.reasons} >= {"name", "phone"}
    (blind,) = warn_duplicates(world.context(world.stranger), "王小明", phone="13800138000")
    assert (blind.other, blind.number, blind.name, blind.phone, blind.reasons) == (None, "", "", "", ())
    assert warn_duplicates(world.context(world.rep), "李四", phone="13700000000") == []
    assert warn_duplicates(world.context(world.rep), "王小明", phone="13800138000", customer=made) == []
