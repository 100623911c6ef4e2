"""Changes to the facts of a customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.checks import Errors, check_birthday
from zhike.customers.contacts import replace_primary
from zhike.customers.derive import clean_name, name_columns
from zhike.customers.models import Party, PastValue
from zhike.customers.records import (
    COLUMNS,
    conclude,
    open_party,
    require_writable,
    today_of,
)
from zhike.customers.resource import CUSTOMERS
from zhike.customers.types.drafts import CustomerChanges
from zhike.customers.types.words import Aspect
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.custom import validate_custom
from zhike.kernel.errors import Invalid
from zhike.kernel.events import changes_between
from zhike.kernel.saved import Saved
from zhike.kernel.versions import check_version

PRIMARIES = ("phone", "email", "address")
_ASPECTS = frozenset(Aspect.values)
_NAMED = ("name", "legal_name", "english_name")


def plain(value: Any) -> Any:
    """A value as the table keeps it: words as text."""
    return value.value if isinstance(value, Enum) else value


@action("customers.update", resource="customers", label=gettext_lazy("Change customer"))
def update(
    context: Context,
    customer: Annotated[UUID, about(gettext_lazy("Customer"))],
    changes: Annotated[CustomerChanges, about(gettext_lazy("Changes"))],
    *,
    version: Annotated[int | None, about(gettext_lazy("Version seen"))] = None,
) -> Saved:
    """Change any of a customer's fields; the others stay. With `version`, a stale save is refused with both sides."""
    party = open_party(context, customer)
    asked = {name: plain(getattr(changes, name)) for name in changes.model_fields_set}
    custom = asked.pop("custom", None) or {}
    primaries = {name: asked.pop(name) or "" for name in PRIMARIES if name in asked}
    require_writable(context, [*asked, *primaries, *custom])
    theirs = {name: current(party, name) for name in (*asked, *primaries)}
    check_version(party, version, yours={**asked, **primaries, **custom}, theirs={**theirs, **party.custom})
    before = {name: current(party, name) for name in asked}
    _assign(party, asked, today_of(context.now))
    told = changes_between(before, {name: current(party, name) for name in asked})
    remember(party, told, context.now)
    told |= _set_custom(context, party, custom)
    for name, value in primaries.items():
        told |= replace_primary(context, party, name, value)
    if not told:
        return Saved(party.pk, party.version)
    return conclude(context, party, "customers.updated", changes=told, derived=True)


def current(party: Party, name: str) -> Any:
    """What a field of the customer holds now."""
    return getattr(party, COLUMNS.get(name, name), None)


def _assign(party: Party, values: Mapping[str, Any], today: date) -> None:
    errors: Errors = {}
    check_birthday(errors, values.get("birthday"), today)
    for name, value in values.items():
        if name in _NAMED:
            value = clean_name(value or "")
        if name in ("name", "kind", "state") and not value:
            errors[name] = [_("This field is required.")]
        setattr(party, COLUMNS.get(name, name), value if name == "birthday" else value or "")
    if errors:
        raise Invalid(errors)
    if "name" in values or "kind" in values:
        party.name_pinyin, party.name_initials, party.sort_name = name_columns(party.name, party.kind)


def remember(party: Party, changes: Mapping[str, tuple[Any, Any]], now: datetime) -> dict[str, UUID]:
    """Keep the values that an aspect of the customer had until now as half-open periods: aspect → id."""
    return {row.aspect: row.pk for row in remember_many([(party, changes)], now)}


def remember_many(
    told: Iterable[tuple[Party, Mapping[str, tuple[Any, Any]]]], now: datetime
) -> list[PastValue]:
    """The same for many customers in two statements; returns the periods that were kept."""
    ended = [
        (party, name, old)
        for party, changes in told
        for name, (old, _new) in changes.items()
        if name in _ASPECTS
    ]
    if not ended:
        return []
    parties, aspects = {party.pk for party, _name, _old in ended}, {name for _party, name, _old in ended}
    ends = PastValue.objects.filter(party__in=parties, aspect__in=aspects).values_list("party_id", "aspect")
    since = {(party, name): last for party, name, last in ends.annotate(last=Max("until"))}
    rows = [
        PastValue(party=party, aspect=name, value=str(old or ""), since=begun, until=now)
        for party, name, old in ended
        # What was changed twice in one moment held for no time at all.
        if (begun := since.get((party.pk, name), party.created_at)) < now
    ]
    PastValue.objects.bulk_create(rows)
    return rows


def _set_custom(context: Context, party: Party, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    if not values:
        return {}
    before = dict(party.custom)
    record = {name: current(party, name) for name in CUSTOMERS.fields}
    party.custom = validate_custom(
        CUSTOMERS, values, before=before, record_id=party.pk, context=context, record=record
    )
    return changes_between(before, party.custom)
