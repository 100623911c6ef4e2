"""Timeline, names, exact finds, files, and what feeds and pages above need of customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.customers.certificates import NotACertificateError, normalise_certificate
from zhike.customers.models import Certificate, ExternalId, FileItem, Party, PartyTag, Tag
from zhike.customers.queries.parts import right, shown_name
from zhike.customers.records import see_party
from zhike.customers.resource import CUSTOMERS
from zhike.customers.secrecy import lookup_of
from zhike.customers.sniff import INLINE
from zhike.customers.types.words import CertificateType
from zhike.kernel.actions import about, query
from zhike.kernel.actor import Context
from zhike.kernel.audit import as_seen_by
from zhike.kernel.errors import FieldHidden, Invalid, NotFound
from zhike.kernel.events import FactRead, facts_of
from zhike.kernel.rights import FieldRight
from zhike.kernel.rows import row_filter, visible

Customer = Annotated[UUID, about(gettext_lazy("Customer"))]
_DEEPEST = 50


@query(
    "customers.timeline", resource="customers", label=gettext_lazy("Timeline"), permission="customers.read"
)
def timeline(
    context: Context,
    customer: Customer,
    kinds: Annotated[list[str], about(gettext_lazy("What happened"))] = [],  # noqa: B006
    before: Annotated[int | None, about(gettext_lazy("Older than this entry"))] = None,
    limit: Annotated[int, Bound(ge=1, le=200), about(gettext_lazy("At most"))] = 50,
) -> list[FactRead]:
    """Every fact about a customer and about those merged into it, newest first, as the reader may see them.

    `kinds` are beginnings such as `customers.note`; `before` is the id of the last fact of the page before.
    """
    party = see_party(context, customer)
    ids = [party.pk, *absorbed_ids([party.pk])[party.pk]]
    facts = as_seen_by(context.actor, facts_of(CUSTOMERS.name, ids, before=before, kinds=kinds, limit=limit))
    return _others_unnamed(context, facts)


def _others_unnamed(context: Context, facts: list[FactRead]) -> list[FactRead]:
    """Facts that name another customer, without that name where the reader may not see the other's row."""
    named = {fact.id: other for fact in facts if (other := _other_in(fact.data))}
    if not named:
        return facts
    rows = Party.objects.filter(row_filter(context.actor, CUSTOMERS), pk__in=set(named.values()))
    seen = {str(pk) for pk in rows.values_list("pk", flat=True)}
    hidden = {key for key, other in named.items() if other not in seen}
    return [replace(fact, data=_less_other(fact.data)) if fact.id in hidden else fact for fact in facts]


def _other_in(data: Mapping[str, Any]) -> str | None:
    relation = data.get("relation")
    return data.get("other") or (relation.get("other") if isinstance(relation, Mapping) else None)


def _less_other(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in data.items() if name not in ("other", "other_number")}
    return {name: _less_other(value) if name == "relation" else value for name, value in kept.items()}


