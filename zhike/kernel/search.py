"""Search over everything by a few characters: names, pinyin, initials, numbers, ends of phone numbers.

Every record has one entry of tokens (`put`), made from its texts by `zhike.kernel.tokens`. A search text is cut into
terms over the same tokens; all terms must hold. Both databases answer from an inverted index. Tokens carry a class
letter, and the classes of fields that a reader may not see are left out of the reader's query, so a hidden field never
finds and a masked one finds only by its whole value (a phone also by its last four digits).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from zhike.kernel.actor import Actor, Context
from zhike.kernel.fields import Resource, readable_fields, resource, resources
from zhike.kernel.models import SearchEntry
from zhike.kernel.rights import FieldRight
from zhike.kernel.rows import visible
from zhike.kernel.search_store import Matches, Terms, copy_new, remove, tidy, write
from zhike.kernel.tokens import (
    Entry,
    Query,
    Readable,
    governed,
    narrowed,
    query_tokens,
    tokens_of,
    tokens_text,
)  # fmt: skip
from zhike.kernel.values import values_of

__all__ = [
    "Entry", "Found", "can_rebuild", "copy_new", "entries_from", "found_again", "put", "put_many", "query_tokens",
    "rebuild", "remove", "search_everything", "search_filter", "search_ids", "tidy", "tokens_of", "tokens_text",
]  # fmt: skip
_PARTS = ("name", "phone", "email", "certificate")
_CANDIDATES = 50
_SPARE = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One record that a search found, as the reader may see it."""

    resource: str
    id: UUID
    title: str
    subtitle: str
    url: str


def put(resource: str, record_id: UUID, entry: Entry) -> None:
    """Set what a record can be found by, in the transaction of its change."""
    put_many(resource, {record_id: entry})


def put_many(resource: str, entries: Mapping[UUID, Entry]) -> None:
    """Set what many records can be found by."""
    write(resource, {record: tokens_text(entry) for record, entry in entries.items()})


def readable_tokens(actor: Actor, of: Resource) -> Readable:
    """The classes of tokens the actor may search a resource by. Lines name, phone, email, certificate govern."""
    rights = {part: actor.rights.field(of.name, part) for part in _PARTS}
    openly = [part for part in _PARTS if rights[part] >= FieldRight.READ]
    masked = [part for part in _PARTS if rights[part] == FieldRight.MASKED]
    words = all(actor.rights.field(of.name, name) >= FieldRight.READ for name in of.words)
    return Readable(("w" if words else "") + governed(openly), governed(masked))


def _query(actor: Actor, of: Resource, text: str) -> Query:
    return narrowed(query_tokens(text), readable_tokens(actor, of))


def _answerable(terms: Terms) -> bool:
    return bool(terms) and all(terms)


def search_filter(actor: Actor, of: Resource, text: str) -> Q:
    """The records of a resource that a search text finds, as a filter. Exact: nothing is cut off."""
    terms = _query(actor, of, text).terms
    if not _answerable(terms):
        return Q(pk__in=[])
    found = SearchEntry.objects.filter(Q(Matches(terms, sorted_later=True)), resource=of.name)
    return Q(pk__in=found.values("record_id"))


def search_ids(actor: Actor, of: Resource, text: str, among: QuerySet[Any], most: int) -> list[UUID]:
    """The ids of those records `among` that a text finds, in no order, by one statement: at most `most`.

    For lists on a screen: what a common word costs stays bounded, and rights and conditions have had their say before
    anything is cut off.
    """
    terms = _query(actor, of, text).terms
    if not _answerable(terms):
        return []
    inside = Exists(among.order_by().filter(pk=OuterRef("record_id")))
    found = SearchEntry.objects.filter(Q(Matches(terms, sorted_later=True)), inside, resource=of.name)
    return list(found.values_list("record_id", flat=True)[:most])


def _candidates(actor: Actor, of: Resource, terms: Terms, tier: int, most: int) -> QuerySet[Any, Any]:
    seen = visible(actor, of).filter(pk=OuterRef("record_id"))
    entries = SearchEntry.objects.filter(Q(Matches(terms)), Exists(seen), resource=of.name)
    return entries.values_list(Value(tier), "resource", "record_id")[:most]


def _tiers(actor: Actor, of: Resource, text: str, limit: int) -> list[tuple[int, QuerySet[Any, Any]]]:
    """Candidates of one resource: exact values, beginnings, anything; each capped, each under row rights."""
    query = _query(actor, of, text)
    ways: list[tuple[int, Terms, int]] = [
        (0, (query.exact,), limit), (1, (query.starts,), limit), (2, query.terms, _CANDIDATES + limit),
    ]  # fmt: skip
    return [
        (tier, _candidates(actor, of, terms, tier, most)) for tier, terms, most in ways if _answerable(terms)
    ]


