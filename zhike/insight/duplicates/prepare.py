"""From records as they are kept to the columns that are compared: one function for a million and for one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate, chain
from typing import NamedTuple

from zhike.insight.duplicates import text
from zhike.insight.duplicates.types import Record

PERSON = "person"
ORGANISATION = "organisation"
_LOOKS_LIKE_ORGANISATION = re.compile(r"公司|集团|\b(?:co\.?,?\s*ltd|limited|inc|corp|gmbh|llc)\b", re.I)
SHORTEST_LOCAL_PART = 6
ROLE_MAILBOXES = ("service", "support", "contact", "office", "webmaster", "postmaster", "noreply", "customer")
_ADDRESS_CODE = 48


class Prepared(NamedTuple):
    """The comparable side of one record; empty text means unknown."""

    kind: str
    name_key: str
    core_key: str
    name_code: str
    pinyin_key: str
    sound_key: str
    swap_key: str
    pinyin_swap: str
    initials: str
    phone1: str
    phones: Sequence[str]
    shared_phones: Sequence[str]
    email1: str
    local1: str
    emails: Sequence[str]
    shared_emails: Sequence[str]
    certificates: Sequence[str]
    province_key: str
    city_key: str
    district_key: str
    address_key: str
    address_code: str
    birth: str


@dataclass(frozen=True, slots=True)
class Raw:
    """Columns as they came, with empty text and empty lists for what is unknown."""

    kind: Sequence[str]
    name: Sequence[str]
    name_pinyin: Sequence[str]
    name_initials: Sequence[str]
    given: Sequence[str]
    surname: Sequence[str]
    phones: Sequence[Sequence[str]]
    emails: Sequence[Sequence[str]]
    certificate_hashes: Sequence[Sequence[str]]
    province: Sequence[str]
    city: Sequence[str]
    district: Sequence[str]
    address: Sequence[str]
    birth_date: Sequence[str]


def raw_of(records: Sequence[Record]) -> Raw:
    """The records turned on their side."""
    return Raw(
        kind=[r.kind or "" for r in records],
        name=[r.name or "" for r in records],
        name_pinyin=[r.name_pinyin or "" for r in records],
        name_initials=[r.name_initials or "" for r in records],
        given=[r.given or "" for r in records],
        surname=[r.surname or "" for r in records],
        phones=[r.phones for r in records],
        emails=[r.emails for r in records],
        certificate_hashes=[r.certificate_hashes for r in records],
        province=[r.province or "" for r in records],
        city=[r.city or "" for r in records],
        district=[r.district or "" for r in records],
        address=[r.address or "" for r in records],
        birth_date=[r.birth_date or "" for r in records],
    )


def prepare_records(records: Sequence[Record], shared: frozenset[str] = frozenset()) -> list[Prepared]:
    """The comparable sides of `records`; contacts whose `fingerprint` is in `shared` count as shared."""
    if not records:
        return []
    columns = prepare_columns(raw_of(records))
    phones, shared_phones = _part(columns["phones"], shared)
    emails, shared_emails = _part(columns["emails"], shared)
    email1 = _first(emails)
    columns |= {"phones": phones, "shared_phones": shared_phones, "phone1": _first(phones)}
    columns |= {"emails": emails, "shared_emails": shared_emails, "email1": email1}
    columns["local1"] = [_local_part(e) for e in email1]
    return [Prepared(*row) for row in zip(*(columns[name] for name in Prepared._fields), strict=True)]


def prepare_columns(raw: Raw) -> dict[str, Sequence[str] | Sequence[Sequence[str]]]:
    """All columns of `Prepared` but those that hang on shared contacts, which only all records can tell."""
    columns: dict[str, Sequence[str] | Sequence[Sequence[str]]] = {
        **_names(raw),
        **_places(raw),
        "phones": _each(raw.phones, text.phone),
        "emails": _each(raw.emails, text.email),
        "certificates": [_distinct(values) for values in raw.certificate_hashes],
        "birth": text.date(text.fold(text.lines_of(raw.birth_date))).split("\n"),
    }
    return columns


def fingerprint(contact: str) -> str:
    """A short hash of a phone or e-mail, so that a model need not hold the contact itself."""
    return blake2b(contact.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _names(raw: Raw) -> Mapping[str, Sequence[str]]:
    written = [n or _composed(g, s) for n, g, s in zip(raw.name, raw.given, raw.surname, strict=True)]
    kinds = [_kind(k, n) for k, n in zip(raw.kind, written, strict=True)]
    lines = text.fold(text.lines_of(written))
    name_key = text.squeeze(lines).split("\n")
    core = text.core_of_person(lines).split("\n")
    _put_organisations(core, lines, kinds)
    core_lines = text.squeeze("\n".join(core))
    core_key = [c or n for c, n in zip(core_lines.split("\n"), name_key, strict=True)]
    heard = _heard(raw.name_pinyin, core)
    pinyin_key = text.pinyin("\n".join(heard))
    return {
        "kind": kinds,
        "name_key": name_key,
        "core_key": core_key,
        "name_code": [c[:64] for c in text.code("\n".join(core_key)).split("\n")],
        "pinyin_key": pinyin_key.split("\n"),
        "sound_key": text.sound(pinyin_key).split("\n"),
        "swap_key": [_sorted_parts(c) for c in core],
        "pinyin_swap": ["".join(sorted(h.split())) for h in heard],
        "initials": _initials(raw.name_initials, heard),
    }


def _put_organisations(core: list[str], lines: str, kinds: Sequence[str]) -> None:
    """Put the core of company names in the places of organisations."""
    at = [row for row, kind in enumerate(kinds) if kind == ORGANISATION]
    if not at:
        return
    folded = lines.split("\n") if len(at) < len(kinds) else []
    some = "\n".join([folded[row] for row in at]) if folded else lines
    for row, name in zip(at, text.core_of_organisation(some).split("\n"), strict=True):
        core[row] = name


def _composed(given: str, surname: str) -> str:
    """One name of its two parts: surname first without a blank in Chinese, last elsewhere."""
    parts = given + surname
    return (
        surname + given
        if parts and not parts.isascii() and parts[0] >= "\u3400"
        else f"{given} {surname}".strip()
    )


def _kind(kind: str, name: str) -> str:
    if kind in (PERSON, ORGANISATION):
        return kind
    return ORGANISATION if _LOOKS_LIKE_ORGANISATION.search(name) else PERSON


def _heard(given_pinyin: Sequence[str], core: Sequence[str]) -> list[str]:
    """Pinyin as it came; for names in Latin letters without one, the name itself."""
    lines = text.spaced(text.fold(text.lines_of(given_pinyin))).split("\n")
    return [p or (c if c.isascii() else "") for p, c in zip(lines, core, strict=True)]


def _initials(given_initials: Sequence[str], heard: Sequence[str]) -> list[str]:
    lines = text.squeeze(text.fold(text.lines_of(given_initials))).split("\n")
    return [i or "".join([word[0] for word in h.split()]) for i, h in zip(lines, heard, strict=True)]


def _sorted_parts(core: str) -> str:
    """The words of a name, or its characters where it is not in Latin letters, in alphabetical order."""
    return "".join(sorted(core.split() if core.isascii() else core.replace(" ", "")))


def _places(raw: Raw) -> Mapping[str, Sequence[str]]:
    province, city, district = map(_place, (raw.province, raw.city, raw.district))
    address = text.address(text.fold(text.lines_of(raw.address)))
    return {
        "province_key": province,
        "city_key": [f"{p}|{c}" if c else "" for p, c in zip(province, city, strict=True)],
        "district_key": [
            f"{p}|{c}|{d}" if d else "" for p, c, d in zip(province, city, district, strict=True)
        ],
        "address_key": address.split("\n"),
        "address_code": [a[:_ADDRESS_CODE] for a in text.code(address).split("\n")],
    }


def _place(values: Sequence[str]) -> list[str]:
    """Places come again and again: fold each but once."""
    distinct = list(dict.fromkeys(values))
    folded = dict(zip(distinct, text.place(text.fold(text.lines_of(distinct))).split("\n"), strict=True))
    return [folded[value] for value in values]


def _each(lists: Sequence[Sequence[str]], normalise: text.Folder) -> list[Sequence[str]]:
    """Normalise all values of all lists in one go; empty and doubled values fall out."""
    flat = list(chain.from_iterable(lists))
    if not flat:
        return [()] * len(lists)
    values = normalise(text.fold(text.lines_of(flat))).split("\n")
    ends = list(accumulate(map(len, lists)))
    return [_distinct(values[end - len(part) : end]) for part, end in zip(lists, ends, strict=True)]


def _distinct(values: Sequence[str]) -> Sequence[str]:
    """The values without doubles and empty ones; most lists hold one value and need no look at doubles."""
    if len(values) < 2:
        return values if not values or values[0] else ()
    return list(dict.fromkeys(filter(None, values)))


def _first(lists: Sequence[Sequence[str]]) -> list[str]:
    return [values[0] if values else "" for values in lists]


def _local_part(email: str) -> str:
    local = email.partition("@")[0]
    return local if len(local) >= SHORTEST_LOCAL_PART and local not in ROLE_MAILBOXES else ""


def _part(
    lists: Sequence[str] | Sequence[Sequence[str]], shared: frozenset[str]
) -> tuple[list[Sequence[str]], list[Sequence[str]]]:
    """The contacts of one's own and the shared ones, list by list."""
    if not shared:
        return list(lists), [()] * len(lists)
    own: list[Sequence[str]] = []
    common: list[Sequence[str]] = []
    for values in lists:
        held = [value for value in values if fingerprint(value) in shared]
        common.append(held)
        own.append([value for value in values if value not in held] if held else values)
    return own, common
