"""Contact points and addresses of one customer: adding, replacing, and keeping exactly one primary."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from zhike.customers.checks import Errors
from zhike.customers.models import Address, ContactPoint, Party
from zhike.customers.prepare import prepare_address, prepare_contact
from zhike.customers.records import setting_of
from zhike.customers.types.drafts import AddressDraft, ContactDraft
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid


def replace_primary(context: Context, party: Party, name: str, value: str) -> dict[str, tuple[Any, Any]]:
    """Give the primary phone, e-mail or address another value, add it, or (empty) take it away.

    Returns the change as field → (old, new). Raises Invalid naming the field.
    """
    if name == "address":
        return _replace_address(context, party, value.strip())
    rows = ContactPoint.objects.filter(party=party, kind=name)
    old = rows.filter(is_primary=True).first()
    if not value.strip():
        return _take_away(rows, old, name, "normalised")
    errors: Errors = {}
    fresh = prepare_contact(ContactDraft(value, name, primary=True), setting_of(context), errors)
    if fresh is None:
        raise Invalid({name: errors["value"]})
    if old is not None and old.normalised == fresh.normalised and old.value == fresh.value:
        return {}
    before = old.normalised if old else ""
    twin = rows.filter(normalised=fresh.normalised, is_primary=False).first()
    if twin is not None:
        rows.filter(is_primary=True).update(is_primary=False)
        rows.filter(pk=twin.pk).update(is_primary=True)
    elif old is not None:
        # Consent was given for the old value; it does not go over to the new one.
        rows.filter(pk=old.pk).update(
            value=fresh.value,
            normalised=fresh.normalised,
            consent=fresh.consent,
            consent_at=None,
            consent_source="",
        )
    else:
        ContactPoint(**asdict(fresh), party=party).save(force_insert=True)
    return {name: (before, fresh.normalised)}


def _replace_address(context: Context, party: Party, value: str) -> dict[str, tuple[Any, Any]]:
    rows = Address.objects.filter(party=party)
    old = rows.filter(is_primary=True).first()
    if not value:
        return _take_away(rows, old, "address", "text")
    errors: Errors = {}
    fresh = prepare_address(AddressDraft(value, primary=True), setting_of(context), errors)
    if fresh is None:
        raise Invalid({"address": errors["text"]})
    if old is not None and old.text == fresh.text:
        return {}
    if old is None:
        Address(**asdict(fresh), party=party).save(force_insert=True)
    else:
        kept = {"id", "purpose", "created_at", "valid_from", "valid_until"}
        rows.filter(pk=old.pk).update(**{k: v for k, v in asdict(fresh).items() if k not in kept})
    return {"address": (old.text if old else "", fresh.text)}


def _take_away(rows: Any, old: Any, name: str, shown: str) -> dict[str, tuple[Any, Any]]:
    if old is None:
        return {}
    old.delete()
    heir = promote_oldest(rows)
    return {name: (getattr(old, shown), getattr(heir, shown) if heir else "")}


def promote_oldest(rows: Any) -> Any:
    """Make the oldest of what is left the primary one, and return it; None when nothing is left."""
    heir = rows.order_by("created_at", "id").first()
    if heir is not None:
        rows.filter(pk=heir.pk).update(is_primary=True)
    return heir
