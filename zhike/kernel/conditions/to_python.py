"""From a tree to a predicate over one record in memory: for automation, routing, journeys and forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from zhike.kernel.conditions.to_q import BLANK_KINDS, FOLD
from zhike.kernel.conditions.tree import All, Condition, Either, Has, Negated, Op, Test
from zhike.kernel.fields import Kind
from zhike.kernel.money import Money

Record = Mapping[str, Any]
_ORDER: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: lambda value, wanted: bool(value == wanted),
    Op.NE: lambda value, wanted: bool(value != wanted),
    Op.LT: lambda value, wanted: bool(value < wanted),
    Op.LE: lambda value, wanted: bool(value <= wanted),
    Op.GT: lambda value, wanted: bool(value > wanted),
    Op.GE: lambda value, wanted: bool(value >= wanted),
}


def _number(value: Any) -> Decimal | None:
    if isinstance(value, Money):
        return value.amount
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _moment(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.NUMBER: _number,
    Kind.MONEY: _number,
    Kind.DATE: _day,
    Kind.MOMENT: _moment,
    Kind.YES_NO: bool,
    Kind.CHOICES: list,
    Kind.REFERENCE: lambda value: value if isinstance(value, UUID) else UUID(str(value)),
}


def typed(kind: Kind, value: Any) -> Any:
    """A record's value as conditions compare it; None where it is missing or not of the kind."""
    if value is None:
        return None
    try:
        return _READERS.get(kind, str)(value)
    except (ValueError, TypeError):
        return None


def _substring(op: Op, value: str, wanted: str) -> bool:
    value, wanted = value.translate(FOLD), wanted.translate(FOLD)
    if op == Op.CONTAINS:
        return wanted in value
    return value.startswith(wanted) if op == Op.STARTS else value.endswith(wanted)


def _bounds(op: Op, value: Any, low: Any, high: Any) -> bool:
    if op == Op.NOT_LAST_DAYS:
        return bool(value < low)
    return bool(low <= value <= high) if op == Op.BETWEEN else bool(low <= value < high)


def _choices(op: Op, values: list[str] | None, wanted: tuple[str, ...]) -> bool:
    if op == Op.HAS_ALL:
        return values is not None and set(wanted) <= set(values)
    some = values is not None and not set(wanted).isdisjoint(values)
    return not some if op == Op.HAS_NONE else some


def _test(test: Test, record: Record) -> bool:
    op, wanted = test.op, test.value
    value = typed(test.field.kind, record.get(test.field.name))
    if op in (Op.EMPTY, Op.NOT_EMPTY):
        blank = value is None or (value == "" and test.field.kind in BLANK_KINDS) or value == []
        return blank == (op == Op.EMPTY)
    if op in (Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE):
        return _choices(op, value, wanted)
    if value is None:
        return False
    if op in (Op.CONTAINS, Op.STARTS, Op.ENDS):
        return _substring(op, value, str(wanted))
    if op in (Op.IN, Op.NOT_IN):
        return (value in wanted) == (op == Op.IN)
    return _ORDER[op](value, wanted) if op in _ORDER else _bounds(op, value, *wanted)


def holds(condition: Condition, record: Record) -> bool:
    """Whether a record satisfies a condition.

    `record` maps field names to values (days as `date`, moments as aware `datetime`, numbers as Decimal, int or
    float, or ISO text as JSON keeps them), and relation names to lists of such records.
    """
    match condition:
        case Test():
            return _test(condition, record)
        case All(parts):
            return all(holds(part, record) for part in parts)
        case Either(parts):
            return any(holds(part, record) for part in parts)
        case Negated(part):
            return not holds(part, record)
        case Has(relation, where):
            return any(holds(where, related) for related in record.get(relation.name) or ())


def to_python(condition: Condition) -> Callable[[Record], bool]:
    """The condition as a predicate over records in memory."""
    return lambda record: holds(condition, record)
