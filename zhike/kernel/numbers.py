"""Human numbers such as C-000123: short, rising, unique, said aloud on the telephone."""

from __future__ import annotations

import re

from django.db import connection, transaction

_COUNT_ON = (
    "INSERT INTO kernel_counter (name, value) VALUES (%s, %s) "
    "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value"
)
_SERIES = re.compile(r"[a-z][a-z_]{0,30}")


def _from_sequence(series: str, count: int) -> list[int]:
    """Numbers of the sequence, none when there is no such sequence (asking by name would break the transaction)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(c.oid::regclass) FROM pg_class c, generate_series(1, %s) "
            "WHERE c.relname = %s AND c.relkind = 'S' AND pg_table_is_visible(c.oid)",
            [count, f"number_{series}"],
        )
        return sorted(row[0] for row in cursor.fetchall())


def _from_new_sequence(series: str, count: int) -> list[int]:
    if not _SERIES.fullmatch(series):
        raise ValueError(f"not a name of a series: {series!r}")
    with transaction.atomic(), connection.cursor() as cursor:
        # Two first users at once: the second waits here and then finds it made.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"number_{series}"])
        cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS number_{series} AS bigint CACHE 1")
        return _from_sequence(series, count)


def next_numbers(series: str, count: int = 1) -> list[int]:
    """Take `count` numbers of a series, rising. No number is given twice; a rolled-back use leaves a gap.

    On PostgreSQL a sequence `number_<series>` gives them, so that writers do not wait for each other; it is
    made at first use.
    """
    if connection.vendor == "postgresql":
        return _from_sequence(series, count) or _from_new_sequence(series, count)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ON, [series, count])
        last = int(cursor.fetchone()[0])
    return list(range(last - count + 1, last + 1))


def format_number(letter: str, number: int) -> str:
    """`C`, 123 → `C-000123`."""
    return f"{letter}-{number:06d}"
