"""Relations between customers, and the people who decide at a customer."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.customers.actions.contacts import Added, Customer
from zhike.customers.actions.create import create_from
from zhike.customers.models import Party, Relation, Role
from zhike.customers.records import conclude, derive, news_of, open_party, require_seen, see_party
from zhike.customers.types.drafts import ContactDraft, Draft, Name
from zhike.customers.types.words import (
    KEY_PERSON_TYPES,
    ManageGrade,
    PartyKind,
    RelationType,
    RoleName,
    State,
)
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.events import announce
from zhike.kernel.saved import Saved

Title = Annotated[str, Bound(max_length=120), about(gettext_lazy("Position"))]


@action("customers.relate", resource="customers", label=gettext_lazy("Relate customers"))
def relate(
    context: Context,
    customer: Customer,
    other: Annotated[UUID, about(gettext_lazy("The other"))],
    type: Annotated[RelationType, about(gettext_lazy("The other is …"))],
    *,
    reverse: Annotated[bool, about(gettext_lazy("The other way round"))] = False,
    manage_grade: Annotated[ManageGrade | None, about(gettext_lazy("Managed at"))] = None,
    title: Title = "",
    note: Annotated[str, Bound(max_length=300), about(gettext_lazy("Remark"))] = "",
    valid_from: Annotated[date | None, about(gettext_lazy("Valid from"))] = None,
    valid_until: Annotated[date | None, about(gettext_lazy("Valid until"))] = None,
) -> Added:
    """Say what another party is to a customer: parent company, group, spouse, employer, referrer, decider …

    `reverse` says what the customer is to the other. `manage_grade` belongs to the branches of a group.
    """
    party, twin = open_party(context, customer), see_party(context, other)
    source, target = (party, twin) if reverse else (twin, party)
    _check(source, target, type, manage_grade, valid_from, valid_until)
    row = Relation(
        source=source, target=target, type=type.value, manage_grade=manage_grade.value if manage_grade else "",
        title=title.strip(), note=note.strip(), valid_from=valid_from, valid_until=valid_until,
    )  # fmt: skip
    return _add(context, row, party, twin)


def _add(context: Context, row: Relation, party: Party, twin: Party) -> Added:
    """Store a relation of a party that is open for change to a twin, whoever may see the twin."""
    require_seen(context, "relation")
    row.created_at = context.now
    row.save(force_insert=True)
    return Added(row.pk, _told(context, row, party, twin, "customers.related").version)


def _told(context: Context, row: Relation, party: Party, twin: Party, kind: str) -> Saved:
    """The fact stands in the timelines of both, each naming the other by number."""

    def data(other: Party) -> dict[str, object]:
        return {"relation": {
            "type": row.type, "other": other.pk, "other_number": other.number, "is_source": row.source_id == other.pk,
        }}  # fmt: skip

    announce(context, news_of(twin, kind, data=data(party)))
    if twin.kind == PartyKind.ORGANISATION:
        derive(context, twin)
        Party.objects.filter(pk=twin.pk).update(quality=twin.quality)
    return conclude(context, party, kind, data=data(twin), derived=True)


def _check(
    source: Party,
    target: Party,
    kind: RelationType,
    grade: ManageGrade | None,
    start: date | None,
    end: date | None,
) -> None:
    wrong: dict[str, str] = {}
    if source.pk == target.pk:
        wrong["other"] = _("A customer cannot be related to itself.")
    firm = PartyKind.ORGANISATION.value
    if kind in KEY_PERSON_TYPES | {RelationType.SPOUSE} and source.kind == firm:
        wrong["type"] = _("Only a person can be this.")
    if kind in (RelationType.PARENT, RelationType.BRANCH, RelationType.EMPLOYER) and source.kind != firm:
        wrong["type"] = _("Only an organisation can be this.")
    if grade is not None and kind != RelationType.BRANCH:
        wrong["manage_grade"] = _("Only a branch of a group is managed at a level.")
    if start and end and start >= end:
        wrong["valid_until"] = _("A period must end after it starts.")
    if (
        end is None
        and Relation.objects.filter(source=source, target=target, type=kind.value, valid_until=None).exists()
    ):
        wrong["type"] = _("This relation is there already.")
    if wrong:
        raise Invalid(wrong)


def _open_relation(context: Context, customer: UUID, relation: UUID) -> tuple[Party, Relation, Party]:
    party = open_party(context, customer)
    require_seen(context, "relation")
    row = Relation.objects.select_related("source", "target").filter(pk=relation).first()
    if row is None or party.pk not in (row.source_id, row.target_id):
        raise NotFound()
    return party, row, row.target if row.source_id == party.pk else row.source


@action(
    "customers.end_relation",
    resource="customers",
    label=gettext_lazy("End relation"),
    permission="customers.relate",
)
def end_relation(
    context: Context,
    customer: Customer,
    relation: Annotated[UUID, about(gettext_lazy("Relation"))],
    until: Annotated[date, about(gettext_lazy("First day it no longer holds"))],
) -> Saved:
    """End a relation; it stays in the record as what was."""
    party, row, twin = _open_relation(context, customer, relation)
    if row.valid_from is not None and row.valid_from >= until:
        raise Invalid({"until": _("A period must end after it starts.")})
    row.valid_until = until
    row.save(update_fields=["valid_until"])
    return _told(context, row, party, twin, "customers.relation_ended")


@action(
    "customers.unrelate",
    resource="customers",
    label=gettext_lazy("Remove relation"),
    permission="customers.relate",
)
def unrelate(
    context: Context, customer: Customer, relation: Annotated[UUID, about(gettext_lazy("Relation"))]
) -> Saved:
    """Remove a relation that never was."""
    party, row, twin = _open_relation(context, customer, relation)
    row.delete()
    return _told(context, row, party, twin, "customers.unrelated")


@action(
    "customers.add_key_person",
    resource="customers",
    label=gettext_lazy("Add key person"),
    permission="customers.relate",
)
def add_key_person(
    context: Context,
    customer: Customer,
    part: Annotated[RelationType, about(gettext_lazy("Part in the decision"))],
    *,
    person: Annotated[UUID | None, about(gettext_lazy("Somebody on file"))] = None,
    name: Annotated[Name | None, about(gettext_lazy("Name of somebody new"))] = None,
    phone: Annotated[str, Bound(max_length=60), about(gettext_lazy("Phone"))] = "",
    email: Annotated[str, Bound(max_length=254), about(gettext_lazy("E-mail"))] = "",
    title: Title = "",
) -> Added:
    """Add a decider, initiator, user, influencer, gatekeeper, buyer or contact person of a customer.

    Somebody new is put on file as a contact person with the customer's account manager and unit.
    """
    if part not in KEY_PERSON_TYPES:
        raise Invalid(
            {"part": _("Choose one of: %(expected)s.") % {"expected": ", ".join(sorted(KEY_PERSON_TYPES))}}
        )
    if (person is None) == (name is None):
        raise Invalid({"person": _("Name somebody on file, or somebody new.")})
    party = open_party(context, customer)
    if person is None:
        contacts = [(phone, "phone"), (email, "email")]
        draft = Draft(
            name or "", state=State.NON_CUSTOMER.value, roles=[RoleName.CONTACT.value],
            contacts=[ContactDraft(value, kind) for value, kind in contacts if value.strip()],
        )  # fmt: skip
        # It stands beside the customer, where a share of the customer alone does not reach: it is not looked for.
        made = create_from(context, draft, owner_id=party.owner_id, unit_id=party.unit_id).id
        twin = Party.objects.get(pk=made)
    else:
        twin = see_party(context, person)
        Role.objects.get_or_create(party=twin, name=RoleName.CONTACT.value)
    _check(twin, party, part, None, None, None)
    return _add(
        context, Relation(source=twin, target=party, type=part.value, title=title.strip()), party, twin
    )
