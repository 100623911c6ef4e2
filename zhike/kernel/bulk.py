"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite, past the ORM but with its stored forms.

wire = wire_of()
copy_rows("customers_role", ("party_id", "name"), ((wire.uid(party), name) for …))
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection

from zhike.kernel.actor import Context
from zhike.kernel.events import News, keyed
from zhike.kernel.ids import uuid7
from zhike.kernel.models import Fact
from zhike.kernel.slices import slices
from zhike.kernel.text import canonical
from zhike.kernel.together import wait

Cell = str | int | float | None
_BATCH = 1000
_FACT = (
    "uid", "kind", "resource", "record_id", "title", "at", "actor_kind", "actor_id", "actor_name", "channel",
    "request_id", "body", "mac",
)  # fmt: skip
# No text that is stored holds this control character alone, so it can stand for NULL without escapes.
_NULL = "\x01"


# Python looks for cycles every 700 new objects; a chunk of thousands of rows makes 150,000 that are in none.
_YOUNG = 50_000


@contextmanager
def few_collections() -> Iterator[None]:
    """Let the collector of cycles look seldom while many rows are made: it took a third of an import's time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG, 2, 2)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class Wire:
    """How the connected database wants ids, moments and flags."""

    uid: Callable[[UUID], str]
    moment: Callable[[datetime], str]
    flag: Callable[[bool], Cell]


# Rows of one chunk share their moments.
@lru_cache(maxsize=256)
def _naive(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))


@lru_cache(maxsize=256)
def _zoned(value: datetime) -> str:
    return value.isoformat()


# Both databases take ids as 32 hexadecimal digits.
_uid: Callable[[UUID], str] = attrgetter("hex")


def wire_of() -> Wire:
    """The stored forms of the connected database."""
    if connection.vendor == "postgresql":
        return Wire(_uid, _zoned, lambda value: "t" if value else "f")
    return Wire(_uid, _naive, int)


def _cells(row: Sequence[Cell]) -> list[str]:
    return [_NULL if cell is None else cell if type(cell) is str else str(cell) for cell in row]


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _lines(rows: Sequence[Sequence[Cell]]) -> str:
    """Rows in COPY's text format. What must be escaped is rare, so it is looked for in all rows at once."""
    kept = [_cells(row) for row in rows]
    text = "\n".join(["\t".join(cells) for cells in kept]) + "\n"
    tabs = sum(map(len, kept)) - len(kept)
    if "\\" in text or "\r" in text or text.count("\n") != len(kept) or text.count("\t") != tabs:
        text = "".join(["\t".join([cell.translate(_ESCAPES) for cell in cells]) + "\n" for cells in kept])
    return text


def _hex(text: str) -> str:
    return text.replace("-", "")


class _Stream:
    """The COPY whose rows are sent and whose end is not awaited yet."""

    def __init__(self) -> None:
        self._open = ExitStack()

    def send(self, statement: str, blocks: Iterable[str]) -> None:
        self.end()
        self._open = ExitStack()
        cursor = self._open.enter_context(connection.cursor())
        copy = self._open.enter_context(cursor.copy(statement))
        for block in blocks:
            copy.write(block)

    def end(self, *error: Any) -> None:
        self._open.__exit__(*(error or (None, None, None)))


_stream: ContextVar[_Stream | None] = ContextVar("stream", default=None)


@contextmanager
def streaming() -> Iterator[None]:
    """Let PostgreSQL digest the rows of one table while those of the next are made: half of a bulk load is waiting.

    Within the block only `copy_rows` may speak to the database. Raises IntegrityError for any of its tables at any
    later `copy_rows` or at the end of the block.
    """
    stream = _Stream()
    token = _stream.set(stream)
    try:
        yield
    except BaseException:
        stream.end(*sys.exc_info())
        raise
    finally:
        _stream.reset(token)
    stream.end()


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Add rows to a table, in the caller's transaction. Returns how many. Raises IntegrityError like any insert."""
    waited = wait(table, columns, rows)
    if waited is not None:
        return waited
    named = ", ".join(f'"{name}"' for name in columns)
    if connection.vendor == "postgresql":
        return _copy(f"COPY {table} ({named}) FROM STDIN WITH (NULL E'\\x01')", rows)
    marks = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {table} ({named}) VALUES ({marks})"  # noqa: S608
    done = 0
    with connection.cursor() as cursor:
        for batch in slices(rows, _BATCH):
            cursor.executemany(statement, batch)
            done += len(batch)
    return done


def _copy(statement: str, rows: Iterable[Sequence[Cell]]) -> int:
    done = 0

    def blocks() -> Iterator[str]:
        nonlocal done
        for batch in slices(rows, _BATCH):
            yield _lines(batch)
            done += len(batch)

    stream = _stream.get()
    if stream is not None:
        if made := list(blocks()):
            stream.send(statement, made)
        return done
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in blocks():
            copy.write(block)
    return done


def settle(*tables: str) -> None:
    """After a bulk load: let the database look at what came, so that lists are fast at once and not an hour later.

    Outside a transaction PostgreSQL also marks the pages of which every row is visible: then an index alone can count.
    """
    whole = connection.vendor == "postgresql" and not connection.in_atomic_block
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")
        for table in tables:
            cursor.execute(f"{'VACUUM ANALYZE' if whole else 'ANALYZE'} {table}")


def announce_many(context: Context, news: Iterable[News]) -> int:
    """Save many facts in the transaction of their changes, the same as `announce` would. Returns how many."""
    if not connection.in_atomic_block:
        raise RuntimeError("a fact is announced in the transaction of its change")
    wire, actor = wire_of(), context.actor
    at = context.now.astimezone(UTC).isoformat(timespec="microseconds")
    stored_at = wire.moment(context.now)
    name = actor.name[:120]
    kind, who, request = actor.kind.value, str(actor.id), str(context.request_id)
    stored_who, stored_request = wire.uid(actor.id), wire.uid(context.request_id)

    def rows() -> Iterator[Sequence[Cell]]:
        for item in news:
            body = canonical({"changes": item.changes, "data": item.data, "reason": context.reason})
            uid, title = uuid7(), item.title[:200]
            name_of_fact, record = str(uid), str(item.record_id)
            said = (
                name_of_fact, item.kind, item.resource, record, title, at, kind, who, name,
                context.channel, request, body,
            )  # fmt: skip
            yield (
                _hex(name_of_fact), item.kind, item.resource, _hex(record), title, stored_at, kind,
                stored_who, name, context.channel, stored_request, body, keyed("\x1f".join(said)),
            )  # fmt: skip

    return copy_rows(Fact._meta.db_table, _FACT, rows())
