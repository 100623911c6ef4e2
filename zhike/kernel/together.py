"""Small writes that travel together: the inserts of one deed as one statement, where the database is far away.

A customer with its contact points, its search entry and its fact is a handful of rows in as many tables. One by one
they cost a round trip each; inside `together` they wait and go out in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection

_Waiting = list[tuple[str, list[Any]]]
_waiting: ContextVar[_Waiting | None] = ContextVar("waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Send the inserts of the block as one statement at its end (PostgreSQL; SQLite is at hand and takes them at once).

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
        with connection.cursor() as cursor:
            cursor.execute(
                "; ".join(statement for statement, _ in waiting),
                [value for _, values in waiting for value in values],
            )


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
        waiting.append((f"INSERT INTO {table} ({named}) VALUES {marks}", [v for row in values for v in row]))  # noqa: S608
    return len(values)
