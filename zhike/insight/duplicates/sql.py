"""Small askings of a DuckDB connection, each read to its end: a half-read answer blocks the connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    """All rows of the answer."""
    answer: list[tuple[Any, ...]] = connection.execute(query, list(values)).fetchall()
    return answer


def number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """The first figure of the answer, 0 where there is none."""
    answer = rows(connection, query)
    return int(answer[0][0] or 0) if answer else 0
