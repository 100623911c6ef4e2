"""From a draft to rows: everything is checked and derived here, for one customer and for a million alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from zhike.customers.addresses import find_place, postcode_in, split_address
from zhike.customers.certificates import NotACertificateError, normalise_certificate, told_by
from zhike.customers.checks import WORDS, Errors, check_children, check_draft, check_period, check_word
from zhike.customers.derive import CertificateTold, clean_name, entry_of, known_of, name_columns, primary_of
from zhike.customers.phones import NotAPhoneError, normalise_phone
from zhike.customers.quality import score
from zhike.customers.types.drafts import AddressDraft, CertificateDraft, ContactDraft, Draft
from zhike.customers.types.words import (
    AddressPurpose,
    CertificateType,
    Consent,
    ContactKind,
    ContactPurpose,
    PartyKind,
    State,
)
from zhike.kernel.errors import Invalid
from zhike.kernel.ids import uuid7
from zhike.kernel.search import Entry

_KINDS, _PURPOSES = frozenset(ContactKind.values), frozenset(ContactPurpose.values)
_CONSENTS, _ADDRESS_PURPOSES = frozenset(Consent.values), frozenset(AddressPurpose.values)
_CERTIFICATES = frozenset(CertificateType.values)
_EMAIL = re.compile(r"^[^\s@<>,;:\"()\[\]\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}$")


class CheckCustom(Protocol):
    """Gives the user-defined values of a new customer their stored form. Raises Invalid naming each wrong one."""

    def __call__(
        self, values: Mapping[str, Any], record_id: UUID, record: Mapping[str, Any]
    ) -> dict[str, Any]:
        """`record` holds the values of the declared fields, on which it may depend what is asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """The circumstances a draft is prepared in."""

    now: datetime
    today: date
    region: str = "CN"
    check_custom: CheckCustom | None = None


@dataclass(slots=True)
class ContactRow:
    """A contact point to be stored; names are the columns of the table."""

    kind: str
    purpose: str
    value: str
    normalised: str
    consent: str
    consent_at: datetime | None
    is_primary: bool
    valid_from: date | None
    valid_until: date | None
    created_at: datetime
    id: UUID = field(default_factory=uuid7)


@dataclass(slots=True)
class AddressRow:
    """An address to be stored; names are the columns of the table."""

    purpose: str
    text: str
    country: str
    province: str
    city: str
    district: str
    street: str
    postcode: str
    is_primary: bool
    valid_from: date | None
    valid_until: date | None
    created_at: datetime
    id: UUID = field(default_factory=uuid7)


@dataclass(slots=True)
class CertificateRow:
    """A certificate to be stored, its number still in the clear."""

    type: str
    number: str
    issuer: str
    valid_from: date | None
    valid_until: date | None
    told: CertificateTold


@dataclass(slots=True)
class Prepared:
    """A customer ready to be stored: the columns of its row and of those that hang on it. It lacks its number."""

    party: dict[str, Any]
    contacts: list[ContactRow]
    addresses: list[AddressRow]
    certificates: list[CertificateRow]
    draft: Draft

    @property
    def id(self) -> UUID:
        """The id the customer will have."""
        found: UUID = self.party["id"]
        return found

    def entry(self) -> Entry:
        """What the customer is found by; call it once the number is given."""
        return entry_of(self.party, self.contacts, [each.number for each in self.certificates])


