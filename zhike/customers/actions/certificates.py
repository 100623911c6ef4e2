"""Certificates of a customer, and the one way to see a masked value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import StringConstraints

from zhike.customers.actions.contacts import Added, Customer
from zhike.customers.checks import Errors
from zhike.customers.models import Address, Certificate, ContactPoint, Party, RevealQuota
from zhike.customers.prepare import prepare_certificate
from zhike.customers.records import conclude, news_of, open_party, part_of, require_seen, see_party, today_of
from zhike.customers.resource import CONTACT_RIGHTS
from zhike.customers.secrecy import open_number
from zhike.customers.store import certificate_of
from zhike.customers.types.drafts import CertificateDraft
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, LimitReached, NotFound
from zhike.kernel.events import announce
from zhike.kernel.saved import Saved

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]


@action(
    "customers.add_certificate", resource="customers", label=gettext_lazy("Add certificate"),
    permission="customers.certificate",
)  # fmt: skip
def add_certificate(
    context: Context,
    customer: Customer,
    certificate: Annotated[CertificateDraft, about(gettext_lazy("Certificate"))],
) -> Added:
    """Add a certificate. Its number is checked by the rules of its kind and kept encrypted."""
    party = open_party(context, customer)
    require_seen(context, "certificate")
    errors: Errors = {}
    fresh = prepare_certificate(certificate, errors)
    if fresh is None or errors:
        raise Invalid(errors)
    row = certificate_of(party.pk, fresh, context.now)
    if Certificate.objects.filter(party=party, lookup=row.lookup).exists():
        raise Invalid({"number": _("The customer has this already.")})
    row.save(force_insert=True)
    told: dict[str, tuple[object, object]] = {"certificate": (None, row.masked)}
    if party.birthday is None and fresh.told.birth_date is not None:
        party.birthday = fresh.told.birth_date
        told["birthday"] = (None, party.birthday)
    if not party.gender and fresh.told.gender:
        party.gender = fresh.told.gender
        told["gender"] = ("", party.gender)
    saved = conclude(
        context, party, "customers.certificate_added", changes=told, data={"type": row.type}, derived=True
    )
    return Added(row.pk, saved.version)


@action(
    "customers.remove_certificate", resource="customers", label=gettext_lazy("Remove certificate"),
    permission="customers.certificate",
)  # fmt: skip
def remove_certificate(
    context: Context, customer: Customer, certificate: Annotated[UUID, about(gettext_lazy("Certificate"))]
) -> Saved:
    """Remove a certificate."""
    party = open_party(context, customer)
    require_seen(context, "certificate")
    row = part_of(party, Certificate, certificate)
    row.delete()
    told = {"certificate": (row.masked, None)}
    return conclude(
        context, party, "customers.certificate_removed", changes=told, data={"type": row.type}, derived=True
    )


@dataclass(frozen=True, slots=True)
class Revealed:
    """A value in the clear, and how many more may be seen today."""

    value: str
    left: int

    def to_keep(self) -> Revealed:
        """What may be kept under an idempotency key: not the value."""
        return Revealed("", self.left)


@action("customers.reveal", resource="customers", label=gettext_lazy("Show masked value"))
def reveal(
    context: Context,
    customer: Customer,
    field: Annotated[
        Literal["name", "phone", "email", "social", "address", "certificate"], about(gettext_lazy("Field"))
    ],
    reason: Annotated[Reason, about(gettext_lazy("Reason"))],
    item: Annotated[UUID | None, about(gettext_lazy("Which one"))] = None,
) -> Revealed:
    """Show one masked value, for a reason. It is on record who saw it and why; each day has a limit.

    `item` is the id of the contact point, address or certificate; without it the primary one is shown.
    """
    party = see_party(context, customer)
    require_seen(context, field)
    value = _value(party, field, item)
    left = _use_quota(context)
    data = {"field": field, "item": item}
    announce(context.because(reason), news_of(party, "customers.revealed", data=data))
    return Revealed(value, left)


def _value(party: Party, field: str, item: UUID | None) -> str:
    if field == "name":
        return party.name
    if field == "certificate":
        rows = Certificate.objects.filter(party=party).order_by("id")
        row = (rows if item is None else rows.filter(pk=item)).first()
        found = open_number(row.sealed_number) if row else None
    elif field == "address":
        places = Address.objects.filter(party=party).order_by("-is_primary", "id")
        place = (places if item is None else places.filter(pk=item)).first()
        found = place.text if place else None
    else:
        kinds = [kind for kind, right in CONTACT_RIGHTS.items() if right == field]
        points = ContactPoint.objects.filter(party=party, kind__in=kinds).order_by("-is_primary", "id")
        point = (points if item is None else points.filter(pk=item)).first()
        found = point.value if point else None
    if found is None:
        raise NotFound()
    return found


def _use_quota(context: Context) -> int:
    """Take one from today's quota by a conditional UPDATE, so that many at once cannot exceed it."""
    most: int = settings.ZHIKE_DAILY_REVEALS
    day: date = today_of(context.now)
    RevealQuota.objects.get_or_create(actor_id=context.actor.id, day_date=day)
    mine = RevealQuota.objects.filter(actor_id=context.actor.id, day_date=day)
    if not mine.filter(used__lt=most).update(used=F("used") + 1):
        raise LimitReached(_("You have seen %(most)s masked values today; more tomorrow.") % {"most": most})
    return most - mine.values_list("used", flat=True)[0]
