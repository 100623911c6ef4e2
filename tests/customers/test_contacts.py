"""Contact points and addresses: one primary of each kind, consent with its moment, validity."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tests.world import NOW, World
from zhike.customers.actions import (
    add_address,
    add_contact,
    change_address,
    change_contact,
    create,
    remove_address,
    remove_contact,
)
from zhike.customers.models import Address, ContactPoint
from zhike.customers.queries import CUSTOMERS
from zhike.customers.types import AddressChanges, AddressDraft, Consent, ContactChanges, ContactDraft
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.events import facts_of
from zhike.kernel.reading import get_record


@pytest.fixture
def context(world: World) -> Context:
    return world.context(world.rep)


@pytest.fixture
def made(context: Context) -> UUID:
    return create(context, "王小明", phone="13800138000").id


def _phones(made: UUID) -> dict[str, bool]:
    rows = ContactPoint.objects.filter(party=made, kind="phone")
    return dict(rows.values_list("normalised", "is_primary"))


def test_a_new_primary_takes_over(context: Context, made: UUID) -> None:
    added = add_contact(context, made, ContactDraft("139 0013 9000", primary=True))
    assert _phones(made) == {"+8613800138000": False, "+8613900139000": True}
    assert get_record(context, CUSTOMERS, made, ["phone", "version"]).values == {
        "phone": "+8613900139000", "version": added.version,
    }  # fmt: skip
    remove_contact(context, made, added.id)
    assert _phones(made) == {"+8613800138000": True}


def test_the_same_twice_is_refused(context: Context, made: UUID) -> None:
    with pytest.raises(Invalid, match="value"):
        add_contact(context, made, ContactDraft("+86 13800138000"))


def test_consent_has_its_moment_and_goes_with_its_value(context: Context, made: UUID) -> None:
    (row,) = ContactPoint.objects.filter(party=made)
    change_contact(
        context, made, row.pk, ContactChanges(consent=Consent.GRANTED, consent_source="展会登记表")
    )
    row.refresh_from_db()
    assert (row.consent, row.consent_at, row.consent_source) == ("granted", NOW, "展会登记表")
    assert facts_of("customers", [made])[0].changes == {"phone_consent": ["unknown", "granted"]}


def test_a_period_must_end_after_it_starts(context: Context, made: UUID) -> None:
    (row,) = ContactPoint.objects.filter(party=made)
    with pytest.raises(Invalid, match="valid_until"):
        change_contact(
            context, made, row.pk, ContactChanges(valid_from=date(2026, 5, 1), valid_until=date(2026, 5, 1))
        )
    other = create(context, "别人").id
    with pytest.raises(NotFound):
        remove_contact(context, other, row.pk)


def test_addresses_are_split_and_followed(context: Context, made: UUID) -> None:
    first = add_address(context, made, AddressDraft("江苏南京玄武区北京东路1号"))
    second = add_address(context, made, AddressDraft("上海浦东新区世纪大道100号", "work"))
    assert get_record(context, CUSTOMERS, made, ["city", "address"]).values == {
        "city": "南京市", "address": "江苏南京玄武区北京东路1号",
    }  # fmt: skip
    change_address(context, made, second.id, AddressChanges(primary=True))
    assert get_record(context, CUSTOMERS, made, ["city"]).values == {"city": "上海市"}
    change_address(context, made, second.id, AddressChanges(text="广州市天河区体育西路103号"))
    assert get_record(context, CUSTOMERS, made, ["province", "city"]).values == {
        "province": "广东省",
        "city": "广州市",
    }
    remove_address(context, made, second.id)
    assert Address.objects.get(party=made).pk == first.id
    assert get_record(context, CUSTOMERS, made, ["city"]).values == {"city": "南京市"}