def absorbed_ids(ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Who was merged into each customer, also at second hand."""
    found: dict[UUID, list[UUID]] = {each: [] for each in ids}
    owner = {each: each for each in found}
    level = list(found)
    while level:
        rows = Party.objects.filter(merged_into__in=level).values_list("pk", "merged_into_id")
        level = []
        for pk, into in rows:
            if into is not None and pk not in owner:
                owner[pk] = owner[into]
                found[owner[pk]].append(pk)
                level.append(pk)
    return found


def canonical_ids(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The customer that each id stands for by now: itself, or whom it was merged into in the end."""
    found = {each: each for each in ids}
    open_ids = set(found.values())
    for _step in range(_DEEPEST):
        rows = Party.objects.filter(pk__in=open_ids, merged_into__isnull=False)
        into = {pk: target for pk, target in rows.values_list("pk", "merged_into_id") if target}
        if not into:
            break
        found = {each: into.get(target, target) for each, target in found.items()}
        open_ids = set(into.values())
    return found


def names_of(context: Context, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of those of the ids that the reader may see, masked where the reader sees masks."""
    rows = visible(context.actor, CUSTOMERS).filter(pk__in=list(ids)).values_list("pk", "name")
    return {pk: shown_name(context, name) for pk, name in rows}


def ids_by_external(source: str, values: Iterable[str]) -> dict[str, UUID]:
    """Which customers another system's ids stand for, merges followed."""
    rows = ExternalId.objects.filter(source=source, value__in=list(values), party__deleted_at=None)
    found = dict(rows.values_list("value", "party_id"))
    canonical = canonical_ids(found.values())
    return {value: canonical[party] for value, party in found.items()}


def ids_in_bin_by_external(source: str, values: Iterable[str]) -> dict[str, UUID]:
    """Which customers in the recycle bin another system's ids belong to."""
    rows = ExternalId.objects.filter(source=source, value__in=list(values), party__deleted_at__isnull=False)
    return dict(rows.values_list("value", "party_id"))


@query(
    "customers.find_by_certificate", resource="customers", label=gettext_lazy("Find by certificate"),
    permission="customers.read",
)  # fmt: skip
def find_by_certificate(
    context: Context,
    number: Annotated[str, Bound(min_length=4, max_length=60), about(gettext_lazy("Number"))],
    type: Annotated[CertificateType | None, about(gettext_lazy("Kind"))] = None,
) -> list[UUID]:
    """The visible customers with exactly this certificate number; without a kind, whatever the document."""
    if right(context, "certificate") == FieldRight.HIDDEN:
        raise FieldHidden(field="certificate")
    try:
        plain = normalise_certificate(type.value if type else CertificateType.OTHER.value, number)
    except NotACertificateError as problem:
        raise Invalid({"number": problem.reason}) from None
    papers = Certificate.objects.filter(lookup=lookup_of(plain))
    rows = visible(context.actor, CUSTOMERS).filter(pk__in=papers.values("party_id"))
    return list(rows.order_by("pk").values_list("pk", flat=True))


@query("customers.tags", resource="customers", label=gettext_lazy("Tags in use"), permission="customers.read")
def tags(
    context: Context, start: Annotated[str, Bound(max_length=40), about(gettext_lazy("Beginning"))] = ""
) -> list[str]:
    """Up to fifty tags that are on customers the reader may see, those that begin so. Raises FieldHidden."""
    if right(context, "tag") < FieldRight.READ:
        raise FieldHidden(field="tags")
    # Asked of each tag by its keys: the first visible customer that has it is enough.
    mine = visible(context.actor, CUSTOMERS).filter(pk=OuterRef("party_id"))
    in_use = PartyTag.objects.filter(Exists(mine), tag=OuterRef("pk"))
    rows = Tag.objects.filter(Exists(in_use), name__istartswith=start)
    return list(rows.order_by("name").values_list("name", flat=True)[:50])


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file with its bytes. Only `inline` ones may be shown in the page; all others are downloads."""

    name: str
    content_type: str
    content: bytes
    inline: bool


def open_file(context: Context, customer: UUID, file: UUID) -> FileContent:
    """A file of a customer that the reader may see. Raises NotFound, FieldHidden."""
    party = see_party(context, customer)
    if right(context, "file") < FieldRight.READ:
        raise FieldHidden(field="file")
    row = FileItem.objects.filter(pk=file, party=party).first()
    if row is None:
        raise NotFound()
    with default_storage.open(row.path) as handle:
        return FileContent(row.name, row.content_type, handle.read(), row.content_type in INLINE)


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    """A customer for the warehouse: no name, no contact, no certificate; the year of birth, not the day."""

    id: UUID
    kind: str
    state: str
    grade: str
    stage: str
    relation_stage: str
    relation_kind: str
    type: str
    bond: str
    source: str
    industry: str
    country: str
    province: str
    city: str
    gender: str
    birth_year: int | None
    owner_id: UUID | None
    unit_id: UUID | None
    quality: int
    created_at: datetime
    updated_at: datetime
    merged_into_id: UUID | None
    deleted_at: datetime | None


_DIMENSION = tuple(name for name in WarehouseRow.__slots__ if name != "birth_year")


def warehouse_rows(ids: Iterable[UUID]) -> dict[UUID, WarehouseRow]:
    """Some customers for the warehouse, merged and deleted ones too."""
    found = {}
    for *plain, birthday in Party.objects.filter(pk__in=list(ids)).values_list(*_DIMENSION, "birthday"):
        values: dict[str, Any] = dict(zip(_DIMENSION, plain, strict=True))
        row = WarehouseRow(**values, birth_year=birthday.year if birthday else None)
        found[row.id] = row
    return found
