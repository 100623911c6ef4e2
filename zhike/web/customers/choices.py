"""The people, units and words that forms about customers offer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.customers.queries import ORGANISATION_FACTS
from zhike.customers.types import (
    AddressPurpose,
    CertificateType,
    Consent,
    ContactKind,
    ContactPurpose,
    FactGroup,
    Source,
)
from zhike.kernel.actor import Context
from zhike.kernel.fields import resource
from zhike.kernel.reading import ListRequest, list_records
from zhike.web.forms import Choices, Vocabulary

MOST = 500
LABELS: dict[str, Any] = {
    "value": _("Number, address or id"), "kind": _("Kind"), "purpose": _("Purpose"), "consent": _("Consent"),
    "consent_source": _("Where the consent is from"), "primary": _("Primary"), "valid_from": _("Valid from"),
    "valid_until": _("No longer valid from"), "text": _("Address"), "postcode": _("Postcode"),
    "type": _("Kind"),
    "number": _("Certificate number"), "issuer": _("Issued by"),
    "key": _("Fact"), "source": _("Source"), "as_of": _("As of"),
}  # fmt: skip
WORDS: dict[tuple[str, str], Any] = {
    ("ContactDraft", "kind"): ContactKind, ("ContactDraft", "purpose"): ContactPurpose,
    ("ContactDraft", "consent"): Consent, ("AddressDraft", "purpose"): AddressPurpose,
    ("CertificateDraft", "type"): CertificateType, ("OrganisationFactDraft", "source"): Source,
}  # fmt: skip


def people(context: Context, kind: str) -> Choices:
    """Active staff or units by name, as pairs for a list of choices; those the actor may see, else the actor alone."""
    of = resource(kind)
    if not context.actor.may(of.read):
        return [(str(context.actor.id), context.actor.name)] if kind == "staff" else []
    condition = {"field": "active", "op": "eq", "value": True} if kind == "staff" else None
    found = list_records(context, of, ListRequest(condition, "name", ["name"], size=MOST, counted=False))
    return [(str(row.id), row.values["name"]) for row in found.rows]


def references(context: Context, kind: str) -> Choices:
    """The choices of a field that refers to `kind`."""
    return people(context, kind) if kind in ("staff", "units") else ()


def for_filter(context: Context, kind: str) -> Choices:
    """As `references`, with "me" and "my unit" first."""
    first = {"staff": ("@me", _("Me")), "units": ("@my_unit", _("My unit"))}.get(kind)
    return [*([(first[0], str(first[1]))] if first else []), *references(context, kind)]


def vocabulary(context: Context) -> Vocabulary:
    """What the forms of customer actions need to know beyond the signatures."""
    return Vocabulary(
        labels=LABELS,
        words=WORDS,
        references={"owner": people(context, "staff"), "unit": people(context, "units")},
    )


def fact_groups() -> list[tuple[str, Any, list[tuple[str, Any]]]]:
    """The four groups of organisation facts: value, label, and pairs of key and label."""
    return [
        (
            str(group.value),
            group.label,
            [(key, label) for key, (of, label) in ORGANISATION_FACTS.items() if of == group],
        )
        for group in FactGroup
    ]
