"""The facts of a customer in sections, as the fields declare them; each section is changed where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from zhike.customers.queries import CUSTOMERS
from zhike.customers.types import CustomerCard, CustomerChanges
from zhike.kernel.actor import Context, system
from zhike.kernel.conditions import holds, parse_condition
from zhike.kernel.custom import definitions
from zhike.kernel.fields import Field, Kind, readable_fields, right_on
from zhike.kernel.rights import FieldRight
from zhike.web.lists.show import names_for, show

# What has a card of its own, or stands in the head.
_ELSEWHERE = frozenset(
    {"number", "roles", "certificate", "phone", "email", "address", "tags", "note", "quality", "version", "kind",
     "name_pinyin", "country", "province", "city", "district"}
)  # fmt: skip
CHANGEABLE = frozenset(CustomerChanges.model_fields) - {"custom"}
OF_PERSONS, OF_FIRMS = frozenset({"gender", "birthday"}), frozenset({"industry", "legal_name"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One field with its value as the reader sees it."""

    name: str
    label: Any
    html: SafeString
    wide: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of facts; `editable` when the reader may change at least one of them."""

    key: str
    title: str
    facts: list[Fact]
    editable: bool


def _fits(found: CustomerCard, item: Field, asked: frozenset[str]) -> bool:
    """Persons have no trade, firms no birthday, and fields of one's own their condition, unless they are filled in."""
    if found.values.get(item.name) not in (None, "", [], ()):
        return True
    if item.custom:
        return item.name in asked
    other = OF_FIRMS if found.kind == "person" else OF_PERSONS
    return item.name not in other


def _asked_for(found: CustomerCard, context: Context) -> frozenset[str]:
    """The user-defined fields whose condition holds for what the reader sees of this customer."""
    record = {**dict.fromkeys(CUSTOMERS.fields), **found.values, "kind": found.kind}
    asker = Context(actor=system(), now=context.now)
    return frozenset(
        key for key, item in definitions(CUSTOMERS.name).items()
        if not item.shown_if or holds(parse_condition(asker, CUSTOMERS, item.shown_if), record)
    )  # fmt: skip


def key_of(item: Field) -> str:
    """The key of a field's section in addresses, the same in every language."""
    with override("en"):
        text = str(item.section)
    return slugify(text, allow_unicode=True) or "more"


def fields_of_section(context: Context, key: str) -> list[Field]:
    """The readable fields of a section that have no card of their own."""
    return [
        item for name, item in readable_fields(context.actor, CUSTOMERS).items()
        if name not in _ELSEWHERE and not item.score and key_of(item) == key
    ]  # fmt: skip


def changeable(context: Context, item: Field) -> bool:
    """Whether the actor may change this field through an update."""
    known = item.custom or item.name in CHANGEABLE
    return known and right_on(context.actor, CUSTOMERS, item) >= FieldRight.WRITE


def sections(context: Context, found: CustomerCard) -> list[Section]:
    """The sections in the order in which the fields are declared."""
    fields: dict[str, list[Field]] = {}
    for name, item in readable_fields(context.actor, CUSTOMERS).items():
        if name not in _ELSEWHERE and not item.score:
            fields.setdefault(key_of(item), []).append(item)
    names: dict[UUID, str] = {
        each: name
        for name, each in (
            (found.owner_name, found.values.get("owner")), (found.unit_name, found.values.get("unit")),
        )
        if isinstance(each, UUID)
    }  # fmt: skip
    custom = [
        item for items in fields.values() for item in items if item.custom and item.kind == Kind.REFERENCE
    ]
    if custom:
        names |= names_for(custom, [found.values])
    may = found.may_write and context.actor.may("customers.update")
    asked = _asked_for(found, context)
    shown = {key: [item for item in items if _fits(found, item, asked)] for key, items in fields.items()}
    return [
        Section(
            key, str(items[0].section) or _("More"),
            [_fact(found, item, names, context) for item in items],
            may and any(changeable(context, item) for item in items),
        )
        for key, items in shown.items() if items
    ]  # fmt: skip


def _fact(found: CustomerCard, item: Field, names: dict[UUID, str], context: Context) -> Fact:
    html = show(item, found.values.get(item.name), names, context.now)
    return Fact(item.name, item.label, html, item.kind == Kind.LONG_TEXT)