def prepare_contact(draft: ContactDraft, setting: Setting, errors: Errors, at: str = "") -> ContactRow | None:
    """Check one contact point; what is wrong goes to `errors` under `at` and the name of the part."""
    value = draft.value.strip()
    if not value or len(value) > 254 or not value.isprintable():
        errors[f"{at}value"] = (
            [_("Enter a value.")] if not value else [_("This does not have the expected form.")]
        )
        return None
    if draft.kind not in _KINDS or draft.purpose not in _PURPOSES or draft.consent not in _CONSENTS:
        for name, words in (("kind", _KINDS), ("purpose", _PURPOSES), ("consent", _CONSENTS)):
            check_word(errors, at + name, getattr(draft, name), words)
        return None
    normalised = _normalised(draft.kind, value, setting.region)
    if normalised is None:
        email = draft.kind == ContactKind.EMAIL.value
        errors[f"{at}value"] = [
            _("This is not an e-mail address.") if email else _("This is not a phone number.")
        ]
        return None
    check_period(errors, at, draft.valid_from, draft.valid_until)
    return ContactRow(
        draft.kind, draft.purpose, value, normalised, draft.consent,
        None if draft.consent == "unknown" else setting.now, draft.primary, draft.valid_from,
        draft.valid_until, setting.now,
    )  # fmt: skip


def _normalised(kind: str, value: str, region: str) -> str | None:
    if kind == "phone" or kind == "fax":
        try:
            return normalise_phone(value, region)
        except NotAPhoneError:
            return None
    if kind == "email":
        folded = value.lower()
        return folded if _EMAIL.match(folded) else None
    return value.lower()


def prepare_address(draft: AddressDraft, setting: Setting, errors: Errors, at: str = "") -> AddressRow | None:
    """Check one address and find its parts; parts that were given win over those found in the text."""
    text = draft.text.strip() or "".join((draft.province, draft.city, draft.district)).strip()
    if not text or len(text) > 300:
        errors[f"{at}text"] = [_("Enter an address of at most 300 characters.")]
        return None
    check_word(errors, f"{at}purpose", draft.purpose, _ADDRESS_PURPOSES)
    check_period(errors, at, draft.valid_from, draft.valid_until)
    found = split_address(text)
    province, city, district = found.province, found.city, found.district
    if draft.province or draft.city or draft.district:
        given = find_place(draft.province, draft.city, draft.district)
        same = not given.city or given.city == city
        province, city = given.province or province, given.city or city
        district = given.district or (district if same else "")
    country = draft.country or (setting.region if found.province else "")
    return AddressRow(
        draft.purpose, text, country[:2], province[:40], city[:40], district[:40], found.street[:300],
        (draft.postcode or postcode_in(text))[:12], draft.primary, draft.valid_from, draft.valid_until, setting.now,
    )  # fmt: skip


def prepare_certificate(draft: CertificateDraft, errors: Errors, at: str = "") -> CertificateRow | None:
    """Check one certificate by the rules of its kind."""
    if draft.type not in _CERTIFICATES:
        check_word(errors, f"{at}type", draft.type, _CERTIFICATES)
        return None
    check_period(errors, at, draft.valid_from, draft.valid_until)
    try:
        number = normalise_certificate(draft.type, draft.number)
    except NotACertificateError as problem:
        errors[f"{at}number"] = [problem.reason]
        return None
    told = told_by(draft.type, number)
    about = CertificateTold(told.birth_date, told.gender, draft.valid_until)
    return CertificateRow(
        draft.type, number, draft.issuer.strip()[:120], draft.valid_from, draft.valid_until, about
    )


def make_primary(rows: list[Any], kind_of: Callable[[Any], str] = lambda row: "") -> None:
    """Of each kind exactly one is primary: the one that says so first, else the first."""
    chosen: dict[str, Any] = {}
    for row in rows:
        kind = kind_of(row)
        if kind not in chosen or (row.is_primary and not chosen[kind].is_primary):
            chosen[kind] = row
    for row in rows:
        row.is_primary = chosen[kind_of(row)] is row


def _contact_kind(row: ContactRow) -> str:
    return row.kind


def _contacts(draft: Draft, setting: Setting, errors: Errors) -> list[ContactRow]:
    rows: list[ContactRow] = []
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(draft.contacts):
        row = prepare_contact(each, setting, errors, f"contacts.{index}.")
        if row is not None and (row.kind, row.normalised) not in seen:
            seen.add((row.kind, row.normalised))
            rows.append(row)
    make_primary(rows, _contact_kind)
    return rows


