"""Certificates are checked, encrypted, found by exact value, masked; seeing one is on record and limited."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from tests.world import World
from zhike.config.home import add_field_key
from zhike.customers.actions import add_certificate, create, remove_certificate, reveal
from zhike.customers.certificates import NotACertificateError, normalise_certificate, told_by
from zhike.customers.models import Certificate
from zhike.customers.queries import CUSTOMERS, find_by_certificate
from zhike.customers.secrecy import open_number
from zhike.customers.types import CertificateDraft, CertificateType
from zhike.kernel.actions import run
from zhike.kernel.errors import FieldHidden, Invalid, LimitReached, NotFound
from zhike.kernel.events import facts_of
from zhike.kernel.reading import ListRequest, list_records

ID_CARD = "11010519491231002X"


@pytest.fixture
def made(world: World) -> UUID:
    return create(
        world.context(world.rep), "王小明", phone="13800138000", certificates=[CertificateDraft(ID_CARD)]
    ).id


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.integers(0, 999))
def test_identity_numbers_with_their_check_digit(born: date, sequence: int) -> None:
    head = f"110105{born:%Y%m%d}{sequence:03d}"
    number = head + ric.calc_check_digit(head + "0")
    assert normalise_certificate("id_card", f" {number[:6]} {number[6:]}".lower()) == number
    assert told_by("id_card", number).birth_date == born
    assert told_by("id_card", number).gender == ("male" if sequence % 2 else "female")
    wrong = head + ("0" if number[-1] != "0" else "1")
    with pytest.raises(NotACertificateError):
        normalise_certificate("id_card", wrong)


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_credit_codes_with_their_check_digit(head: str) -> None:
    number = head + uscc.calc_check_digit(head)
    if uscc.is_valid(number):
        assert normalise_certificate("credit_code", number) == number
    with pytest.raises(NotACertificateError):
        normalise_certificate("credit_code", head + ("0" if number[-1] != "0" else "1"))


def test_the_number_is_nowhere_in_the_clear(world: World, made: UUID) -> None:
    row = Certificate.objects.get(party=made)
    assert ID_CARD not in str(Certificate.objects.values())
    assert row.masked == "1101**********002X"
    assert open_number(row.sealed_number) == ID_CARD
    assert ID_CARD not in str(facts_of("customers", [made]))
    listing = list_records(world.context(world.admin), CUSTOMERS, ListRequest(fields=["certificate"]))
    assert listing.rows[0].values == {"certificate": ["1101**********002X"]}


def test_an_old_key_still_opens(world: World, made: UUID) -> None:
    add_field_key()
    row = Certificate.objects.get(party=made)
    assert open_number(row.sealed_number) == ID_CARD
    fresh = create(
        world.context(world.rep), "李四", certificates=[CertificateDraft("E12345678", "passport")]
    ).id
    assert Certificate.objects.get(party=fresh).sealed_number.split(":")[0] != row.sealed_number.split(":")[0]


def test_found_by_exact_value_however_it_is_written(world: World, made: UUID) -> None:
    context = world.context(world.rep)
    assert find_by_certificate(context, "110105 19491231 002x") == [made]
    assert find_by_certificate(context, ID_CARD, CertificateType.ID_CARD) == [made]
    assert find_by_certificate(context, "110105194912310021") == []
    assert [row.id for row in list_records(context, CUSTOMERS, ListRequest(text=ID_CARD)).rows] == [made]
    assert list_records(context, CUSTOMERS, ListRequest(text=ID_CARD[:10])).rows == []


def test_add_and_remove(world: World) -> None:
    context = world.context(world.rep)
    bare = create(context, "王小明").id
    added = add_certificate(context, bare, CertificateDraft(ID_CARD))
    fact = facts_of("customers", [bare])[0]
    assert fact.changes["birthday"] == [None, "1949-12-31"]
    assert fact.changes["certificate"] == [None, "1101**********002X"]
    with pytest.raises(Invalid, match="number"):
        add_certificate(context, bare, CertificateDraft(ID_CARD))
    remove_certificate(context, bare, added.id)
    assert find_by_certificate(context, ID_CARD) == []


def test_a_reveal_is_on_record_with_its_reason(world: World, made: UUID) -> None:
    context = world.context(world.agent)
    shown = reveal(context, made, "phone", "客户来电核对")
    assert (shown.value, shown.left) == ("13800138000", 49)
    fact = facts_of("customers", [made])[0]
    assert (fact.kind, fact.reason, fact.actor_id) == ("customers.revealed", "客户来电核对", world.agent.id)
    assert "13800138000" not in str(fact)
    with pytest.raises(Invalid, match="reason"):
        run("customers.reveal", context, {"customer": made, "field": "phone", "reason": " "})
    with pytest.raises(NotFound):
        reveal(context, made, "social", "核对")
    assert reveal(world.context(world.rep), made, "certificate", "核对身份").value == ID_CARD


def test_hidden_is_not_revealed_and_the_day_has_a_limit(world: World, made: UUID) -> None:
    analyst = world.context(world.director)
    for number in range(50):
        assert reveal(analyst, made, "certificate", "核对").left == 49 - number
    with pytest.raises(LimitReached):
        reveal(analyst, made, "certificate", "核对")
    with pytest.raises(NotFound):
        reveal(world.context(world.stranger), made, "phone", "好奇")
    with pytest.raises(FieldHidden):
        find_by_certificate(world.context(world.analyst), ID_CARD)
