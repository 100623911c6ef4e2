"""Values that a customer has several of, read for many customers at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from zhike.customers.models import Address, Certificate, Note, PartyTag, Role


def tags_of(ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    """The names of the tags of each customer."""
    rows = PartyTag.objects.filter(party__in=ids).order_by("tag__name").values_list("party_id", "tag__name")
    return _gathered(rows)


def roles_of(ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    """The roles of each customer."""
    return _gathered(Role.objects.filter(party__in=ids).order_by("id").values_list("party_id", "name"))


def addresses_of(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The primary address of each customer as written."""
    rows = Address.objects.filter(party__in=ids, is_primary=True)
    return dict(rows.values_list("party_id", "text"))


def certificates_of(ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    """The masked certificate numbers of each customer; the numbers themselves are never in lists."""
    rows = Certificate.objects.filter(party__in=ids).order_by("id").values_list("party_id", "masked")
    return _gathered(rows)


def latest_notes_of(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The newest note of each customer."""
    rows = Note.objects.filter(party__in=ids).order_by("created_at", "id").values_list("party_id", "text")
    return dict(rows)


def _gathered(rows: object) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for party, value in rows:  # type: ignore[attr-defined]
        found.setdefault(party, []).append(value)
    return found
