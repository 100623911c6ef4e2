"""Everything on the customer page in a bounded number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_lazy

from zhike.customers.derive import known_of
from zhike.customers.history import life_pattern, whole_history
from zhike.customers.models import Address, Certificate, ContactPoint, Party
from zhike.customers.quality import assess
from zhike.customers.queries import parts
from zhike.customers.records import columns_of, today_of
from zhike.customers.resource import CUSTOMERS
from zhike.customers.scores import BY_NAME
from zhike.customers.secrecy import told_by_certificate
from zhike.customers.types.cards import CustomerCard, ExternalIdRead, PeriodView, QualityView
from zhike.customers.types.words import Aspect
from zhike.kernel.actions import about, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotFound
from zhike.kernel.fields import readable_fields
from zhike.kernel.rights import FieldRight
from zhike.kernel.rows import row_filter, visible


@query(
    "customers.card", resource="customers", label=gettext_lazy("Customer page"), permission="customers.read"
)
def card(context: Context, customer: Annotated[UUID, about(gettext_lazy("Customer"))]) -> CustomerCard:
    """Everything about one customer that the reader may see. Raises NotFound."""
    rows = visible(context.actor, CUSTOMERS).filter(pk=customer)
    named = rows.annotate(owner_shown=F("owner__name"), unit_shown=F("unit__name"))
    party = named.annotate(writable=_writable(context)).first()
    if party is None:
        raise NotFound(resource=CUSTOMERS.name)
    contacts = list(
        ContactPoint.objects.filter(party=party).order_by("kind", "-is_primary", "created_at", "id")
    )
    addresses = list(Address.objects.filter(party=party).order_by("-is_primary", "created_at", "id"))
    certificates = list(Certificate.objects.filter(party=party).order_by("created_at", "id"))
    small = parts.small_parts(party)
    relations = parts.relations(context, party)
    facts = parts.organisation_facts(context, party)
    past = [PeriodView(*row) for row in small["past"]]
    history = whole_history(past, _aspects(party), party.created_at)
    read = _readable(context, party, small, addresses, certificates)
    return CustomerCard(
        id=party.pk, number=party.number, version=party.version, kind=party.kind, values=read[0], masked=read[1],
        may_write=party.writable, owner_name=party.owner_shown or "", unit_name=party.unit_shown or "",
        contacts=parts.contact_views(context, contacts), addresses=parts.address_views(context, addresses),
        certificates=parts.certificate_views(context, certificates), roles=tuple(small["roles"]),
        tags=tuple(small["tags"]) if parts.right(context, "tag") else (),
        scores=tuple(s for s in small["scores"] if parts.right(context, s.name) >= FieldRight.READ),
        external_ids=(
            tuple(ExternalIdRead(*pair) for pair in small["external_ids"])
            if parts.right(context, "external_id")
            else ()
        ),
        relations=relations, notes=parts.notes(context, party), files=parts.files(context, party),
        organisation_facts=facts,
        history=tuple(each for each in history if parts.right(context, each.aspect) >= FieldRight.READ),
        life_pattern=life_pattern(history, context.now),
        quality=_quality(context, party, contacts, addresses, certificates, bool(facts), relations),
        duplicates=parts.duplicates(context, party), merges=parts.merges(context, party),
    )  # fmt: skip


def _aspects(party: Party) -> dict[str, str]:
    named = {"owner": party.owner_id, "unit": party.unit_id}
    # The attributes `owner` and `unit` would fetch whole records.
    return {
        name: str((named[name] if name in named else getattr(party, name, "")) or "")
        for name in Aspect.values
    }


def _writable(context: Context) -> Case | Value:
    # Asked with the row itself; a role that may write every row needs no question.
    right = row_filter(context.actor, CUSTOMERS, "write")
    return Case(When(right, then=Value(True)), default=Value(False)) if right else Value(True)


def _readable(
    context: Context,
    party: Party,
    small: Mapping[str, Any],
    addresses: list[Address],
    certificates: list[Certificate],
) -> tuple[dict[str, Any], frozenset[str]]:
    """The fields the reader may see, masked ones masked, and the names of those."""
    home = next((row.text for row in addresses if row.is_primary), None)
    hanging = {
        "tags": small["tags"], "roles": small["roles"], "address": home,
        "certificate": [row.masked for row in certificates],
    }  # fmt: skip
    scores = {each.name: each for each in small["scores"]}
    values: dict[str, Any] = {}
    masked = set()
    for name, field in readable_fields(context.actor, CUSTOMERS).items():
        if name == "note":
            continue
        if name in hanging:
            value = hanging[name]
        elif name in BY_NAME:
            found = scores.get(name)
            value = getattr(found, BY_NAME[name].column) if found else None
        elif field.custom:
            value = party.custom.get(field.path.partition("__")[2])
        else:
            value = getattr(party, field.path)
        if field.mask is not None:
            masked.add(name)
            value = None if value is None else field.mask(value)
        values[name] = value
    return values, frozenset(masked)


def _quality(
    context: Context,
    party: Party,
    contacts: list[ContactPoint],
    addresses: list[Address],
    certificates: list[Certificate],
    facts: bool,
    relations: tuple[Any, ...],
) -> QualityView:
    told = [told_by_certificate(each)[1] for each in certificates]
    today = today_of(context.now)
    known = known_of(
        columns_of(party), contacts, address=bool(addresses), certificates=told, today=today, facts=facts,
        people=any(each.is_key_person and not each.is_source for each in relations),
        seen_date=today_of(party.updated_at),
    )  # fmt: skip
    found = assess(known, today)
    return QualityView(found.score, found.missing, found.contradicting, found.stale)
