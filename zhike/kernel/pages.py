"""Keyset pages: the cost of a page does not grow with its depth, and counts stop at a bound."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from zhike.kernel.conditions.stored import Number, expression
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import Field, Kind
from zhike.kernel.text import canonical

COUNT_BOUND = 10_000
CUSTOM_ORDER = "custom_order"
MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Order:
    """One sort field; the id breaks ties. Records without a value come last in either direction."""

    field: Field
    descending: bool = False

    @property
    def path(self) -> str:
        """The ORM path sorted by; a user-defined value is annotated under a name of its own."""
        return CUSTOM_ORDER if self.field.custom else self.field.order_path or self.field.path


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two records: the last value and id seen. `empty` when already among the valueless."""

    value: Any
    id: UUID
    empty: bool = False
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """The ids of one page in order, with the cursors of its neighbours (None where there is none)."""

    ids: list[UUID]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """A bounded count: exact, or "at least `number`"."""

    number: int
    exact: bool


def count(queryset: QuerySet[Any], bound: int = COUNT_BOUND) -> Count:
    """Count at most `bound` records."""
    found = queryset.order_by().values("pk")[: bound + 1].count()
    return Count(min(found, bound), found <= bound)


def write_cursor(cursor: Cursor) -> str:
    """The cursor as text for an address."""
    raw = canonical([cursor.value, cursor.id, cursor.empty, cursor.backward])
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _typed(value: Any, field: Field) -> Any:
    kind = field.kind
    if value is None:
        return None
    if kind in (Kind.NUMBER, Kind.MONEY):
        number = Decimal(str(value))
        if not number.is_finite() or number.adjusted() > MOST_DIGITS:
            raise ValueError
        return Number(number)
    if kind == Kind.YES_NO:
        return bool(value)
    if field.custom:
        # User-defined days, moments and ids are compared as the text they are kept as.
        return _storable(str(value))
    if kind == Kind.MOMENT:
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind == Kind.DATE:
        return date.fromisoformat(value)
    return UUID(value) if kind == Kind.REFERENCE else _storable(str(value))


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError
    text.encode()
    return text


def read_cursor(text: str, order: Order) -> Cursor:
    """The cursor of an address. Raises Invalid when it is broken or belongs to another order."""
    try:
        value, record, empty, backward = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(_typed(value, order.field), UUID(record), bool(empty), bool(backward))
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        raise Invalid(
            {"cursor": _("This address of a page is broken; start again from the first page.")}
        ) from None


def _beyond(order: Order, cursor: Cursor, descending: bool) -> Q:
    side = "lt" if descending else "gt"
    same_or_beyond = Q(**{f"{order.path}__{side}e": cursor.value})
    beyond = Q(**{f"{order.path}__{side}": cursor.value})
    # The form "≥ and (> or id >)" lets both databases walk the (value, id) index from the cursor on.
    return same_or_beyond & (beyond | Q(**{f"pk__{side}": cursor.id}))


def _phase(
    queryset: QuerySet[Any], order: Order, cursor: Cursor | None, *, valued: bool, backward: bool, size: int
) -> list[tuple[Any, UUID]]:
    descending = order.descending != backward
    rows = queryset.filter(**{f"{order.path}__isnull": not valued}) if order.field.nullable else queryset
    sign = "-" if descending else ""
    if valued:
        rows = rows.order_by(f"{sign}{order.path}", f"{sign}pk")
        rows = rows.filter(_beyond(order, cursor, descending)) if cursor else rows
        return list(rows.values_list(order.path, "pk")[:size])
    rows = rows.order_by(f"{sign}pk")
    if cursor:
        rows = rows.filter(**{f"pk__{'lt' if descending else 'gt'}": cursor.id})
    return [(None, record) for record in rows.values_list("pk", flat=True)[:size]]


def _walk(
    queryset: QuerySet[Any], order: Order, cursor: Cursor | None, backward: bool, size: int
) -> list[tuple[Any, UUID]]:
    """Records from the cursor on: those with a value, then those without (the other way round going back)."""
    phases: Sequence[bool] = (
        (True,) if not order.field.nullable else ((False, True) if backward else (True, False))
    )
    found: list[tuple[Any, UUID]] = []
    started = cursor is None
    for valued in phases:
        here = None
        if not started and cursor is not None:
            if valued == cursor.empty:
                continue
            started, here = True, cursor
        left = size - len(found)
        if left > 0:
            found += _phase(queryset, order, here, valued=valued, backward=backward, size=left)
    return found


def page(queryset: QuerySet[Any], order: Order, *, cursor: str | None = None, size: int = 50) -> Slice:
    """One page of ids by keyset. Two statements at most, however deep.

    Raises Invalid for a broken cursor.
    """
    place = read_cursor(cursor, order) if cursor else None
    if order.field.custom:
        queryset = queryset.annotate(**{CUSTOM_ORDER: expression(order.field)})
    backward = place.backward if place else False
    rows = _walk(queryset, order, place, backward, size + 1)
    more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    has_next = more if not backward else place is not None
    has_previous = more if backward else place is not None

    def mark(row: tuple[Any, UUID], back: bool) -> str:
        return write_cursor(Cursor(row[0], row[1], row[0] is None, back))

    return Slice(
        [record for _value, record in rows],
        mark(rows[-1], False) if rows and has_next else None,
        mark(rows[0], True) if rows and has_previous else None,
    )
