"""From a tree to a Django Q: for lists, saved views, counts and row rights.

Every test is made "has a value and …", so that no part is ever unknown to SQL and `not` is plain negation.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, Func, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Right, StrIndex, Substr
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from zhike.kernel.conditions.stored import Listed, Listing, expression, stored
from zhike.kernel.conditions.tree import All, Condition, Either, Has, Negated, Op, Test
from zhike.kernel.fields import Kind

FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
BLANK_KINDS = (Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.EMAIL, Kind.LINK, Kind.CHOICE)
_LOOKUPS: dict[str, Any] = {
    "exact": Exact, "lt": LessThan, "lte": LessThanOrEqual, "gt": GreaterThan, "gte": GreaterThanOrEqual, "in": In,
}  # fmt: skip
_ORDER = {Op.LT: "lt", Op.LE: "lte", Op.GT: "gt", Op.GE: "gte"}


class Fold(Func):
    """ASCII letters in lower case, the same on both databases."""

    function = "LOWER"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='LOWER((%(expressions)s) COLLATE "C")', **context)


def _compare(test: Test, lookup: str, value: Any) -> Q:
    field = test.field
    bare = [stored(field, item) for item in value] if lookup == "in" else stored(field, value)
    if field.custom:
        return Q(_LOOKUPS[lookup](expression(field), bare))
    return Q(**{f"{field.path}__{lookup}": bare})


def _present(test: Test) -> Q:
    if test.field.custom:
        return Q(IsNull(expression(test.field), False))
    return Q(**{f"{test.field.path}__isnull": False})


def _filled(test: Test) -> Q:
    if test.field.kind == Kind.CHOICES:
        # A list that is not there has no length, and an unknown length is not above nought.
        return (
            _present(test)
            & Q(IsNull(Listing(expression(test.field)), False))
            & Q(GreaterThan(Listing(expression(test.field)), Value(0)))
        )
    if test.field.kind in BLANK_KINDS:
        return _present(test) & ~_compare(test, "exact", "")
    return _present(test)


def _substring(test: Test) -> Q:
    wanted = str(test.value).translate(FOLD)
    if not wanted:
        return _present(test)
    folded = Fold(Cast(expression(test.field), TextField()))
    if test.op == Op.CONTAINS:
        return _present(test) & Q(GreaterThan(StrIndex(folded, Value(wanted)), 0))
    part = Substr(folded, 1, len(wanted)) if test.op == Op.STARTS else Right(folded, len(wanted))
    return _present(test) & Q(Exact(part, Value(wanted)))


def _many(test: Test) -> Q:
    found = [Q(Listed(expression(test.field), choice)) for choice in test.value]
    if test.op == Op.HAS_ALL:
        return _present(test) & reduce(and_, found, Q())
    some = _present(test) & reduce(or_, found) if found else Q(pk__in=[])
    return ~some if test.op == Op.HAS_NONE else some


def _test(test: Test) -> Q:
    op = test.op
    if op in (Op.EMPTY, Op.NOT_EMPTY):
        return ~_filled(test) if op == Op.EMPTY else _filled(test)
    if op in (Op.CONTAINS, Op.STARTS, Op.ENDS):
        return _substring(test)
    if op in (Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE):
        return _many(test)
    if op in (Op.EQ, Op.NE):
        equal = _compare(test, "exact", test.value)
        return _present(test) & (equal if op == Op.EQ else ~equal)
    if op in (Op.IN, Op.NOT_IN):
        among = _compare(test, "in", test.value)
        return _present(test) & (among if op == Op.IN else ~among)
    if op in _ORDER:
        return _present(test) & _compare(test, _ORDER[op], test.value)
    low, high = test.value
    if op == Op.NOT_LAST_DAYS:
        return _present(test) & _compare(test, "lt", low)
    upper = "lte" if op == Op.BETWEEN else "lt"
    return _present(test) & _compare(test, "gte", low) & _compare(test, upper, high)


def to_q(condition: Condition) -> Q:
    """The condition as a Q on the resource's model."""
    match condition:
        case Test():
            return _test(condition)
        case All(parts):
            return reduce(and_, map(to_q, parts), Q())
        case Either(parts):
            return _either([to_q(part) for part in parts])
        case Negated(part):
            inner = to_q(part)
            return Q(pk__in=[]) if not inner else ~inner
        case Has(relation, where):
            rows = relation.model._default_manager.filter(**{relation.key: OuterRef("pk"), **relation.only})
            return Q(Exists(rows.filter(to_q(where))))


def _either(parts: list[Q]) -> Q:
    if not parts:
        return Q(pk__in=[])
    # A part that always holds is an empty Q, which | would drop.
    return reduce(or_, parts) if all(parts) else Q()


def fields_of(condition: Condition) -> set[str]:
    """The names of the resource's own fields that a condition tests."""
    match condition:
        case Test(field):
            return {field.name}
        case All(parts) | Either(parts):
            return {name for part in parts for name in fields_of(part)}
        case Negated(part):
            return fields_of(part)
        case Has():
            return set()
