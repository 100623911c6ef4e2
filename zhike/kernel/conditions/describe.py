"""A condition in words, in the reader's language: for saved views, the audit trail and exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.kernel.conditions.tree import All, Condition, Either, Has, Negated, Op, Test
from zhike.kernel.fields import Field

Names = Callable[[Field, UUID], str]


def _no_name(_field: Field, record: UUID) -> str:
    return str(record)


def _words() -> Mapping[Op, str]:
    return {
        Op.EQ: _("%(field)s is %(value)s"),
        Op.NE: _("%(field)s is not %(value)s"),
        Op.IN: _("%(field)s is one of %(value)s"),
        Op.NOT_IN: _("%(field)s is none of %(value)s"),
        Op.LT: _("%(field)s is below %(value)s"),
        Op.LE: _("%(field)s is at most %(value)s"),
        Op.GT: _("%(field)s is above %(value)s"),
        Op.GE: _("%(field)s is at least %(value)s"),
        Op.BETWEEN: _("%(field)s is between %(value)s and %(other)s"),
        Op.CONTAINS: _("%(field)s contains %(value)s"),
        Op.STARTS: _("%(field)s starts with %(value)s"),
        Op.ENDS: _("%(field)s ends with %(value)s"),
        Op.EMPTY: _("%(field)s is empty"),
        Op.NOT_EMPTY: _("%(field)s is not empty"),
        Op.HAS_ANY: _("%(field)s has any of %(value)s"),
        Op.HAS_ALL: _("%(field)s has all of %(value)s"),
        Op.HAS_NONE: _("%(field)s has none of %(value)s"),
        Op.LAST_DAYS: _("%(field)s lies in the last %(days)s days"),
        Op.NOT_LAST_DAYS: _("%(field)s lies before the last %(days)s days"),
        Op.NEXT_DAYS: _("%(field)s lies in the next %(days)s days"),
    }


def _shown(field: Field, value: Any, names: Names) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, UUID):
        return names(field, value)
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    label = next((str(choice.label) for choice in field.choices if choice.value == value), value)
    return _("“%(text)s”") % {"text": label}


def _test(test: Test, names: Names) -> str:
    field, value = test.field, test.value
    parts: dict[str, Any] = {"field": str(field.label)}
    if test.op in (Op.LAST_DAYS, Op.NOT_LAST_DAYS, Op.NEXT_DAYS):
        parts["days"] = (value[1] - value[0]).days
    elif test.op == Op.BETWEEN:
        parts["value"], parts["other"] = (_shown(field, item, names) for item in value)
    elif isinstance(value, tuple):
        parts["value"] = pgettext("between values", ", ").join(_shown(field, item, names) for item in value)
    else:
        parts["value"] = _shown(field, value, names)
    return _words()[test.op] % parts


def _joined(parts: tuple[Condition, ...], word: str, names: Names) -> str:
    texts = []
    for part in parts:
        text = describe(part, names)
        many = isinstance(part, All | Either) and len(part.parts) > 1
        texts.append(_("(%(condition)s)") % {"condition": text} if many else text)
    return word.join(texts)


def describe(condition: Condition, names: Names = _no_name) -> str:
    """The condition in words. `names` tells what to call a referenced record (by default its id)."""
    match condition:
        case Test():
            return _test(condition, names)
        case All(parts):
            return _joined(parts, _(" and "), names) if parts else _("all records")
        case Either(parts):
            return _joined(parts, _(" or "), names) if parts else _("no records")
        case Negated(Has(relation, where)):
            return _related(
                _("no %(relation)s"), _("no %(relation)s where %(condition)s"), relation, where, names
            )
        case Has(relation, where):
            return _related(
                _("any %(relation)s"), _("any %(relation)s where %(condition)s"), relation, where, names
            )
        case Negated(part):
            return _("not (%(condition)s)") % {"condition": describe(part, names)}


def _related(bare: str, where: str, relation: Any, condition: Condition, names: Names) -> str:
    if condition == All():
        return bare % {"relation": relation.label}
    return where % {"relation": relation.label, "condition": describe(condition, names)}
