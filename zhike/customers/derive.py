"""What follows from what was entered: readings, primary contacts, quality, and what a record is found by."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from zhike.customers.phones import is_dialable
from zhike.customers.quality import Known
from zhike.customers.types.words import Consent, ContactKind, PartyKind
from zhike.kernel.pinyin import reading
from zhike.kernel.search import Entry

ORGANISATION = PartyKind.ORGANISATION.value
_PHONE, _FAX, _EMAIL = ContactKind.PHONE.value, ContactKind.FAX.value, ContactKind.EMAIL.value
_GRANTED = Consent.GRANTED.value


class Contacted(Protocol):
    """A contact point, saved or not."""

    kind: str
    normalised: str
    consent: str
    is_primary: bool
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class CertificateTold:
    """What the quality of a record needs to know of one certificate."""

    birth_date: date | None
    gender: str
    valid_until: date | None


def clean_name(text: str) -> str:
    """A name as written, without invisible signs and doubled spaces."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cn", "Cs"))
    return " ".join(kept.split())


def name_columns(name: str, kind: str) -> tuple[str, str, str]:
    """Pinyin, initials and sort name of a name."""
    read = reading(name, kind != ORGANISATION)
    return read.pinyin[:600], read.initials[:200], read.sort_key[:200]


def primary_of(contacts: Iterable[Contacted], kind: str) -> str:
    """The normalised value of the primary contact point of a kind, or nothing."""
    return next((each.normalised for each in contacts if each.kind == kind and each.is_primary), "")


def contact_quality(contacts: Sequence[Contacted], today: date) -> dict[str, Any]:
    """What contact points add to the quality of a record."""
    phones = [each for each in contacts if each.kind == _PHONE]
    emails = [each for each in contacts if each.kind == _EMAIL]
    first = [each for each in (*phones, *emails) if each.is_primary]
    return {
        "phone": bool(phones),
        "email": bool(emails),
        "consent": any(each.consent == _GRANTED for each in contacts),
        "phone_unusable": bool(phones) and not any(is_dialable(each.normalised) for each in phones),
        "contact_expired": any(each.valid_until is not None and each.valid_until <= today for each in first),
    }


def known_of(
    party: Mapping[str, Any],
    contacts: Sequence[Contacted],
    *,
    address: bool,
    certificates: Sequence[CertificateTold],
    today: date,
    facts: bool = False,
    people: bool = False,
    seen_date: date | None = None,
) -> Known:
    """What the quality of a record is judged by. `party` maps column → value."""
    born = next((told.birth_date for told in certificates if told.birth_date), None)
    gender = next((told.gender for told in certificates if told.gender), "")
    return Known(
        organisation=party["kind"] == ORGANISATION,
        city=bool(party["city"]),
        address=address,
        certificate=bool(certificates),
        birthday=party["birthday"] is not None,
        gender=bool(party["gender"]),
        industry=bool(party["industry"]),
        source=bool(party["source"]),
        facts=facts,
        people=people,
        birthday_contradicts=born is not None and party["birthday"] not in (None, born),
        gender_contradicts=bool(gender) and party["gender"] not in ("", gender),
        certificate_expired=any(
            told.valid_until is not None and told.valid_until <= today for told in certificates
        ),
        seen_date=seen_date,
        **contact_quality(contacts, today),
    )


def entry_of(
    party: Mapping[str, Any], contacts: Iterable[Contacted], certificates: Iterable[str] = ()
) -> Entry:
    """What a record is found by. `certificates` are numbers in the clear; the index keeps keyed hashes only."""
    names = [party["name"]]
    names += [party[key] for key in ("legal_name", "english_name") if party[key] and party[key] != names[0]]
    phones: list[str] = []
    emails: list[str] = []
    for each in contacts:
        if each.kind == _PHONE or each.kind == _FAX:
            phones.append(each.normalised.partition(";")[0])
        elif each.kind == _EMAIL:
            emails.append(each.normalised)
    return Entry(
        names=tuple(names),
        phones=tuple(phones),
        emails=tuple(emails),
        certificates=tuple(certificates),
        words=(party["number"],),
        person=party["kind"] != ORGANISATION,
    )
