"""From a tree to an Ibis expression over a warehouse table: for segments and figures over all customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

import ibis
from django.utils.translation import gettext as _

from zhike.kernel.conditions.to_q import BLANK_KINDS, FOLD
from zhike.kernel.conditions.tree import All, Condition, Either, Has, Negated, Op, Test
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import Field, Kind

_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_DECIMAL = "decimal(38, 10)"
_TRUE, _FALSE = True, False


def _column(table: Any, field: Field) -> Any:
    name = field.column or field.name
    if name not in table.columns:
        raise Invalid({field.name: _("The warehouse does not keep this field.")})
    column = table[name]
    return column.cast(_DECIMAL) if field.kind in (Kind.NUMBER, Kind.MONEY) else column


def _literal(column: Any, field: Field, value: Any) -> Any:
    if field.kind in (Kind.NUMBER, Kind.MONEY):
        return ibis.literal(value, type=_DECIMAL)
    kind = column.type()
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        return ibis.literal(moment if kind.timezone else moment.replace(tzinfo=None), type=kind)
    if isinstance(value, UUID) and kind.is_string():
        return ibis.literal(str(value))
    return ibis.literal(value)


def _substring(test: Test, column: Any) -> Any:
    wanted = str(test.value).translate(FOLD)
    folded = column.translate(_UPPER, _LOWER)
    if test.op == Op.CONTAINS:
        return folded.contains(wanted)
    return folded.startswith(wanted) if test.op == Op.STARTS else folded.endswith(wanted)


def _many(test: Test, column: Any) -> Any:
    found = [column.contains(ibis.literal(choice)) for choice in test.value]
    if test.op == Op.HAS_ALL:
        return column.notnull() & reduce(and_, found, ibis.literal(_TRUE))
    some = column.notnull() & reduce(or_, found, ibis.literal(_FALSE))
    return ~some if test.op == Op.HAS_NONE else some


def _filled(test: Test, column: Any) -> Any:
    if test.field.kind == Kind.CHOICES:
        return column.notnull() & (column.length() > 0)
    return column.notnull() & (column != "") if test.field.kind in BLANK_KINDS else column.notnull()


def _ordered(test: Test, column: Any) -> Any:
    op = test.op
    if op in (Op.IN, Op.NOT_IN):
        among = reduce(
            or_, [column == _literal(column, test.field, value) for value in test.value], ibis.literal(_FALSE)
        )
        return among if op == Op.IN else ~among
    if isinstance(test.value, tuple):
        low, high = (_literal(column, test.field, value) for value in test.value)
        if op == Op.NOT_LAST_DAYS:
            return column < low
        return (column >= low) & ((column <= high) if op == Op.BETWEEN else (column < high))
    value = _literal(column, test.field, test.value)
    return {
        Op.EQ: column == value, Op.NE: column != value, Op.LT: column < value, Op.LE: column <= value,
        Op.GT: column > value, Op.GE: column >= value,
    }[op]  # fmt: skip


def _test(test: Test, table: Any) -> Any:
    column = _column(table, test.field)
    if test.op in (Op.EMPTY, Op.NOT_EMPTY):
        filled = _filled(test, column)
        return ~filled if test.op == Op.EMPTY else filled
    if test.op in (Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE):
        return _many(test, column)
    if test.op in (Op.CONTAINS, Op.STARTS, Op.ENDS):
        return column.notnull() & _substring(test, column)
    return column.notnull() & _ordered(test, column)


def to_ibis(
    condition: Condition, table: Any, *, related: Mapping[str, Any] | None = None, key: str = "id"
) -> Any:
    """The condition as a boolean Ibis expression on a table.

    Columns are found under `Field.column` (else the field's name): numbers as decimals or doubles, days as dates,
    moments as timestamps in UTC, several choices as a list of text, ids as text or UUID. `related` maps relation
    names to tables that hold `Relation.key`; `key` is the record's id column. Raises Invalid for a field or relation
    that the warehouse does not keep.
    """
    match condition:
        case Test():
            return _test(condition, table)
        case All(parts):
            return reduce(
                and_, [to_ibis(p, table, related=related, key=key) for p in parts], ibis.literal(_TRUE)
            )
        case Either(parts):
            return reduce(
                or_, [to_ibis(p, table, related=related, key=key) for p in parts], ibis.literal(_FALSE)
            )
        case Negated(part):
            return ~to_ibis(part, table, related=related, key=key)
        case Has(relation, where):
            rows = (related or {}).get(relation.name)
            if rows is None:
                raise Invalid({relation.name: _("The warehouse does not keep this field.")})
            rows = rows.filter(rows[relation.key].notnull() & to_ibis(where, rows))
            return table[key].isin(rows[relation.key])
