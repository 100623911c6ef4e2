"""What kind of customer somebody is, whose it is, and how it is marked: for one or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import StringConstraints

from zhike.customers.actions.update import current, plain, remember_many
from zhike.customers.models import Party, PartyTag
from zhike.customers.records import COLUMNS, conclude_many, open_parties, require_seen, require_writable
from zhike.customers.store import tags_named
from zhike.customers.types.words import Bond, CustomerType, Grade, RelationKind, RelationStage, Stage, State
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.events import changes_between
from zhike.kernel.staff import names_of_units, units_of_staff

Customers = Annotated[list[UUID], about(gettext_lazy("Customers"))]
Tags = Annotated[
    list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]],
    about(gettext_lazy("Tags")),
]

Told = list[tuple[Party, Mapping[str, tuple[Any, Any]]]]


@dataclass(frozen=True, slots=True)
class Changed:
    """How many customers were changed; those that were so already are not counted."""

    changed: int


@action(
    "customers.classify", resource="customers", label=gettext_lazy("Classify customers"),
    permission="customers.update", bulk=True,
)  # fmt: skip
def classify(
    context: Context,
    customers: Customers,
    *,
    state: Annotated[State | None, about(gettext_lazy("State"))] = None,
    relation_kind: Annotated[RelationKind | None, about(gettext_lazy("Relation to us"))] = None,
    type: Annotated[CustomerType | None, about(gettext_lazy("Type"))] = None,
    bond: Annotated[Bond | None, about(gettext_lazy("Bond"))] = None,
    stage: Annotated[Stage | None, about(gettext_lazy("Lifecycle stage"))] = None,
    relation_stage: Annotated[RelationStage | None, about(gettext_lazy("Relation stage"))] = None,
    grade: Annotated[Grade | None, about(gettext_lazy("Grade"))] = None,
) -> Changed:
    """Set state, kind, type, bond, lifecycle stages or grade; what is not given stays. The past is kept."""
    given = {
        "state": state, "relation_kind": relation_kind, "type": type, "bond": bond, "stage": stage,
        "relation_stage": relation_stage, "grade": grade,
    }  # fmt: skip
    values = {name: plain(value) for name, value in given.items() if value is not None}
    if not values:
        raise Invalid({"__all__": _("Say what to change.")})
    require_writable(context, values)
    return _set(context, open_parties(context, customers), values, "customers.classified")


@action(
    "customers.assign", resource="customers", label=gettext_lazy("Assign customers"), bulk=True
)  # fmt: skip
def assign(
    context: Context,
    customers: Customers,
    *,
    owner: Annotated[UUID | None, about(gettext_lazy("Account manager"))] = None,
    unit: Annotated[UUID | None, about(gettext_lazy("Unit"))] = None,
    release: Annotated[bool, about(gettext_lazy("Without an account manager"))] = False,
) -> Changed:
    """Give customers to an account manager (and the manager's unit, unless another is named), or to a unit.

    `release` takes the account manager away: the customers are free for whoever comes first.
    """
    values: dict[str, UUID | None] = {"owner": None} if release else {}
    if owner is not None and not release:
        found = units_of_staff([owner])
        if not found:
            raise Invalid({"owner": _("There is no such person or unit.")})
        values |= {"owner": owner} | ({"unit": found[owner]} if found[owner] and unit is None else {})
    if unit is not None:
        if not names_of_units([unit]):
            raise Invalid({"unit": _("There is no such person or unit.")})
        values["unit"] = unit
    if not values:
        raise Invalid({"__all__": _("Say what to change.")})
    require_writable(context, values)
    return _set(context, open_parties(context, customers), values, "customers.assigned")


def _set(context: Context, parties: list[Party], values: dict[str, Any], kind: str) -> Changed:
    told: Told = []
    for party in parties:
        before = {name: current(party, name) for name in values}
        changes = changes_between(before, values)
        if changes:
            for name, (_old, new) in changes.items():
                setattr(party, COLUMNS.get(name, name), new)
            told.append((party, changes))
    remember_many(told, context.now)
    columns = [COLUMNS.get(name, name) for name in values]
    return Changed(conclude_many(context, told, kind, columns, alike=True))


@action("customers.tag", resource="customers", label=gettext_lazy("Tag customers"), bulk=True)
def tag(context: Context, customers: Customers, tags: Tags) -> Changed:
    """Put tags on customers; tags that do not exist yet are made."""
    require_seen(context, "tag")
    parties = open_parties(context, customers)
    ids = tags_named(tags, context.now)
    there = _tags_on(parties, list(ids.values()))
    told: Told = []
    rows = []
    for party in parties:
        fresh = sorted(name for name, each in ids.items() if (party.pk, each) not in there)
        if fresh:
            rows += [PartyTag(party=party, tag_id=ids[name]) for name in fresh]
            told.append((party, {"tags": ([], fresh)}))
    PartyTag.objects.bulk_create(rows, batch_size=1000)
    return Changed(conclude_many(context, told, "customers.tagged", [], alike=True))


@action(
    "customers.untag",
    resource="customers",
    label=gettext_lazy("Remove tags"),
    permission="customers.tag",
    bulk=True,
)
def untag(context: Context, customers: Customers, tags: Tags) -> Changed:
    """Take tags off customers. A customer without them stays as it is."""
    require_seen(context, "tag")
    parties = open_parties(context, customers)
    rows = PartyTag.objects.filter(party__in=parties, tag__name__in=tags)
    gone: dict[UUID, list[str]] = {}
    for party_id, name in rows.values_list("party_id", "tag__name"):
        gone.setdefault(party_id, []).append(name)
    rows.delete()
    told: Told = [(party, {"tags": (sorted(gone[party.pk]), [])}) for party in parties if party.pk in gone]
    return Changed(conclude_many(context, told, "customers.untagged", [], alike=True))


def _tags_on(parties: list[Party], tags: list[UUID]) -> set[tuple[UUID, UUID]]:
    return set(PartyTag.objects.filter(party__in=parties, tag__in=tags).values_list("party_id", "tag_id"))
