"""A new customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.customers.fast import store_many
from zhike.customers.prepare import Prepared, prepare
from zhike.customers.queries.duplicates import note_duplicates, suspect
from zhike.customers.records import require_seen, require_writable, setting_of, today_of
from zhike.customers.store import LETTER, SERIES, check_external_ids
from zhike.customers.types.cards import DuplicateView
from zhike.customers.types.drafts import (
    AddressDraft,
    CertificateDraft,
    ContactDraft,
    Draft,
    Name,
    OrganisationFactDraft,
    Short,
)
from zhike.customers.types.words import (
    Bond,
    CustomerType,
    Gender,
    Grade,
    PartyKind,
    RelationKind,
    RelationStage,
    RoleName,
    Source,
    Stage,
    State,
)
from zhike.kernel.actions import about, action
from zhike.kernel.actor import ActorKind, Context
from zhike.kernel.errors import Invalid
from zhike.kernel.numbers import format_number, next_numbers
from zhike.kernel.staff import names_of_units, units_of_staff
from zhike.kernel.together import together

_PLAIN = frozenset(field.name for field in fields(Draft)) - {
    "name", "kind", "owner_id", "unit_id", "roles", "tags", "contacts", "addresses", "certificates", "facts",
    "note", "external_ids", "custom",
}  # fmt: skip
_plain = attrgetter(*_PLAIN)
_HANGING, _hanging = (
    ("certificate", "address", "tag", "note"),
    attrgetter("certificates", "addresses", "tags", "note"),
)


@dataclass(frozen=True, slots=True)
class Created:
    """The new customer: its id, its number, its version, and who on file may be the same."""

    id: UUID
    number: str
    version: int
    duplicates: tuple[DuplicateView, ...] = ()


@action("customers.create", resource="customers", label=gettext_lazy("New customer"))
def create(
    context: Context,
    name: Annotated[Name, about(gettext_lazy("Name"))],
    kind: Annotated[PartyKind, about(gettext_lazy("Person or organisation"))] = PartyKind.PERSON,
    phone: Annotated[str, Bound(max_length=60), about(gettext_lazy("Phone"))] = "",
    email: Annotated[str, Bound(max_length=254), about(gettext_lazy("E-mail"))] = "",
    address: Annotated[str, Bound(max_length=300), about(gettext_lazy("Address"))] = "",
    *,
    legal_name: Annotated[Short, about(gettext_lazy("Full legal name"))] = "",
    english_name: Annotated[Short, about(gettext_lazy("English name"))] = "",
    gender: Annotated[Gender | None, about(gettext_lazy("Gender"))] = None,
    birthday: Annotated[date | None, about(gettext_lazy("Birthday"))] = None,
    industry: Annotated[Short, about(gettext_lazy("Industry"))] = "",
    country: Annotated[str, Bound(pattern="^([A-Z]{2})?$"), about(gettext_lazy("Country"))] = "",
    state: Annotated[State, about(gettext_lazy("State"))] = State.POTENTIAL,
    relation_kind: Annotated[RelationKind | None, about(gettext_lazy("Relation to us"))] = None,
    type: Annotated[CustomerType | None, about(gettext_lazy("Type"))] = None,
    bond: Annotated[Bond | None, about(gettext_lazy("Bond"))] = None,
    stage: Annotated[Stage | None, about(gettext_lazy("Lifecycle stage"))] = None,
    relation_stage: Annotated[RelationStage | None, about(gettext_lazy("Relation stage"))] = None,
    grade: Annotated[Grade | None, about(gettext_lazy("Grade"))] = None,
    source: Annotated[Source | None, about(gettext_lazy("Source"))] = None,
    owner: Annotated[UUID | None, about(gettext_lazy("Account manager"))] = None,
    unit: Annotated[UUID | None, about(gettext_lazy("Unit"))] = None,
    roles: Annotated[list[RoleName], about(gettext_lazy("Roles"))] = [],  # noqa: B006
    tags: Annotated[list[str], about(gettext_lazy("Tags"))] = [],  # noqa: B006
    contacts: Annotated[list[ContactDraft], about(gettext_lazy("Ways to reach them"))] = [],  # noqa: B006
    addresses: Annotated[list[AddressDraft], about(gettext_lazy("Addresses"))] = [],  # noqa: B006
    certificates: Annotated[list[CertificateDraft], about(gettext_lazy("Certificates"))] = [],  # noqa: B006
    facts: Annotated[list[OrganisationFactDraft], about(gettext_lazy("Organisation facts"))] = [],  # noqa: B006
    note: Annotated[str, Bound(max_length=10_000), about(gettext_lazy("Note"))] = "",
    external_ids: Annotated[list[tuple[str, str]], about(gettext_lazy("Ids in other systems"))] = [],  # noqa: B006
    custom: Annotated[dict[str, Any], about(gettext_lazy("User-defined fields"))] = {},  # noqa: B006
) -> Created:
    """Make a customer. Without account manager and unit it is yours, without a unit the account manager's.

    `phone`, `email` and `address` are short for the primary ones in `contacts` and `addresses`. Whoever on file may
    be the same is returned and kept as a pair to decide.
    """
    draft = _draft(locals())
    with together():
        prepared = _store(context, draft)
        sought = suspect(context, prepared)
    return Created(prepared.id, prepared.party["number"], 1, note_duplicates(context, prepared, sought))


def _draft(given: Mapping[str, Any]) -> Draft:
    short = [("phone", given["phone"]), ("email", given["email"])]
    contacts = [ContactDraft(value, kind, primary=True) for kind, value in short if value.strip()]
    address = [AddressDraft(given["address"], primary=True)] if given["address"].strip() else []
    values: dict[str, Any] = {name: given[name] or "" for name in _PLAIN if name != "birthday"}
    return Draft(
        **{name: getattr(value, "value", value) for name, value in values.items()},
        name=given["name"], kind=PartyKind(given["kind"]).value, birthday=given["birthday"],
        owner_id=given["owner"], unit_id=given["unit"],
        roles=[RoleName(role).value for role in given["roles"]], tags=given["tags"],
        contacts=[*contacts, *given["contacts"]], addresses=[*address, *given["addresses"]],
        certificates=given["certificates"], facts=given["facts"], note=given["note"],
        external_ids=[(source, value) for source, value in given["external_ids"]], custom=given["custom"],
    )  # fmt: skip


def create_from(
    context: Context, draft: Draft, *, owner_id: UUID | None = None, unit_id: UUID | None = None
) -> Created:
    """Store a draft as a new customer, within the caller's transaction and with the caller's rights.

    `owner_id` and `unit_id` place it beside a customer the actor may change, whatever the actor may assign.
    """
    prepared = _store(context, draft, owner_id, unit_id)
    return Created(prepared.id, prepared.party["number"], 1)


def _store(
    context: Context, draft: Draft, owner_id: UUID | None = None, unit_id: UUID | None = None
) -> Prepared:
    require_fields(context, draft)
    owner, unit = (owner_id, unit_id) if owner_id or unit_id else placed(context, [draft])[0]
    prepared = prepare(draft, setting_of(context), owner, unit)
    check_external_ids(draft.external_ids)
    with together():
        store_numbered(context, [prepared])
    return prepared


def store_numbered(context: Context, prepared: Sequence[Prepared]) -> list[Created]:
    """Give prepared customers their numbers and store them, in order, in the caller's transaction."""
    numbers = next_numbers(SERIES, len(prepared))
    for each, number in zip(prepared, numbers, strict=True):
        each.party["number"] = format_number(LETTER, number)
    store_many(context, prepared, today_of(context.now))
    return [Created(each.id, each.party["number"], 1) for each in prepared]


