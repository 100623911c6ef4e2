"""Prepared customers into the tables, one or a few at a time. `fast` stores many."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.customers.models import (
    Certificate,
    ExternalId,
    OrganisationFact,
    Tag,
)
from zhike.customers.organisation_keys import ORGANISATION_FACTS
from zhike.customers.prepare import CertificateRow, Prepared
from zhike.customers.resource import CUSTOMERS
from zhike.customers.secrecy import lookup_of, seal_number
from zhike.customers.types.words import RoleName
from zhike.kernel.errors import Invalid
from zhike.kernel.events import News
from zhike.kernel.ids import uuid7
from zhike.kernel.masks import mask_certificate

SERIES, LETTER = "customers", "C"
# Columns whose first values the fact of creation tells, with the field they show.
_TOLD = {
    "name": "name", "kind": "kind", "legal_name": "legal_name", "english_name": "english_name",
    "primary_phone": "phone", "primary_email": "email", "province": "province", "city": "city",
    "district": "district", "owner_id": "owner", "unit_id": "unit", "grade": "grade", "state": "state",
    "relation_kind": "relation_kind", "type": "type", "bond": "bond", "stage": "stage",
    "relation_stage": "relation_stage", "industry": "industry", "source": "source", "birthday": "birthday",
    "gender": "gender",
}  # fmt: skip


def tags_named(names: Iterable[str], now: datetime) -> dict[str, UUID]:
    """The ids of tags by name; tags that do not exist yet are made."""
    wanted = sorted({name.strip() for name in names})
    if not wanted:
        return {}
    known = dict(Tag.objects.filter(name__in=wanted).values_list("name", "id"))
    missing = [name for name in wanted if name not in known]
    if missing:
        Tag.objects.bulk_create([Tag(name=name, created_at=now) for name in missing], ignore_conflicts=True)
        known |= dict(Tag.objects.filter(name__in=missing).values_list("name", "id"))
    return known


def certificate_of(party: UUID, row: CertificateRow, now: datetime) -> Certificate:
    """The row of a certificate, its number sealed."""
    return Certificate(
        id=uuid7(), party_id=party, type=row.type, sealed_number=seal_number(row.number),
        lookup=lookup_of(row.number), masked=mask_certificate(row.number) or "", issuer=row.issuer,
        valid_from=row.valid_from, valid_until=row.valid_until, created_at=now,
    )  # fmt: skip


def roles_of(prepared: Prepared) -> list[str]:
    """The roles of a new party: those of the draft, else customer."""
    return list(dict.fromkeys(prepared.draft.roles)) or [RoleName.CUSTOMER.value]


def fact_rows(prepared: Prepared, now: datetime, today: date) -> list[OrganisationFact]:
    """Organisation facts of a draft; of two with one key the later one counts."""
    latest = {fact.key: fact for fact in prepared.draft.facts}
    return [
        OrganisationFact(
            party_id=prepared.id, group=ORGANISATION_FACTS[fact.key][0].value, key=fact.key,
            value=fact.value.strip(), source=fact.source, as_of_date=fact.as_of or today, created_at=now,
        )
        for fact in latest.values()
    ]  # fmt: skip


def check_external_ids(pairs: Iterable[tuple[str, str]]) -> None:
    """Raise Invalid when another customer has one of these ids already."""
    wanted = Q()
    for source, value in pairs:
        wanted |= Q(source=source, value=value)
    taken = ExternalId.objects.filter(wanted).first() if wanted else None
    if taken is not None:
        raise Invalid({"external_ids": _("%(value)s of %(source)s belongs to another customer already.")
                       % {"value": taken.value, "source": taken.source}})  # fmt: skip


def created_news(prepared: Prepared) -> News:
    """The fact of a creation: every value that is there, certificates only masked."""
    party = prepared.party
    values = {
        field: value
        for column, field in _TOLD.items()
        if (value := party[column]) is not None and value != ""
    }
    values |= {name: value for name, value in party["custom"].items() if value not in ("", None)}
    home = next((row.text for row in prepared.addresses if row.is_primary), "")
    if home:
        values["address"] = home
    if prepared.certificates:
        values["certificate"] = [mask_certificate(row.number) for row in prepared.certificates]
    if prepared.draft.tags:
        values["tags"] = sorted({tag.strip() for tag in prepared.draft.tags})
    changes = {name: (None, value) for name, value in values.items()}
    data = (
        {"external_ids": [list(pair) for pair in prepared.draft.external_ids]}
        if prepared.draft.external_ids
        else {}
    )
    return News("customers.created", CUSTOMERS.name, prepared.id, party["number"], changes, data)
