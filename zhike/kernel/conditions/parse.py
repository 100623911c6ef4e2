"""From JSON to a tree, checked against the resource's fields and the actor's field rights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.kernel.actor import Context
from zhike.kernel.conditions.tree import OPERATORS, All, Condition, Either, Has, Negated, Op, Test
from zhike.kernel.errors import FieldHidden, Invalid
from zhike.kernel.fields import Field, Kind, Resource, right_on, usable_field
from zhike.kernel.rights import FieldRight

DEEPEST = 8
MOST_TESTS = 100
MOST_DECIMALS = 10
_LISTS = (Op.IN, Op.NOT_IN, Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE)
_DAYS = (Op.LAST_DAYS, Op.NOT_LAST_DAYS, Op.NEXT_DAYS)


def _number(raw: Any) -> Decimal:
    if isinstance(raw, bool):
        raise ValueError(_("Enter a number."))
    try:
        value = Decimal(str(raw).strip())
    except InvalidOperation:
        raise ValueError(_("Enter a number.")) from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
        raise ValueError(_("Enter a number."))
    if -int(value.as_tuple().exponent) > MOST_DECIMALS:
        raise ValueError(_("At most %(most)s decimal places fit here.") % {"most": MOST_DECIMALS})
    return value


def _date(raw: Any) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    try:
        return raw if isinstance(raw, date) else date.fromisoformat(str(raw))
    except ValueError:
        raise ValueError(_("Enter a date, for example 2026-03-05.")) from None


def _moment(raw: Any) -> datetime:
    try:
        value = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
        aware = timezone.make_aware(value) if timezone.is_naive(value) else value
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(_("Enter a date and time, for example 2026-03-05T14:30:00+08:00.")) from None


def _yes_no(raw: Any) -> bool:
    if raw in (True, "true", "yes", "1"):
        return True
    if raw in (False, "false", "no", "0"):
        return False
    raise ValueError(_("Enter yes or no."))


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or "\x00" in raw or len(raw) > 1000 or any(map(_is_half, raw)):
        raise ValueError(_("Enter text."))
    return raw


def _is_half(char: str) -> bool:
    """Half of a surrogate pair: JSON can carry one alone, no database can."""
    return "\ud800" <= char <= "\udfff"


_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.NUMBER: _number,
    Kind.MONEY: _number,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.YES_NO: _yes_no,
}


class _Parser:
    def __init__(self, context: Context, of: Resource) -> None:
        self.context, self.of, self.tests = context, of, 0

    def parse(self, raw: Any, fields: Mapping[str, Field] | None, depth: int = 0) -> Condition:
        if depth > DEEPEST:
            raise Invalid({"condition": _("Nested too deeply.")})
        if raw in (None, {}):
            return All()
        if not isinstance(raw, Mapping):
            raise Invalid({"condition": _("This is not a condition.")})
        keys = set(raw)
        for key, kind in (("and", All), ("or", Either)):
            if keys == {key} and isinstance(raw[key], list):
                return kind(tuple(self.parse(part, fields, depth + 1) for part in raw[key]))
        if keys == {"not"}:
            return Negated(self.parse(raw["not"], fields, depth + 1))
        if "field" in keys and keys <= {"field", "op", "value"}:
            return self._test(raw, fields)
        for key in ("any", "none"):
            if key in keys and keys <= {key, "where"} and fields is None:
                has = self._has(str(raw[key]), raw.get("where"), depth)
                return has if key == "any" else Negated(has)
        raise Invalid({"condition": _("This is not a condition.")})

    def _has(self, name: str, where: Any, depth: int) -> Has:
        relation = self.of.relations.get(name)
        if relation is None:
            raise Invalid({"condition": _("Unknown relation: %(name)s.") % {"name": name}})
        if right_on(self.context.actor, self.of, relation) < FieldRight.READ:
            raise FieldHidden(field=name)
        return Has(relation, self.parse(where, relation.fields, depth + 1))

    def _field(self, name: str, fields: Mapping[str, Field] | None) -> Field:
        if fields is None:
            return usable_field(self.context.actor, self.of, name)
        if name not in fields:
            raise Invalid({name: _("Unknown field.")})
        if right_on(self.context.actor, self.of, fields[name]) < FieldRight.READ:
            raise FieldHidden(field=name)
        return fields[name]

    def _test(self, raw: Mapping[str, Any], fields: Mapping[str, Field] | None) -> Test:
        self.tests += 1
        if self.tests > MOST_TESTS:
            raise Invalid(
                {"condition": _("At most %(most)s tests fit into one condition.") % {"most": MOST_TESTS}}
            )
        name = str(raw["field"])
        field = self._field(name, fields)
        op = raw.get("op", "eq")
        if not field.filterable or op not in OPERATORS[field.kind]:
            raise Invalid({name: _("This field cannot be tested with “%(op)s”.") % {"op": op}})
        try:
            return Test(field, Op(op), self._value(field, Op(op), raw.get("value")))
        except ValueError as error:
            raise Invalid({name: str(error)}) from None

    def _value(self, field: Field, op: Op, raw: Any) -> Any:
        if op in (Op.EMPTY, Op.NOT_EMPTY):
            return None
        if op in _DAYS:
            return self._days(field, op, raw)
        if op in _LISTS:
            if not isinstance(raw, list) or not 1 <= len(raw) <= 1000:
                raise ValueError(_("Enter a list."))
            return tuple(self._one(field, item) for item in raw)
        if op == Op.BETWEEN:
            if not isinstance(raw, list) or len(raw) != 2:
                raise ValueError(_("Enter two values."))
            return (self._one(field, raw[0]), self._one(field, raw[1]))
        if op in (Op.CONTAINS, Op.STARTS, Op.ENDS) and raw == "":
            raise ValueError(_("Enter a value."))
        return self._one(field, raw)

    def _one(self, field: Field, raw: Any) -> Any:
        if raw is None:
            raise ValueError(_("Enter a value."))
        if field.kind == Kind.REFERENCE:
            return self._reference(field, raw)
        if field.kind in (Kind.CHOICE, Kind.CHOICES):
            known = {choice.value for choice in field.choices}
            if known and _text(raw) not in known:
                raise ValueError(_("Unknown choice: %(value)s.") % {"value": raw})
        reader: Callable[[Any], Any] = _READERS.get(field.kind, _text)
        return reader(raw)

    def _reference(self, field: Field, raw: Any) -> UUID:
        actor = self.context.actor
        if raw == "@me" and field.reference == "staff":
            return actor.id
        if raw == "@my_unit" and field.reference == "units" and actor.unit_id:
            return actor.unit_id
        try:
            return raw if isinstance(raw, UUID) else UUID(str(raw))
        except ValueError:
            raise ValueError(_("This is not an identifier.")) from None

    def _days(self, field: Field, op: Op, raw: Any) -> tuple[Any, Any]:
        number = _number(raw)
        if not 0 < number <= 36500 or number != int(number):
            raise ValueError(_("Enter a number of days from 1 to 36500."))
        days = int(number)
        now: Any = self.context.now
        tick = timedelta(microseconds=1)
        if field.kind == Kind.DATE:
            now, tick = timezone.localtime(self.context.now).date(), timedelta(days=1)
        if op == Op.NEXT_DAYS:
            start = now if field.kind == Kind.DATE else now + tick
            return (start, start + timedelta(days=days))
        return (now - timedelta(days=days) + (tick if field.kind == Kind.DATE else timedelta()), now + tick)


def parse_condition(context: Context, of: Resource, raw: Any) -> Condition:
    """The tree of a JSON condition, with values typed and `@me`, `@my_unit` and day counts resolved.

    Raises Invalid naming the field and the reason, FieldHidden for a field the actor may not read in the clear.
    """
    return _Parser(context, of).parse(raw, None)
