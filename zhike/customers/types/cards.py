"""What the customer page shows, as frozen values with the reader's rights already applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact point. `masked` says that `value` is not the whole."""

    id: UUID
    kind: str
    purpose: str
    value: str
    consent: str
    consent_at: datetime | None
    consent_source: str
    is_primary: bool
    valid_from: date | None
    valid_until: date | None
    masked: bool


@dataclass(frozen=True, slots=True)
class AddressView:
    """An address; masked, only province and city are left of it."""

    id: UUID
    purpose: str
    text: str
    province: str
    city: str
    district: str
    street: str
    postcode: str
    is_primary: bool
    valid_from: date | None
    valid_until: date | None
    masked: bool


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate; its number is always masked."""

    id: UUID
    type: str
    masked: str
    issuer: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class RelationView:
    """A relation seen from the customer: `is_source` when the customer is what `type` says of the other.

    Of an `other` that the reader may not see nothing is told but that there is one.
    """

    id: UUID
    type: str
    is_source: bool
    other: UUID | None
    other_number: str
    other_name: str
    other_kind: str
    title: str
    note: str
    manage_grade: str
    valid_from: date | None
    valid_until: date | None
    is_key_person: bool


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note."""

    id: UUID
    text: str
    pinned: bool
    author_id: UUID
    author_name: str
    created_at: datetime
    changed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class FileView:
    """A file. `inline` files may be shown in the page, all others are only downloaded."""

    id: UUID
    name: str
    content_type: str
    size: int
    author_name: str
    created_at: datetime
    inline: bool


@dataclass(frozen=True, slots=True)
class OrganisationFactView:
    """A fact about an organisation with where and when it is from."""

    group: str
    key: str
    value: str
    source: str
    as_of_date: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PeriodView:
    """What an aspect was during a half-open period; `until` is None for what holds now."""

    aspect: str
    value: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A score of insight: a figure, a word, or both."""

    name: str
    value: float | None
    label: str
    as_of_date: date


@dataclass(frozen=True, slots=True)
class QualityView:
    """How good the record is, with keys of `quality.ITEMS` for what lowers it."""

    score: int
    missing: tuple[str, ...]
    contradicting: tuple[str, ...]
    stale: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DuplicateView:
    """Somebody who may be the same customer, with the reasons. Of one the reader may not see only that there is one."""

    other: UUID | None
    number: str
    name: str
    phone: str
    city: str
    probability: float
    reasons: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """Two customers that may be one."""

    id: UUID
    left: UUID
    left_number: str
    left_name: str
    right: UUID
    right_number: str
    right_name: str
    probability: float
    reasons: tuple[Mapping[str, Any], ...]
    found_at: datetime


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge that can be taken back."""

    id: UUID
    absorbed: UUID
    absorbed_number: str
    merged_at: datetime
    merged_by_name: str


@dataclass(frozen=True, slots=True)
class ExternalIdRead:
    """What another system calls the customer."""

    source: str
    value: str


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """Everything on the customer page. `values` holds the fields the reader may see, masked ones masked.

    What hangs on a hidden line of roles.yaml is empty here. `may_write` says whether the row may be changed.
    """

    id: UUID
    number: str
    version: int
    kind: str
    values: Mapping[str, Any]
    masked: frozenset[str]
    may_write: bool
    owner_name: str
    unit_name: str
    contacts: tuple[ContactView, ...]
    addresses: tuple[AddressView, ...]
    certificates: tuple[CertificateView, ...]
    roles: tuple[str, ...]
    tags: tuple[str, ...]
    scores: tuple[ScoreView, ...]
    external_ids: tuple[ExternalIdRead, ...]
    relations: tuple[RelationView, ...]
    notes: tuple[NoteView, ...]
    files: tuple[FileView, ...]
    organisation_facts: tuple[OrganisationFactView, ...]
    history: tuple[PeriodView, ...]
    life_pattern: str
    quality: QualityView
    duplicates: tuple[DuplicateView, ...]
    merges: tuple[MergeView, ...]
