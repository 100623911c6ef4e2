"""Rows whose columns hold one of many values: thousands of values travel as one parameter per column.

Party.objects.filter(Among(("name_pinyin", "birthday"), [("liwei", date(1990, 1, 2)), …]))
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
from django.db.models import BooleanField, F, Func


class Among(Func):
    """Whether the columns, texts or dates, are together one of the rows; the k-th value of a row is of column k."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns: Sequence[str], rows: Sequence[tuple[str | date, ...]]) -> None:
        super().__init__(*(F(name) for name in columns))
        self.rows = rows

    def _columns(self, compiler: Any) -> list[str]:
        return [compiler.compile(each)[0] for each in self.source_expressions]

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        columns = self._columns(compiler)
        values = [list(column) for column in zip(*self.rows, strict=True)] or [[] for _ in columns]
        types = ["date" if column and isinstance(column[0], date) else "text" for column in values]
        if len(columns) == 1:
            return f"{columns[0]} = ANY(%s::{types[0]}[])", values
        marks = ", ".join(f"%s::{each}[]" for each in types)
        return f"({', '.join(columns)}) IN (SELECT * FROM unnest({marks}))", values  # noqa: S608

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        columns = self._columns(compiler)
        parts = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(columns)))
        text = orjson.dumps(self.rows).decode()
        return f"({', '.join(columns)}) IN (SELECT {parts} FROM json_each(%s))", [text]  # noqa: S608
