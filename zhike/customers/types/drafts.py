"""What callers hand in: a customer to be made, parts of one, and changes to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from zhike.customers.types.words import (
    AddressPurpose,
    Bond,
    CertificateType,
    Consent,
    ContactKind,
    ContactPurpose,
    CustomerType,
    Gender,
    Grade,
    PartyKind,
    RelationKind,
    RelationStage,
    Source,
    Stage,
    State,
)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """One way to reach somebody. `valid_until` is the first day on which it no longer holds."""

    value: str
    kind: str = ContactKind.PHONE.value
    purpose: str = ContactPurpose.OTHER.value
    consent: str = Consent.UNKNOWN.value
    primary: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """One address as written; the parts that are not given are found in `text`."""

    text: str
    purpose: str = AddressPurpose.OTHER.value
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    postcode: str = ""
    primary: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """One document that proves identity, with its number in the clear."""

    number: str
    type: str = CertificateType.ID_CARD.value
    issuer: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class OrganisationFactDraft:
    """One fact about an organisation with where and when it is from. `key` is one of ORGANISATION_FACTS."""

    key: str
    value: str
    source: str = Source.OTHER.value
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A customer to be made. Only the name is needed; words are the values of the word lists."""

    name: str
    kind: str = PartyKind.PERSON.value
    legal_name: str = ""
    english_name: str = ""
    state: str = ""
    relation_kind: str = ""
    type: str = ""
    bond: str = ""
    stage: str = ""
    relation_stage: str = ""
    grade: str = ""
    industry: str = ""
    source: str = ""
    birthday: date | None = None
    gender: str = ""
    country: str = ""
    owner_id: UUID | None = None
    unit_id: UUID | None = None
    roles: Sequence[str] = ()
    tags: Sequence[str] = ()
    contacts: Sequence[ContactDraft] = ()
    addresses: Sequence[AddressDraft] = ()
    certificates: Sequence[CertificateDraft] = ()
    facts: Sequence[OrganisationFactDraft] = ()
    note: str = ""
    external_ids: Sequence[tuple[str, str]] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)


class CustomerChanges(BaseModel):
    """The fields to change; those that are not named stay as they are,
    those given as null become empty.

    `phone`, `email` and `address` replace the value of the primary one (or add it). `custom` names
    the user-defined fields to change.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    kind: PartyKind | None = None
    legal_name: Short | None = None
    english_name: Short | None = None
    state: State | None = None
    relation_kind: RelationKind | None = None
    type: CustomerType | None = None
    bond: Bond | None = None
    stage: Stage | None = None
    relation_stage: RelationStage | None = None
    grade: Grade | None = None
    industry: Short | None = None
    source: Source | None = None
    birthday: date | None = None
    gender: Gender | None = None
    country: Annotated[str, StringConstraints(pattern="^([A-Z]{2})?$")] | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] | None = None
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = None
    custom: dict[str, Any] | None = None


class ContactChanges(BaseModel):
    """The parts of a contact point to change; those that are not named stay."""

    model_config = ConfigDict(extra="forbid")

    value: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254)] | None = (
        None
    )
    purpose: ContactPurpose | None = None
    consent: Consent | None = None
    consent_source: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    primary: bool | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class AddressChanges(BaseModel):
    """The parts of an address to change; those that are not named stay."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] | None = None
    purpose: AddressPurpose | None = None
    primary: bool | None = None
    valid_from: date | None = None
    valid_until: date | None = None
