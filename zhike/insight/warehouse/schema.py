"""A table of the warehouse, described once: its grain, its columns, their meaning in both languages, their units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

KEY = pa.int64()
TEXT = pa.string()
NUMBER = pa.float64()
YES_NO = pa.bool_()
DAY = pa.date32()
MOMENT = pa.timestamp("us", tz="UTC")
EXACT = pa.decimal128(18, 4)
PRICE = pa.decimal128(18, 6)
COUNT = pa.int32()
POSITION = pa.int64()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `unit` is empty for names and codes; `required` forbids nulls."""

    name: str
    type: pa.DataType
    en: str
    zh: str
    unit: str = ""
    required: bool = False

    @property
    def field(self) -> pa.Field:
        """The Arrow field, its meaning kept in the metadata so that the Delta table carries it."""
        meaning = {"comment": self.en, "zh": self.zh} | ({"unit": self.unit} if self.unit else {})
        return pa.field(self.name, self.type, nullable=not self.required, metadata=meaning)


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `sort` is the order compaction restores; `statistics` are the columns that files are pruned by."""

    name: str
    en: str
    zh: str
    grain: str
    grain_zh: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sort: tuple[str, ...]
    statistics: tuple[str, ...]

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema in the order of the columns."""
        return pa.schema([column.field for column in self.columns])

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)


def catalogue(tables: Iterable[Table]) -> str:
    """The tables as Markdown: grain, key, and each column with type, unit and meaning in both languages."""
    return "\n".join(_chapter(table) for table in tables)


def _chapter(table: Table) -> str:
    lines = [
        f"## {table.name} {table.zh}",
        "",
        f"{table.en} {table.zh}。",
        "",
        f"- Grain 粒度: {table.grain} {table.grain_zh}",
        f"- Key 主键: {', '.join(table.key)}",
        f"- Sorted by 排序: {', '.join(table.sort)}",
        "",
        "| column | type | unit | required | meaning | 含义 |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(column) for column in table.columns]
    return "\n".join([*lines, ""])


def _row(column: Column) -> str:
    required = "yes" if column.required else ""
    return f"| {column.name} | {column.type} | {column.unit} | {required} | {column.en} | {column.zh} |"
