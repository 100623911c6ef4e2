"""What a customer looks like to lists, conditions, exports, doors and rights."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.customers.loaders import load
from zhike.customers.models import (
    Address,
    Certificate,
    ContactPoint,
    ExternalId,
    Note,
    Party,
    PartyTag,
    Role,
)
from zhike.customers.models import (
    Relation as Related,
)
from zhike.customers.scores import BY_NAME, relation_name, score_fields
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
    RelationType,
    RoleName,
    Source,
    Stage,
    State,
)
from zhike.kernel.definitions import fields_of
from zhike.kernel.fields import Choice, Field, Kind, Relation, Resource, register_resource
from zhike.kernel.masks import mask_email, mask_general, mask_name, mask_phone


def choices(words: type[TextChoices]) -> tuple[Choice, ...]:
    """A word list as choices of a field."""
    return tuple(Choice(str(word.value), word.label) for word in words)


def _as_it_is(value: Any) -> Any:
    """Certificate numbers come masked from the table already."""
    return value


_WHO, _WHERE = pgettext_lazy("section", "Who"), pgettext_lazy("section", "Contact")
_KIND, _CARE = pgettext_lazy("section", "Kind"), pgettext_lazy("section", "Care")


def _choice(name: str, label: Any, words: type[TextChoices], section: Any, *, path: str = "") -> Field:
    return Field(
        name, label, Kind.CHOICE, path or name, choices=choices(words), section=section, nullable=False
    )


def _text(name: str, label: Any, section: Any, **rest: Any) -> Field:
    return Field(name, label, Kind.TEXT, rest.pop("path", name), section=section, nullable=False, **rest)


_DECLARED = (
    _text("number", _("Customer number"), _WHO),
    _text("name", _("Name"), _WHO, sortable=True, order_path="sort_name", mask=mask_name),
    _choice("kind", _("Person or organisation"), PartyKind, _WHO),
    _text("legal_name", _("Full legal name"), _WHO, right="name", mask=mask_name),
    _text("english_name", _("English name"), _WHO, right="name", mask=mask_name),
    _text("name_pinyin", _("Pinyin"), _WHO, right="name", mask=mask_general),
    _choice("gender", _("Gender"), Gender, _WHO),
    Field("birthday", _("Birthday"), Kind.DATE, "birthday", section=_WHO),
    _text("industry", _("Industry"), _WHO, column="industry"),
    Field(
        "roles", _("Roles"), Kind.CHOICES, choices=choices(RoleName), section=_WHO, filterable=False,
        loaded=True,
    ),
    Field(
        "certificate", _("Certificates"), Kind.CHOICES, section=_WHO, filterable=False,
        loaded=True, mask=_as_it_is,
    ),
    Field(
        "phone", _("Phone"), Kind.PHONE, "primary_phone", section=_WHERE, nullable=False, mask=mask_phone
    ),
    Field(
        "email", _("E-mail"), Kind.EMAIL, "primary_email", section=_WHERE, nullable=False, mask=mask_email
    ),
    _text("country", _("Country"), _WHERE),
    _text("province", _("Province"), _WHERE, column="province"),
    _text("city", _("City"), _WHERE, column="city"),
    _text("district", _("District"), _WHERE, column="district"),
    Field(
        "address", _("Address"), Kind.TEXT, section=_WHERE, filterable=False, loaded=True,
        mask=mask_general,
    ),
    _choice("state", _("State"), State, _KIND),
    _choice("relation_kind", _("Relation to us"), RelationKind, _KIND),
    _choice("type", _("Type"), CustomerType, _KIND),
    _choice("bond", _("Bond"), Bond, _KIND),
    _choice("stage", _("Lifecycle stage"), Stage, _KIND),
    _choice("relation_stage", _("Relation stage"), RelationStage, _KIND),
    _choice("grade", _("Grade"), Grade, _KIND),
    _choice("source", _("Source"), Source, _KIND),
    Field("owner", _("Account manager"), Kind.REFERENCE, "owner_id", reference="staff", section=_CARE),
    Field("unit", _("Unit"), Kind.REFERENCE, "unit_id", reference="units", section=_CARE),
    Field(
        "tags", _("Tags"), Kind.CHOICES, section=_CARE, filterable=False, right="tag", loaded=True
    ),
    Field(
        "note", _("Latest note"), Kind.LONG_TEXT, section=_CARE, filterable=False,
        loaded=True, mask=mask_general,
    ),
    Field(
        "quality", _("Quality of the record"), Kind.NUMBER, "quality", section=_CARE, sortable=True,
        nullable=False,
    ),
    Field(
        "created_at", _("Created"), Kind.MOMENT, "created_at", section=_CARE, sortable=True, nullable=False
    ),
    Field(
        "updated_at", _("Changed"), Kind.MOMENT, "updated_at", section=_CARE, sortable=True, nullable=False
    ),
    Field("version", _("Version"), Kind.NUMBER, "version", section=_CARE, nullable=False),
)  # fmt: skip


def _fields(*items: Field) -> dict[str, Field]:
    return {item.name: item for item in items}


# Which line of roles.yaml governs which kinds of contact points.
CONTACT_RIGHTS: dict[str, str] = {
    kind: {"phone": "phone", "fax": "phone", "email": "email"}.get(kind, "social")
    for kind in ContactKind.values
}


def mask_social(value: Any) -> str | None:
    """The first two characters of an id in a social network."""
    return f"{str(value)[:2]}***" if value else None


CONTACT_MASKS = {"phone": mask_phone, "email": mask_email, "social": mask_social}


def _contact_relation(name: str, label: Any, right: str) -> Relation:
    """Contact points of the customer that the right on `right` governs."""
    kinds = [kind for kind, governing in CONTACT_RIGHTS.items() if governing == right]
    return Relation(
        name,
        label,
        ContactPoint,
        "party_id",
        _fields(
            Field("value", _("As written"), Kind.TEXT, "value", right=right, nullable=False),
            Field("normalised", _("Normalised"), Kind.TEXT, "normalised", right=right, nullable=False),
            Field(
                "kind", _("Kind"), Kind.CHOICE, "kind", right=right, choices=choices(ContactKind), nullable=False
            ),
            Field(
                "purpose", _("Purpose"), Kind.CHOICE, "purpose", right=right,
                choices=choices(ContactPurpose), nullable=False,
            ),
            Field(
                "consent", _("Consent"), Kind.CHOICE, "consent", right=right, choices=choices(Consent),
                nullable=False,
            ),
            Field("primary", _("Primary"), Kind.YES_NO, "is_primary", right=right, nullable=False),
            Field("valid_from", _("Valid from"), Kind.DATE, "valid_from", right=right),
            Field("valid_until", _("Valid until"), Kind.DATE, "valid_until", right=right),
        ),
        right=right,
        only={"kind__in": kinds},
    )  # fmt: skip


def _address_fields() -> dict[str, Field]:
    names = (
        ("text", _("As written")), ("country", _("Country")), ("province", _("Province")), ("city", _("City")),
        ("district", _("District")), ("street", _("Street")), ("postcode", _("Postcode")),
    )  # fmt: skip
    texts = [Field(name, label, Kind.TEXT, name, right="address", nullable=False) for name, label in names]
    purpose = Field(
        "purpose", _("Purpose"), Kind.CHOICE, "purpose", right="address", choices=choices(AddressPurpose),
        nullable=False,
    )  # fmt: skip
    return _fields(*texts, purpose)


def _relation_fields() -> dict[str, Field]:
    return _fields(
        Field("type", _("Kind"), Kind.CHOICE, "type", right="relation", choices=choices(RelationType)),
        Field("title", _("Position"), Kind.TEXT, "title", right="relation", nullable=False),
        Field("valid_from", _("Valid from"), Kind.DATE, "valid_from", right="relation"),
        Field("valid_until", _("Valid until"), Kind.DATE, "valid_until", right="relation"),
    )


def _certificate_fields() -> dict[str, Field]:
    return _fields(
        Field("type", _("Kind"), Kind.CHOICE, "type", right="certificate", choices=choices(CertificateType)),
        Field("valid_until", _("Valid until"), Kind.DATE, "valid_until", right="certificate"),
    )


_RELATIONS = (
    _contact_relation("phones", _("Phones"), "phone"),
    _contact_relation("emails", _("E-mails"), "email"),
    _contact_relation("social_ids", _("Social ids"), "social"),
    Relation("addresses", _("Addresses"), Address, "party_id", _address_fields(), right="address"),
    Relation("tags", _("Tags"), PartyTag, "party_id",
             _fields(Field("name", _("Tag"), Kind.TEXT, "tag__name", right="tag", nullable=False)), right="tag"),
    Relation("roles", _("Roles"), Role, "party_id",
             _fields(Field("name", _("Role"), Kind.CHOICE, "name", right="roles", choices=choices(RoleName))),
             right="roles"),
    Relation("related_to", _("Relations to others"), Related, "source_id", _relation_fields(), right="relation"),
    Relation("related_from", _("Relations from others"), Related, "target_id", _relation_fields(),
             right="relation"),
    Relation("certificates", _("Certificates"), Certificate, "party_id", _certificate_fields(),
             right="certificate"),
    Relation("notes", _("Notes"), Note, "party_id", _fields(
        Field("text", _("Text"), Kind.LONG_TEXT, "text", right="note", nullable=False),
        Field("created_at", _("Created"), Kind.MOMENT, "created_at", right="note", nullable=False),
    ), right="note"),
    Relation("external_ids", _("Ids in other systems"), ExternalId, "party_id", _fields(
        Field("source", _("Source"), Kind.TEXT, "source", right="external_id", nullable=False),
        Field("value", _("Id"), Kind.TEXT, "value", right="external_id", nullable=False),
    ), right="external_id"),
)  # fmt: skip


def _prepare(queryset: QuerySet[Any], names: Collection[str]) -> QuerySet[Any]:
    """Join the scores that the named fields show."""
    joins = {
        relation_name(name): FilteredRelation("scores", condition=Q(scores__name=name))
        for name in names
        if name in BY_NAME
    }
    return queryset.annotate(**joins) if joins else queryset


CUSTOMERS = register_resource(
    Resource(
        name="customers",
        label=_("Customers"),
        model=Party,
        read="customers.read",
        fields={**_fields(*_DECLARED), **score_fields()},
        relations={item.name: item for item in _RELATIONS},
        live={"deleted_at__isnull": True, "merged_into__isnull": True},
        load=load,
        default_columns=(
            "name", "number", "state", "grade", "phone", "city", "owner", "value_tier", "updated_at",
        ),
        subtitle=("number", "city", "phone"),
        governed=("file", "organisation"),
        page_url="/customers/{id}/",
        custom_fields=lambda: fields_of("customers"),
        prepare=_prepare,
    )
)  # fmt: skip
