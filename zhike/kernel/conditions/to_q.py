"""From a tree to a Django Q: for lists, saved views, counts and row rights."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import BooleanField, Case, Exists, F, Func, OuterRef, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Length, Right, StrIndex, Substr
from django.db.models.lookups import Exact, GreaterThan

from zhike.kernel.conditions.tree import All, Condition, Either, Has, Negated, Op, Test
from zhike.kernel.fields import Kind

FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_LOOKUPS = {Op.LT: "lt", Op.LE: "lte", Op.GT: "gt", Op.GE: "gte"}


class Fold(Func):
    """ASCII letters in lower case, the same on both databases."""

    function = "LOWER"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='LOWER((%(expressions)s) COLLATE "C")', **context)


def _present(path: str) -> Q:
    return Q(**{f"{path}__isnull": False})


def _empty(test: Test) -> Q:
    path = test.field.path
    empty = Q(**{f"{path}__isnull": True})
    if test.field.custom:
        empty |= Q(**{f"{path}": None})
    if test.field.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.EMAIL, Kind.LINK, Kind.CHOICE):
        empty |= Q(**{path: ""})
    if test.field.kind == Kind.CHOICES:
        empty |= Q(**{path: []})
    return empty


def _text(test: Test) -> Any:
    head, _, key = test.field.path.partition("__") if test.field.custom else (test.field.path, "", "")
    return KeyTextTransform(key, head) if key else F(test.field.path)


def _substring(test: Test) -> Q:
    wanted = str(test.value).translate(FOLD)
    folded = Fold(Cast(_text(test), TextField()))
    if test.op == Op.CONTAINS:
        matched: Any = GreaterThan(StrIndex(folded, Value(wanted)), 0)
    elif test.op == Op.STARTS:
        matched = Exact(Substr(folded, 1, max(len(wanted), 1)), Value(wanted))
    else:
        long_enough = GreaterThan(Length(folded), len(wanted) - 1)
        matched = Exact(Right(folded, max(len(wanted), 1)), Value(wanted))
        return _present(test.field.path) & Q(long_enough) & Q(matched)
    return _present(test.field.path) & Q(matched)


def _stored(test: Test, value: Any) -> Any:
    # User-defined values live in JSON: decimals as numbers, days and moments as ISO text, ids as text.
    if not test.field.custom:
        return value
    if test.field.kind in (Kind.NUMBER, Kind.MONEY):
        return int(value) if value == value.to_integral_value() else float(value)
    if test.field.kind == Kind.REFERENCE:
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _many(test: Test) -> Q:
    # A list of choices is kept as JSON; each choice is looked for by its quoted form.
    found = [
        Q(GreaterThan(StrIndex(Cast(_text(test), TextField()), Value(f'"{value}"')), 0))
        for value in test.value
    ]
    present = _present(test.field.path)
    if test.op == Op.HAS_ALL:
        return present & reduce(and_, found)
    some = present & reduce(or_, found)
    return ~Q(Exact(_as_flag(some), Value(True))) if test.op == Op.HAS_NONE else some


def _as_flag(condition: Q) -> Any:
    # ~Q over an expression on NULL would be unknown; a CASE makes it plain true or false.
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _test(test: Test) -> Q:
    path, op = test.field.path, test.op
    if op == Op.EMPTY:
        return _empty(test)
    if op == Op.NOT_EMPTY:
        return ~_empty(test)
    if op in (Op.CONTAINS, Op.STARTS, Op.ENDS):
        return _substring(test)
    if op in (Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE):
        return _many(test)
    if op in (Op.EQ, Op.NE):
        equal = Q(**{path: _stored(test, test.value)})
        return equal if op == Op.EQ else _present(path) & ~equal
    if op in (Op.IN, Op.NOT_IN):
        among = Q(**{f"{path}__in": [_stored(test, value) for value in test.value]})
        return among if op == Op.IN else _present(path) & ~among
    if op in _LOOKUPS:
        return _present(path) & Q(**{f"{path}__{_LOOKUPS[op]}": _stored(test, test.value)})
    low, high = (_stored(test, value) for value in test.value)
    if op == Op.NOT_LAST_DAYS:
        return _present(path) & Q(**{f"{path}__lt": low})
    upper = "lte" if op in (Op.BETWEEN, Op.NEXT_DAYS) else "lt"
    return _present(path) & Q(**{f"{path}__gte": low, f"{path}__{upper}": high})


def to_q(condition: Condition) -> Q:
    """The condition as a Q on the resource's model."""
    match condition:
        case Test():
            return _test(condition)
        case All(parts):
            return reduce(and_, map(to_q, parts), Q())
        case Either(parts):
            return reduce(or_, map(to_q, parts)) if parts else Q(pk__in=[])
        case Negated(part):
            inner = to_q(part)
            return Q(pk__in=[]) if not inner else ~inner
        case Has(relation, where):
            rows = relation.model._default_manager.filter(
                **{relation.key: OuterRef("pk"), **relation.only}
            )
            return Q(Exists(rows.filter(to_q(where))))


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