def require_fields(context: Context, draft: Draft, allowed: set[frozenset[str]] | None = None) -> None:
    """Raise FieldHidden for the first field of a draft that the actor may not write.

    `allowed` remembers between drafts which sets of fields may be written, as the rows of a file fill much the same.
    """
    seen = [name for name, value in zip(_HANGING, _hanging(draft), strict=True) if value]
    given = [name for name, value in zip(_PLAIN, _plain(draft), strict=True) if value]
    if draft.state == State.POTENTIAL.value:
        given.remove("state")
    if draft.owner_id not in (None, context.actor.id):
        given.append("owner")
    if draft.unit_id not in (None, context.actor.unit_id):
        given.append("unit")
    whole = frozenset((*given, *seen))
    if allowed is not None and whole in allowed:
        return
    require_writable(context, ["name", *given])
    require_seen(context, *seen)
    if allowed is not None:
        allowed.add(whole)


Place = tuple[UUID | None, UUID | None]


def placed(
    context: Context, drafts: Sequence[Draft], errors: dict[int, Invalid] | None = None
) -> list[Place]:
    """Whose each customer will be: (account manager, unit), in two statements at most.

    As asked; without either it is the actor's; without a unit that of the account manager. With `errors` a wrong one
    is noted there by its index, else Invalid is raised.
    """
    actor = context.actor
    units = units_of_staff(draft.owner_id for draft in drafts if draft.owner_id not in (None, actor.id))
    known = names_of_units(draft.unit_id for draft in drafts if draft.unit_id not in (None, actor.unit_id))
    places: list[Place] = []
    for index, draft in enumerate(drafts):
        owner, unit = draft.owner_id, draft.unit_id
        wrong = "owner" if owner not in (None, actor.id) and owner not in units else ""
        wrong = wrong or ("unit" if unit not in (None, actor.unit_id) and unit not in known else "")
        if wrong:
            refusal = Invalid({wrong: _("There is no such person or unit.")})
            if errors is None:
                raise refusal
            errors[index] = refusal
        if owner is None and unit is None:
            owner = actor.id if actor.kind == ActorKind.STAFF else None
            unit = actor.unit_id
        elif owner is not None and unit is None:
            unit = actor.unit_id if owner == actor.id else units.get(owner)
        places.append((owner, unit))
    return places
