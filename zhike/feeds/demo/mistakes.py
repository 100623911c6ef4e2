"""What goes wrong in every customer file: people entered twice, slips of the pen, things left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from zhike.customers.types import AddressDraft, ContactDraft, Draft
from zhike.feeds.demo.codes import mobile
from zhike.feeds.demo.words import words

# Characters that are heard alike, and those that are seen alike.
_TWINS = {character: group for group in words("alike") for character in group}
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")


def second_record(by: Random, first: Draft) -> Draft:
    """The same customer as somebody else would enter it: with a slip, less known, or an old number."""
    name = _short_firm(by, first.name) if first.kind == "organisation" else _misspelt(by, first.name)
    contacts = _other_contacts(by, first)
    keep_address = by.random() < 0.6
    addresses = [
        AddressDraft(_rewritten(by, each.text), each.purpose) for each in first.addresses if keep_address
    ]
    return replace(
        first, name=name, contacts=contacts, addresses=addresses, tags=(), note="", facts=(), custom={},
        certificates=first.certificates if by.random() < 0.35 else (),
        birthday=first.birthday if by.random() < 0.6 else None, legal_name="",
        english_name="" if by.random() < 0.5 else first.english_name,
        source=by.choice(["web", "registration", "exhibition", "telemarketing"]), external_ids=(),
    )  # fmt: skip


def spoilt(by: Random, draft: Draft) -> Draft:
    """The draft with a mistake that only a careful reader finds."""
    way = by.randrange(6)
    if way == 0:
        return replace(draft, contacts=())
    if way == 1:
        return replace(draft, addresses=(), source="")
    if way == 2 and draft.kind == "person" and draft.gender:
        return replace(draft, gender="male" if draft.gender == "female" else "female")
    if way == 3 and draft.birthday:
        return replace(
            draft,
            birthday=draft.birthday + timedelta(days=365 * by.choice([1, 10]))
            if draft.birthday.year < 1995
            else None,
        )
    if way == 4:
        stale = [replace(each, valid_until=None, purpose="other") for each in draft.contacts]
        return replace(
            draft, contacts=stale, addresses=[AddressDraft(each.text[:9]) for each in draft.addresses]
        )
    return replace(draft, source="", relation_kind="", type="", gender="", birthday=None)


def _misspelt(by: Random, name: str) -> str:
    places = [at for at, character in enumerate(name) if character in _TWINS]
    if not places or by.random() < 0.5:
        return name
    at = by.choice(places)
    twin = by.choice([each for each in _TWINS[name[at]] if each != name[at]])
    return name[:at] + twin + name[at + 1 :]


def _short_firm(by: Random, name: str) -> str:
    if by.random() < 0.3:
        return name.replace("（", "(").replace("）", ")")
    for form in _FORMS:
        if name.endswith(form) and len(name) > len(form) + 4:
            short = name.removesuffix(form)
            return short[2:] if by.random() < 0.3 and len(short) >= 7 else short
    return name


def _other_contacts(by: Random, first: Draft) -> list[ContactDraft]:
    kept = [replace(each, consent="unknown") for each in first.contacts if each.kind in ("phone", "email")]
    way = by.random()
    if way < 0.3 and kept and first.kind == "person":
        return [ContactDraft(mobile(by), "phone", "mobile", primary=True), *kept[1:2]]
    if way < 0.45 and kept and kept[0].kind == "phone":
        digits = kept[0].value
        at = by.randrange(len(digits) - 4, len(digits) - 1)
        return [replace(kept[0], value=digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])]
    return kept[:1] if way < 0.8 else kept


def _rewritten(by: Random, address: str) -> str:
    for long, short in (("浙江省", ""), ("江苏省", ""), ("广东省", "广东"), ("幢", "栋"), ("号", "号 ")):
        if long in address and by.random() < 0.5:
            address = address.replace(long, short, 1)
    return address
