"""The tree: what a condition is made of.

Truth is two-valued: a test on a missing value is false (except `empty`, and `has_none`: a missing list is an empty
one), and `not` is plain negation. Text tests `contains`, `starts` and `ends` ignore the case of ASCII letters, `eq`
and `in` do not. Money and numbers compare as decimals.

JSON form: {"and": […]}, {"or": […]}, {"not": c}, {"field": f, "op": o, "value": v},
{"any": relation, "where": c}, {"none": relation, "where": c}. An empty tree ({}, null) holds for every record.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zhike.kernel.fields import Field, Kind, Relation


class Op(StrEnum):
    """Operators of tests."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    BETWEEN = "between"
    CONTAINS = "contains"
    STARTS = "starts"
    ENDS = "ends"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"
    HAS_ANY = "has_any"
    HAS_ALL = "has_all"
    HAS_NONE = "has_none"
    LAST_DAYS = "last_days"
    NOT_LAST_DAYS = "not_last_days"
    NEXT_DAYS = "next_days"


_PRESENCE = (Op.EMPTY, Op.NOT_EMPTY)
_ORDER = (Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN, *_PRESENCE)
_TEXT = (Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.CONTAINS, Op.STARTS, Op.ENDS, *_PRESENCE)
_TIME = (*_ORDER, Op.LAST_DAYS, Op.NOT_LAST_DAYS, Op.NEXT_DAYS)
_ONE_OF = (Op.EQ, Op.NE, Op.IN, Op.NOT_IN, *_PRESENCE)

OPERATORS: dict[Kind, tuple[Op, ...]] = {
    Kind.TEXT: _TEXT,
    Kind.LONG_TEXT: (Op.CONTAINS, *_PRESENCE),
    Kind.PHONE: _TEXT,
    Kind.EMAIL: _TEXT,
    Kind.LINK: _TEXT,
    Kind.NUMBER: (*_ORDER, Op.IN, Op.NOT_IN),
    Kind.MONEY: _ORDER,
    Kind.DATE: _TIME,
    Kind.MOMENT: _TIME,
    Kind.YES_NO: (Op.EQ, *_PRESENCE),
    Kind.CHOICE: _ONE_OF,
    Kind.CHOICES: (Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE, *_PRESENCE),
    Kind.REFERENCE: _ONE_OF,
}


@dataclass(frozen=True, slots=True)
class Test:
    """One field against one value. The value is already of the field's type; `me` is already resolved.

    `last_days`: within the n days up to now, now included. `not_last_days`: present and before those.
    `next_days`: after now, within n days. On dates today counts as day one of either. Values of these are a pair
    of bounds (start, end), half-open, that parsing computed from `now`.
    """

    field: Field
    op: Op
    value: Any = None


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; no part at all holds always."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """Some part holds; no part at all holds never."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Negated:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Has:
    """Some related record satisfies `where`. "None" is parsed as the negation."""

    relation: Relation
    where: Condition


Condition = Test | All | Either | Negated | Has
