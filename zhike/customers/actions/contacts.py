"""Contact points and addresses of a customer, one at a time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.actions.update import plain
from zhike.customers.checks import Errors
from zhike.customers.contacts import promote_oldest
from zhike.customers.models import Address, ContactPoint
from zhike.customers.prepare import prepare_address, prepare_contact
from zhike.customers.records import conclude, open_party, part_of, require_seen, setting_of
from zhike.customers.resource import CONTACT_RIGHTS
from zhike.customers.types.drafts import AddressChanges, AddressDraft, ContactChanges, ContactDraft
from zhike.customers.types.words import Consent
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.saved import Saved

Customer = Annotated[UUID, about(gettext_lazy("Customer"))]
Contact = Annotated[UUID, about(gettext_lazy("Contact point"))]
AddressId = Annotated[UUID, about(gettext_lazy("Address"))]


@dataclass(frozen=True, slots=True)
class Added:
    """What was added to the customer: its own id, and the customer's version from now on."""

    id: UUID
    version: int


@action(
    "customers.add_contact",
    resource="customers",
    label=gettext_lazy("Add contact point"),
    permission="customers.contact",
)
def add_contact(
    context: Context,
    customer: Customer,
    contact: Annotated[ContactDraft, about(gettext_lazy("Contact point"))],
) -> Added:
    """Add a phone, e-mail or social id. The first of its kind becomes the primary one."""
    party = open_party(context, customer)
    errors: Errors = {}
    fresh = prepare_contact(contact, setting_of(context), errors)
    if fresh is None or errors:
        raise Invalid(errors)
    right = CONTACT_RIGHTS[fresh.kind]
    require_seen(context, right)
    same = ContactPoint.objects.filter(party=party, kind=fresh.kind)
    if same.filter(normalised=fresh.normalised).exists():
        raise Invalid({"value": _("The customer has this already.")})
    fresh.is_primary = _first_or_primary(same, fresh.is_primary)
    row = ContactPoint(**asdict(fresh), party=party)
    row.save(force_insert=True)
    saved = conclude(
        context, party, "customers.contact_added", changes={right: (None, fresh.normalised)},
        data={"kind": fresh.kind, "purpose": fresh.purpose, "consent": fresh.consent}, derived=True,
    )  # fmt: skip
    return Added(row.pk, saved.version)


def _first_or_primary(same: Any, primary: bool) -> bool:
    """Whether a new one becomes primary; the one that was primary steps back for it."""
    if primary:
        same.filter(is_primary=True).update(is_primary=False)
        return True
    return not same.filter(is_primary=True).exists()


@action(
    "customers.change_contact", resource="customers", label=gettext_lazy("Change contact point"),
    permission="customers.contact",
)  # fmt: skip
def change_contact(
    context: Context,
    customer: Customer,
    contact: Contact,
    changes: Annotated[ContactChanges, about(gettext_lazy("Changes"))],
) -> Saved:
    """Change a contact point: its value, purpose, consent, validity, or make it the primary one of its kind."""
    party = open_party(context, customer)
    row = part_of(party, ContactPoint, contact)
    right = CONTACT_RIGHTS[row.kind]
    require_seen(context, right)
    asked = {name: plain(getattr(changes, name)) for name in changes.model_fields_set}
    old = row.normalised
    consent_before = row.consent
    _apply_contact(context, row, asked)
    same = ContactPoint.objects.filter(party=party, kind=row.kind).exclude(pk=row.pk)
    # After a merge one number may stand there twice, with different consent; that stays changeable.
    if row.normalised != old and same.filter(normalised=row.normalised).exists():
        raise Invalid({"value": _("The customer has this already.")})
    if asked.get("primary"):
        same.filter(is_primary=True).update(is_primary=False)
        row.is_primary = True
    row.save()
    told: dict[str, tuple[Any, Any]] = {} if old == row.normalised else {right: (old, row.normalised)}
    if consent_before != row.consent:
        told[f"{right}_consent"] = (consent_before, row.consent)
    data = {"kind": row.kind, "changed": sorted(asked)}
    return conclude(context, party, "customers.contact_changed", changes=told, data=data, derived=True)