def _found_ids(actor: Actor, over: Iterable[Resource], text: str, limit: int) -> dict[tuple[str, UUID], int]:
    """(resource, id) → best tier, by one statement over all resources."""
    ways = sorted((way for of in over for way in _tiers(actor, of, text, limit)), key=lambda way: way[0])
    if not ways:
        return {}
    parts: list[str] = []
    params: list[Any] = []
    for number, (_tier, queryset) in enumerate(ways):
        sql, values = queryset.query.sql_with_params()
        parts.append(f"SELECT * FROM ({sql}) AS way{number}")  # noqa: S608 - Django's own SQL
        params += values
    best: dict[tuple[str, UUID], int] = {}
    with connection.cursor() as cursor:
        # Rows come tier by tier: once better ones fill the answer, what is common and worse is not even looked for.
        cursor.execute(f"{' UNION ALL '.join(parts)} LIMIT {limit + _SPARE:d}", params)
        for tier, name, record in cursor.fetchall():
            key = (name, record if isinstance(record, UUID) else UUID(record))
            best[key] = min(tier, best.get(key, tier))
    return best


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return _shown(value[0]) if value else ""
    return "" if value is None else str(value)


def _titled(context: Context, of: Resource, ids: Sequence[UUID]) -> dict[UUID, Found]:
    readable = readable_fields(context.actor, of)
    columns = {name: readable[name] for name in (of.title, *of.subtitle) if name in readable}
    values = values_of(of, columns, ids)
    return {
        record: Found(
            of.name,
            record,
            _shown(row.get(of.title)),
            " · ".join(text for name in of.subtitle if (text := _shown(row.get(name)))),
            of.page_url.format(id=record),
        )
        for record, row in values.items()
    }


def search_everything(
    context: Context, text: str, limit: int = 20, *, among: Sequence[str] = ()
) -> list[Found]:
    """Records of every kind (or of those named in `among`) that a text finds, best first, at most `limit`.

    An exact name or number stands before a beginning, a beginning before the rest, shorter titles first. Rights over
    rows and fields hold; titles and subtitles come masked where the reader sees masks.
    """
    actor = context.actor
    over = [of for of in resources().values() if actor.may(of.read) and (not among or of.name in among)]
    best = _found_ids(actor, over, text, limit)
    found: list[tuple[int, int, str, Found]] = []
    for name in sorted({name for name, _ in best}):
        ids = [record for kind, record in best if kind == name]
        titled = _titled(context, resource(name), ids)
        found += [(best[name, one.id], len(one.title), one.title, one) for one in titled.values()]
    found.sort(key=lambda row: (*row[:3], row[3].id))
    return [row[3] for row in found[:limit]]


def found_again(context: Context, wanted: Sequence[tuple[str, UUID]]) -> list[Found]:
    """The records named by resource and id, in this order, as the reader may see them now; the others are left out."""
    known = resources()
    found: dict[tuple[str, UUID], Found] = {}
    for name in {name for name, _ in wanted if name in known and context.actor.may(known[name].read)}:
        asked = [record for kind, record in wanted if kind == name]
        ids = visible(context.actor, known[name]).filter(pk__in=asked).values_list("pk", flat=True)
        found |= {(name, one.id): one for one in _titled(context, known[name], list(ids)).values()}
    return [found[key] for key in dict.fromkeys(wanted) if key in found]


Maker = Callable[[Sequence[UUID]], Mapping[UUID, Entry]]
_makers: dict[str, Maker] = {}


def entries_from(resource: str, maker: Maker) -> None:
    """Register how a room makes the entries of its records, so that the index can be made anew."""
    _makers[resource] = maker


def can_rebuild(resource: str) -> bool:
    """Whether a room told how the entries of this resource are made."""
    return resource in _makers


def rebuild(of: Resource, *, batch: int = 500) -> int:
    """Make the entries of all live records of a resource anew, batch by batch. Returns how many."""
    done, last = 0, None
    records = of.model._default_manager.filter(**of.live).order_by("pk")
    while True:
        rows = records.filter(pk__gt=last) if last is not None else records
        ids = list(rows.values_list("pk", flat=True)[:batch])
        if not ids:
            return done
        put_many(of.name, _makers[of.name](ids))
        done, last = done + len(ids), ids[-1]
