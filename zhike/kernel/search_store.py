"""Where search tokens are kept: a GIN-indexed tsvector on PostgreSQL, an FTS5 table on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func

from zhike.kernel.bulk import copy_rows, settle
from zhike.kernel.models import SearchEntry
from zhike.kernel.tokens import Alternative

_BATCH = 500
Terms = Sequence[Sequence[Alternative]]


def _postgres_alternative(item: Alternative) -> str:
    quoted = ["'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in item.tokens]
    return "(" + " & ".join(quoted) + (":*" if item.prefix else "") + ")"


def _sqlite_alternative(item: Alternative) -> str:
    quoted = ['"' + token.replace('"', '""') + '"' for token in item.tokens]
    return "(" + " AND ".join(quoted) + (" *" if item.prefix else "") + ")"


class Matches(Func):
    """Whether the entry's tokens satisfy terms: all of them, each by some alternative. On `SearchEntry` only.

    `sorted_later` says that all matches are wanted and will be sorted, not just the first few that come along.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, terms: Terms, *, sorted_later: bool = False) -> None:
        super().__init__(F("id"))
        self.terms = terms
        self.blind = sorted_later or any(item.prefix for term in terms for item in term)

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column: Any = self.source_expressions[0]
        alias = compiler.quote_name_unless_alias(column.alias)
        text = " & ".join("(" + " | ".join(map(_postgres_alternative, term)) + ")" for term in self.terms)
        if not self.blind:
            return f'{alias}."tsv" @@ %s::tsquery', [text]
        # Left to itself the planner errs twice: it believes that every prefix finds one entry in two hundred and reads
        # whole tables for rare ones, and it walks a list by name in the hope of meeting a match soon, where all
        # matches stand together at the end. It cannot look into a subquery, and an expression without statistics
        # brings its guess down to a few: then it always starts from the index of tokens.
        return f'{alias}."tsv" @@ (SELECT %s::tsquery) AND {alias}."id" %% 1 = 0', [text]

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        text = " AND ".join("(" + " OR ".join(map(_sqlite_alternative, term)) + ")" for term in self.terms)
        sql = f"{column} IN (SELECT rowid FROM kernel_search_fts WHERE kernel_search_fts MATCH %s)"  # noqa: S608
        return sql, [*params, text]


class OneOf(Func):
    """Whether the record is one of many: thousands of ids travel as one parameter."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, ids: Sequence[UUID]) -> None:
        super().__init__(F("pk"))
        self.ids = ids

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        return f"{column} = ANY(%s::uuid[])", [
            *params,
            "{" + ",".join([record.hex for record in self.ids]) + "}",
        ]

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        texts = "[" + ",".join([f'"{record.hex}"' for record in self.ids]) + "]"
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, texts]  # noqa: S608


def _batches(rows: Iterable[tuple[UUID, str]], size: int) -> Iterator[list[tuple[UUID, str]]]:
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def write(resource: str, tokens: Mapping[UUID, str]) -> None:
    """Set the tokens of some records, replacing what they had."""
    for batch in _batches(tokens.items(), _BATCH):
        if connection.vendor == "postgresql":
            _postgres_write(resource, batch)
        else:
            _sqlite_write(resource, batch)


def _postgres_write(resource: str, batch: list[tuple[UUID, str]]) -> None:
    with connection.cursor() as cursor:
        # An entry that says the same is left alone: most changes of a record do not touch what it is found by.
        cursor.execute(
            "INSERT INTO kernel_searchentry (resource, record_id, tsv) "
            "SELECT %s, id, tokens::tsvector FROM unnest(%s::uuid[], %s::text[]) AS new (id, tokens) ORDER BY id "
            "ON CONFLICT (record_id) DO UPDATE SET tsv = EXCLUDED.tsv "
            "WHERE kernel_searchentry.tsv IS DISTINCT FROM EXCLUDED.tsv",
            [resource, [record for record, _ in batch], [text for _, text in batch]],
        )


def _sqlite_write(resource: str, batch: list[tuple[UUID, str]]) -> None:
    known = dict(
        SearchEntry.objects.filter(record_id__in=[record for record, _ in batch]).values_list(
            "record_id", "id"
        )
    )
    fresh = [(record, text) for record, text in batch if record not in known]
    with connection.cursor() as cursor:
        old = [(text, known[record], text) for record, text in batch if record in known]
        cursor.executemany("UPDATE kernel_search_fts SET tokens = %s WHERE rowid = %s AND tokens <> %s", old)
    _sqlite_add(resource, fresh)


def _sqlite_add(resource: str, fresh: list[tuple[UUID, str]]) -> None:
    """New rows under ids of our choice: a writer on SQLite is alone, and ids are never given twice."""
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'kernel_searchentry'")
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        cursor.executemany(
            "INSERT INTO kernel_searchentry (id, resource, record_id) VALUES (%s, %s, %s)",
            [(first + at, resource, record.hex) for at, (record, _) in enumerate(fresh)],
        )
        cursor.executemany(
            "INSERT INTO kernel_search_fts (rowid, tokens) VALUES (%s, %s)",
            [(first + at, text) for at, (_, text) in enumerate(fresh)],
        )


def copy_new(resource: str, rows: Iterable[tuple[UUID, str]]) -> int:
    """Add entries of records that have none yet, at full speed (COPY on PostgreSQL). Returns how many.

    `rows` holds record ids with what `tokens.tokens_text` made. Raises IntegrityError when a record has one already.
    """
    if connection.vendor == "postgresql":
        cells = ((resource, record.hex, text) for record, text in rows)
        return copy_rows("kernel_searchentry", ("resource", "record_id", "tsv"), cells)
    done = 0
    for batch in _batches(rows, 5000):
        _sqlite_add(resource, batch)
        done += len(batch)
    return done


def remove(ids: Iterable[UUID]) -> None:
    """Take records out of the index; they are found no more from this transaction on."""
    wanted = list(ids)
    for at in range(0, len(wanted), _BATCH):
        entries = SearchEntry.objects.filter(record_id__in=wanted[at : at + _BATCH])
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                numbers = [(number,) for number in entries.values_list("id", flat=True)]
                cursor.executemany("DELETE FROM kernel_search_fts WHERE rowid = %s", numbers)
        entries.delete()


def tidy() -> None:
    """After a bulk load or an erasure: merge the index, drop what deletions left, refresh the planner's figures."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT gin_clean_pending_list('kernel_search_gin')")
        else:
            cursor.execute("INSERT INTO kernel_search_fts (kernel_search_fts) VALUES ('optimize')")
    settle("kernel_searchentry")