def _apply_contact(context: Context, row: ContactPoint, asked: dict[str, Any]) -> None:
    draft = ContactDraft(
        asked.get("value") or row.value, row.kind, asked.get("purpose") or row.purpose,
        asked.get("consent") or row.consent, row.is_primary, asked.get("valid_from", row.valid_from),
        asked.get("valid_until", row.valid_until),
    )  # fmt: skip
    errors: Errors = {}
    fresh = prepare_contact(draft, setting_of(context), errors)
    if fresh is None or errors:
        raise Invalid(errors)
    if fresh.consent != row.consent:
        row.consent_at = None if fresh.consent == Consent.UNKNOWN.value else context.now
    row.consent_source = asked.get("consent_source") or row.consent_source
    row.value, row.normalised, row.purpose = fresh.value, fresh.normalised, fresh.purpose
    row.consent, row.valid_from, row.valid_until = fresh.consent, fresh.valid_from, fresh.valid_until


@action(
    "customers.remove_contact", resource="customers", label=gettext_lazy("Remove contact point"),
    permission="customers.contact",
)  # fmt: skip
def remove_contact(context: Context, customer: Customer, contact: Contact) -> Saved:
    """Remove a contact point; the oldest other of its kind becomes the primary one."""
    party = open_party(context, customer)
    row = part_of(party, ContactPoint, contact)
    right = CONTACT_RIGHTS[row.kind]
    require_seen(context, right)
    row.delete()
    if row.is_primary:
        promote_oldest(ContactPoint.objects.filter(party=party, kind=row.kind))
    told = {right: (row.normalised, None)}
    return conclude(
        context, party, "customers.contact_removed", changes=told, data={"kind": row.kind}, derived=True
    )


@action(
    "customers.add_address",
    resource="customers",
    label=gettext_lazy("Add address"),
    permission="customers.contact",
)
def add_address(
    context: Context, customer: Customer, address: Annotated[AddressDraft, about(gettext_lazy("Address"))]
) -> Added:
    """Add an address, split into province, city and district. The first becomes the primary one."""
    party = open_party(context, customer)
    require_seen(context, "address")
    errors: Errors = {}
    fresh = prepare_address(address, setting_of(context), errors)
    if fresh is None or errors:
        raise Invalid(errors)
    fresh.is_primary = _first_or_primary(Address.objects.filter(party=party), fresh.is_primary)
    row = Address(**asdict(fresh), party=party)
    row.save(force_insert=True)
    saved = conclude(
        context, party, "customers.address_added", changes={"address": (None, fresh.text)},
        data={"purpose": fresh.purpose}, derived=True,
    )  # fmt: skip
    return Added(row.pk, saved.version)


@action(
    "customers.change_address",
    resource="customers",
    label=gettext_lazy("Change address"),
    permission="customers.contact",
)
def change_address(
    context: Context,
    customer: Customer,
    address: AddressId,
    changes: Annotated[AddressChanges, about(gettext_lazy("Changes"))],
) -> Saved:
    """Change an address: its text, purpose, validity, or make it the primary one."""
    party = open_party(context, customer)
    require_seen(context, "address")
    row = part_of(party, Address, address)
    asked = {name: plain(getattr(changes, name)) for name in changes.model_fields_set}
    draft = AddressDraft(
        asked.get("text") or row.text, asked.get("purpose") or row.purpose, primary=row.is_primary,
        valid_from=asked.get("valid_from", row.valid_from), valid_until=asked.get("valid_until", row.valid_until),
    )  # fmt: skip
    errors: Errors = {}
    fresh = prepare_address(draft, setting_of(context), errors)
    if fresh is None or errors:
        raise Invalid(errors)
    if asked.get("primary") and not row.is_primary:
        fresh.is_primary = _first_or_primary(Address.objects.filter(party=party), True)
    kept = {"id", "created_at"} | (
        {"province", "city", "district", "street"} if fresh.text == row.text else set()
    )
    Address.objects.filter(pk=row.pk).update(**{k: v for k, v in asdict(fresh).items() if k not in kept})
    told = {} if row.text == fresh.text else {"address": (row.text, fresh.text)}
    data = {"changed": sorted(asked)}
    return conclude(context, party, "customers.address_changed", changes=told, data=data, derived=True)


@action(
    "customers.remove_address",
    resource="customers",
    label=gettext_lazy("Remove address"),
    permission="customers.contact",
)
def remove_address(context: Context, customer: Customer, address: AddressId) -> Saved:
    """Remove an address; the oldest other becomes the primary one."""
    party = open_party(context, customer)
    require_seen(context, "address")
    row = part_of(party, Address, address)
    row.delete()
    if row.is_primary:
        promote_oldest(Address.objects.filter(party=party))
    told = {"address": (row.text, None)}
    return conclude(context, party, "customers.address_removed", changes=told, derived=True)
