"""The parts of a customer's card with their codes put into words, for the templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhike.customers.types import (
    AddressPurpose,
    CertificateType,
    Consent,
    ContactKind,
    ContactPurpose,
    CustomerCard,
    DuplicateView,
    ManageGrade,
    RelationType,
    Source,
)
from zhike.web.lists.show import phone_text, tone_of_word
from zhike.web.templatetags.ui import full_text

# What the other is to this customer: (when the other is the source, when this customer is).
_RELATIONS: dict[str, tuple[Any, Any]] = {
    "parent": (gettext_lazy("Parent company"), gettext_lazy("Subsidiary")),
    "branch": (gettext_lazy("Group"), gettext_lazy("Branch")),
    "spouse": (gettext_lazy("Spouse"), gettext_lazy("Spouse")),
    "employer": (gettext_lazy("Employer"), gettext_lazy("Employee")),
    "referrer": (gettext_lazy("Referred by"), gettext_lazy("Referred")),
    "decider": (gettext_lazy("Decider"), gettext_lazy("Decides here")),
    "initiator": (gettext_lazy("Initiator"), gettext_lazy("Initiates here")),
    "user": (pgettext_lazy("decision", "User"), gettext_lazy("Uses here")),
    "influencer": (gettext_lazy("Influencer"), gettext_lazy("Influences here")),
    "gatekeeper": (gettext_lazy("Gatekeeper"), gettext_lazy("Keeps the gate here")),
    "buyer": (gettext_lazy("Buyer"), gettext_lazy("Buys for")),
    "contact": (gettext_lazy("Contact person"), gettext_lazy("Contact person at")),
}
_TONES = {
    "decider": "red", "initiator": "orange", "user": "blue", "influencer": "purple", "gatekeeper": "yellow",
    "buyer": "teal", "contact": "cyan", "parent": "indigo", "branch": "indigo",
}  # fmt: skip
_REASONS: dict[tuple[str, str], Any] = {
    ("name", "same_name"): gettext_lazy("Same name"),
    ("name", "same_core"): gettext_lazy("Same name but for the legal form, place or form of address"),
    ("name", "same_pinyin"): gettext_lazy("Same pinyin, other characters"),
    ("name", "reordered"): gettext_lazy("Same parts of the name in another order"),
    ("name", "one_character"): gettext_lazy("One character of the name differs"),
    ("name", "similar_sound"): gettext_lazy("Name sounds similar"),
    ("name", "similar_writing"): gettext_lazy("Name is written similarly"),
    ("name", "same_household"): gettext_lazy("Different name at the same phone and address"),
    ("name", "different"): gettext_lazy("Different name"),
    ("phone", "same_phone"): gettext_lazy("Same phone"),
    ("phone", "shared_phone"): gettext_lazy("Same phone, which many customers share"),
    ("phone", "one_digit"): gettext_lazy("One digit of the phone differs"),
    ("phone", "different"): gettext_lazy("Different phone"),
    ("email", "same_email"): gettext_lazy("Same e-mail"),
    ("email", "shared_email"): gettext_lazy("Same e-mail, which many customers share"),
    ("email", "same_mailbox"): gettext_lazy("Same mailbox name with another provider"),
    ("email", "one_letter"): gettext_lazy("One letter of the mailbox name differs"),
    ("email", "different"): gettext_lazy("Different e-mail"),
    ("certificate", "same_certificate"): gettext_lazy("Same certificate number"),
    ("certificate", "different"): gettext_lazy("Different certificate number"),
    ("address", "same_address"): gettext_lazy("Same address"),
    ("address", "similar_address"): gettext_lazy("Similar address"),
    ("address", "same_district"): gettext_lazy("Same district"),
    ("address", "same_city"): gettext_lazy("Same city"),
    ("address", "same_province"): gettext_lazy("Same province"),
    ("address", "different"): gettext_lazy("Different place"),
    ("birth_date", "same_birth_date"): gettext_lazy("Same birth date"),
    ("birth_date", "day_month_swapped"): gettext_lazy("Day and month of birth are swapped"),
    ("birth_date", "one_digit"): gettext_lazy("One digit of the birth date differs"),
    ("birth_date", "different"): gettext_lazy("Different birth date"),
}
LIFE_PATTERNS: dict[str, Any] = {
    "early_miscarriage": gettext_lazy("Early miscarriage"), "midway_death": gettext_lazy("Mid-way death"),
    "early_exit": gettext_lazy("Early exit"), "long_lasting": gettext_lazy("Long-lasting"),
}  # fmt: skip


def governing(kind: str) -> str:
    """Which masked value a contact point of this kind is."""
    return {"phone": "phone", "fax": "phone", "email": "email"}.get(kind, "social")


def contacts(found: CustomerCard) -> list[dict[str, Any]]:
    """Contact points with their labels."""
    return [
        {
            **asdict(each),
            "governing": governing(each.kind),
            "shown": phone_text(each.value) if governing(each.kind) == "phone" else each.value,
            "kind_label": ContactKind(each.kind).label,
            "purpose_label": ContactPurpose(each.purpose).label,
            "consent_label": Consent(each.consent).label,
            "consent_tone": tone_of_word(each.consent),
            "consent_hint": _consent_hint(each),
        }
        for each in found.contacts
    ]


def _consent_hint(each: Any) -> str:
    parts = [_("Consent to be approached this way"), each.consent_source]
    if each.consent_at:
        parts.append(full_text(each.consent_at))
    return " · ".join(part for part in parts if part)


def addresses(found: CustomerCard) -> list[dict[str, Any]]:
    """Addresses with their labels."""
    return [{**asdict(each), "purpose_label": AddressPurpose(each.purpose).label} for each in found.addresses]


def certificates(found: CustomerCard) -> list[dict[str, Any]]:
    """Certificates with their labels."""
    return [{**asdict(each), "type_label": CertificateType(each.type).label} for each in found.certificates]


def relations(found: CustomerCard) -> list[dict[str, Any]]:
    """Relations as what the other is to this customer; key persons first."""
    made = [
        {
            **asdict(each),
            "label": _RELATIONS.get(each.type, (RelationType(each.type).label,) * 2)[each.is_source],
            "tone": _TONES.get(each.type, "grey"),
            "grade_label": ManageGrade(each.manage_grade).label if each.manage_grade else "",
        }
        for each in found.relations
    ]
    return sorted(made, key=lambda each: (not each["is_key_person"], bool(each["valid_until"])))


def duplicates(found: CustomerCard) -> list[dict[str, Any]]:
    """Possible duplicates with reasons in words."""
    return [twin(each) for each in found.duplicates]


def twin(each: DuplicateView) -> dict[str, Any]:
    """A possible duplicate with its reasons in words."""
    words = {
        "percent": percent(each.probability),
        "reasons": reasons(each.reasons),
        "phone": phone_text(each.phone),
    }
    return {**asdict(each), **words}


def percent(probability: float) -> int:
    """A probability as a whole percentage that never claims certainty."""
    return min(99, round(probability * 100))


def reasons(found: Any) -> list[dict[str, Any]]:
    """Reasons of a pair in words: `for` says whether it speaks for one customer, the weightiest first."""
    ordered = sorted(found, key=lambda each: -abs(float(each.get("weight") or 0)))
    return [{"text": reason(each), "for": float(each.get("weight") or 0) > 0} for each in ordered]


def reason(each: Mapping[str, Any]) -> str:
    """One reason in words."""
    known = (str(each.get("field")), str(each.get("level")))
    return str(_REASONS.get(known, " ".join(known)))


def source_label(value: str) -> str:
    """Where a fact is from, in words."""
    return str(Source(value).label) if value in Source.values else value