def _addresses(draft: Draft, setting: Setting, errors: Errors) -> list[AddressRow]:
    found = [
        prepare_address(each, setting, errors, f"addresses.{at}.") for at, each in enumerate(draft.addresses)
    ]
    rows = [row for row in found if row is not None]
    make_primary(rows)
    return rows


def prepare(
    draft: Draft, setting: Setting, owner_id: UUID | None = None, unit_id: UUID | None = None
) -> Prepared:
    """Check a draft and derive everything that is stored. Raises Invalid naming each wrong part.

    `owner_id` and `unit_id` say whose the customer will be, whatever the draft asked for.
    """
    errors: Errors = {}
    name = clean_name(draft.name)
    check_draft(draft, name, setting.today, errors)
    check_children(draft, errors)
    contacts, addresses = _contacts(draft, setting, errors), _addresses(draft, setting, errors)
    found = [
        prepare_certificate(each, errors, f"certificates.{at}.") for at, each in enumerate(draft.certificates)
    ]
    certificates = list({row.number: row for row in found if row is not None}.values())
    party_id = uuid7()
    custom = _custom(draft, party_id, setting, errors)
    if errors:
        raise Invalid(errors)
    party = _party(draft, party_id, name, setting, certificates, custom)
    home = next((row for row in addresses if row.is_primary), None)
    party.update(
        owner_id=owner_id, unit_id=unit_id,
        primary_phone=primary_of(contacts, "phone"), primary_email=primary_of(contacts, "email"),
        province=home.province if home else "", city=home.city if home else "",
        district=home.district if home else "", country=draft.country or (home.country if home else ""),
    )  # fmt: skip
    known = known_of(
        party, contacts, address=bool(addresses), certificates=[row.told for row in certificates],
        today=setting.today, facts=bool(draft.facts),
    )  # fmt: skip
    party["quality"] = score(known)
    return Prepared(party, contacts, addresses, certificates, draft)


def _custom(draft: Draft, party_id: UUID, setting: Setting, errors: Errors) -> dict[str, Any]:
    if setting.check_custom is None:
        return dict(draft.custom)
    record = {name: getattr(draft, name) for name, _words in WORDS}
    try:
        return setting.check_custom(draft.custom, party_id, record)
    except Invalid as problem:
        errors.update(problem.fields)
        return {}


def _party(
    draft: Draft,
    party_id: UUID,
    name: str,
    setting: Setting,
    certificates: list[CertificateRow],
    custom: dict[str, Any],
) -> dict[str, Any]:
    kind = draft.kind or PartyKind.PERSON.value
    pinyin, initials, sort_name = name_columns(name, kind)
    # What an identity card says fills in what nobody entered.
    born = next((row.told.birth_date for row in certificates if row.told.birth_date), None)
    gender = next((row.told.gender for row in certificates if row.told.gender), "")
    return {
        "id": party_id, "number": "", "kind": kind, "name": name, "name_pinyin": pinyin,
        "name_initials": initials, "sort_name": sort_name, "legal_name": clean_name(draft.legal_name),
        "english_name": clean_name(draft.english_name), "primary_phone": "", "primary_email": "", "country": "",
        "province": "", "city": "", "district": "", "owner_id": None, "unit_id": None,
        "grade": draft.grade, "state": draft.state or State.POTENTIAL.value,
        "relation_kind": draft.relation_kind, "type": draft.type, "bond": draft.bond, "stage": draft.stage,
        "relation_stage": draft.relation_stage, "industry": draft.industry.strip(), "source": draft.source,
        "birthday": draft.birthday or born, "gender": draft.gender or gender, "quality": 0, "custom": custom,
        "version": 1, "created_at": setting.now, "updated_at": setting.now, "merged_into_id": None,
        "deleted_at": None,
    }  # fmt: skip
