"""Values as literals of SQL, for where DuckDB and Delta Lake take no parameters."""

from __future__ import annotations


def quoted(text: str) -> str:
    """The text as a literal."""
    return "'" + text.replace("'", "''") + "'"
