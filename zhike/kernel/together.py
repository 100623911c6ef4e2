"""Small statements that travel together: the inserts of one deed as one, where the database is far away.

A customer with its contact points, its search entry and its fact is a handful of rows in as many tables. One by one
they cost a round trip each; inside `together` they wait and go out in one, and with them what the deed asks besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection


@dataclass(slots=True)
class Asked:
    """What was asked along the way; `rows` is there when the block has ended."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)


_Waiting = list[tuple[str, Asked | None]]
_waiting: ContextVar[_Waiting | None] = ContextVar("waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Send the statements of the block as one at its end (PostgreSQL; SQLite is at hand and takes them at once).

    Nothing of them can be read back within the block. Joins a block that is open already. Raises IntegrityError at
    the end of the block.
    """
    if connection.vendor != "postgresql" or _waiting.get() is not None:
        yield
        return
    waiting: _Waiting = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    if waiting:
        _send(waiting)


def _send(waiting: _Waiting) -> None:
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statement for statement, _ in waiting))
        for _statement, asked in waiting:
            if asked is not None:
                asked.rows = cursor.fetchall()
            cursor.nextset()


def _bound(statement: str, values: Sequence[Any]) -> str:
    # One statement after the other: the driver remembers how to bind a short one, but takes a long one apart each time.
    operations: Any = connection.ops
    return str(operations.compose_sql(statement, values))


def wait(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int | None:
    """Let rows wait for the end of the block; how many there were. None when no block is open: insert them yourself."""
    waiting = _waiting.get()
    if waiting is None:
        return None
    values = [list(row) for row in rows]
    if values:
        named = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(values))
        # Names come from the models, values are bound.
        statement = f"INSERT INTO {table} ({named}) VALUES {marks}"  # noqa: S608
        waiting.append((_bound(statement, [value for row in values for value in row]), None))
    return len(values)


def ask(statement: str, values: Sequence[Any]) -> Asked:
    """Ask something that nothing within the block needs to know. At once when no block is open."""
    asked = Asked()
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append((_bound(statement, values), asked))
        return asked
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        asked.rows = cursor.fetchall()
    return asked
