"""Many new customers at once, past the ORM: the same rows as one by one, by COPY where the database has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from typing import Any
from uuid import UUID

from zhike.customers.models import (
    Address,
    Certificate,
    ContactPoint,
    ExternalId,
    Note,
    OrganisationFact,
    Party,
    PartyTag,
    Role,
)
from zhike.customers.prepare import Prepared
from zhike.customers.resource import CUSTOMERS
from zhike.customers.store import certificate_of, created_news, fact_rows, roles_of, tags_named
from zhike.kernel import search
from zhike.kernel.actor import Context
from zhike.kernel.bulk import Cell, Wire, announce_many, copy_rows, streaming, wire_of
from zhike.kernel.ids import uuid7
from zhike.kernel.text import canonical

Rows = Iterator[Sequence[Cell]]
_CONTACT = (
    "id", "party_id", "kind", "purpose", "value", "normalised", "consent", "consent_at", "consent_source",
    "is_primary", "valid_from", "valid_until", "created_at",
)  # fmt: skip
_ADDRESS = (
    "id", "party_id", "purpose", "text", "country", "province", "city", "district", "street", "postcode",
    "is_primary", "valid_from", "valid_until", "created_at",
)  # fmt: skip
_PARTY = tuple(str(field.column) for field in Party._meta.concrete_fields)
_party_cells: Callable[[dict[str, Any]], tuple[Cell, ...]] = itemgetter(*_PARTY)
_NOTE = (
    "id", "party_id", "text", "pinned", "author_id", "author_name", "created_at", "changed_at", "version",
)  # fmt: skip


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _parties(wire: Wire, prepared: Sequence[Prepared]) -> Rows:
    uid = wire.uid
    for each in prepared:
        row = each.party
        created = wire.moment(row["created_at"])
        yield _party_cells({
            **row,
            "id": uid(row["id"]),
            "owner_id": uid(row["owner_id"]) if row["owner_id"] else None,
            "unit_id": uid(row["unit_id"]) if row["unit_id"] else None,
            "birthday": _day(row["birthday"]),
            "custom": canonical(row["custom"]) if row["custom"] else "{}",
            "created_at": created,
            "updated_at": created,
        })  # fmt: skip


def _contacts(wire: Wire, prepared: Sequence[Prepared]) -> Rows:
    for each in prepared:
        party = wire.uid(each.id)
        for row in each.contacts:
            yield (
                wire.uid(row.id), party, row.kind, row.purpose, row.value, row.normalised, row.consent,
                wire.moment(row.consent_at) if row.consent_at else None, "", wire.flag(row.is_primary),
                _day(row.valid_from), _day(row.valid_until), wire.moment(row.created_at),
            )  # fmt: skip


def _addresses(wire: Wire, prepared: Sequence[Prepared]) -> Rows:
    for each in prepared:
        party = wire.uid(each.id)
        for row in each.addresses:
            yield (
                wire.uid(row.id), party, row.purpose, row.text, row.country, row.province, row.city,
                row.district, row.street, row.postcode, wire.flag(row.is_primary), _day(row.valid_from),
                _day(row.valid_until), wire.moment(row.created_at),
            )  # fmt: skip


def _notes(context: Context, wire: Wire, prepared: Sequence[Prepared]) -> Rows:
    author, name, now = wire.uid(context.actor.id), context.actor.name[:120], wire.moment(context.now)
    pinned = wire.flag(False)
    for each in prepared:
        if text := each.draft.note.strip():
            yield wire.uid(uuid7()), wire.uid(each.id), text, pinned, author, name, now, None, 1


def _small(
    wire: Wire, prepared: Sequence[Prepared], tags: dict[str, UUID]
) -> Iterator[tuple[Any, tuple[str, ...], Rows]]:
    """Roles, ids in other systems and tags: table, columns, rows."""
    uid = wire.uid
    yield Role, ("party_id", "name"), ((uid(p.id), name) for p in prepared for name in roles_of(p))
    pairs = ((p.id, pair) for p in prepared for pair in dict.fromkeys(p.draft.external_ids))
    yield (
        ExternalId,
        ("party_id", "source", "value"),
        ((uid(pk), source, value) for pk, (source, value) in pairs),
    )
    marks = ((p.id, tag) for p in prepared for tag in dict.fromkeys(map(str.strip, p.draft.tags)))
    yield PartyTag, ("party_id", "tag_id"), ((uid(pk), uid(tags[tag])) for pk, tag in marks)


def _model_rows(wire: Wire, rows: Iterable[Any], columns: Sequence[tuple[str, str]]) -> Rows:
    """Rows of model objects, for what few customers have."""
    for row in rows:
        values: list[Cell] = []
        for name, _column in columns:
            value = getattr(row, name)
            if isinstance(value, UUID):
                value = wire.uid(value)
            elif isinstance(value, bool):
                value = wire.flag(value)
            elif hasattr(value, "hour"):
                value = wire.moment(value)
            elif isinstance(value, date):
                value = value.isoformat()
            values.append(value)
        yield values


def _copy_models(wire: Wire, model: Any, rows: Sequence[Any]) -> None:
    if rows:
        columns = [(field.attname, str(field.column)) for field in model._meta.concrete_fields]
        copy_rows(model._meta.db_table, [column for _, column in columns], _model_rows(wire, rows, columns))


def store_many(context: Context, prepared: Sequence[Prepared], today: date) -> None:
    """Store prepared customers that have their numbers, with facts and search entries, in the caller's transaction."""
    if not prepared:
        return
    wire = wire_of()
    tags = tags_named((tag for each in prepared for tag in each.draft.tags), context.now)
    papers = [certificate_of(each.id, row, context.now) for each in prepared for row in each.certificates]
    facts = [row for each in prepared for row in fact_rows(each, context.now, today)]
    with streaming():
        copy_rows(Party._meta.db_table, _PARTY, _parties(wire, prepared))
        copy_rows(ContactPoint._meta.db_table, _CONTACT, _contacts(wire, prepared))
        search.copy_new(CUSTOMERS.name, ((each.id, search.tokens_text(each.entry())) for each in prepared))
        announce_many(context, (created_news(each) for each in prepared))
        copy_rows(Address._meta.db_table, _ADDRESS, _addresses(wire, prepared))
        for model, columns, rows in _small(wire, prepared, tags):
            copy_rows(model._meta.db_table, columns, rows)
        _copy_models(wire, Certificate, papers)
        _copy_models(wire, OrganisationFact, facts)
        copy_rows(Note._meta.db_table, _NOTE, _notes(context, wire, prepared))
