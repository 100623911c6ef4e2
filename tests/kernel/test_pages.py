"""Keyset pages: every record once and in order, forwards and backwards, whatever the sort."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.things import FIELDS, Thing
from tests.world import NOW
from zhike.kernel.conditions.stored import moment_text
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import Field, Kind, Resource
from zhike.kernel.pages import Cursor, Order, count, page, write_cursor

CUSTOM = [
    Field("size", "Size", Kind.NUMBER, "custom__size", custom=True, sortable=True),
    Field("word", "Word", Kind.TEXT, "custom__word", custom=True, sortable=True),
    Field("when", "When", Kind.MOMENT, "custom__when", custom=True, sortable=True),
]
SORTS = {
    **{name: FIELDS[name] for name in ("name", "amount", "day", "at", "good", "colour")},
    **{f.name: f for f in CUSTOM},
}
_numbers = st.sampled_from(["0", "0.1", "0.3", "-2", "5", "1.2345"]).map(Decimal)
things_of = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["", "a", "b", "B", "张伟", "é"]),
            "amount": st.none() | _numbers,
            "day": st.none() | st.sampled_from([date(2026, 3, 5), date(1999, 12, 31)]),
            "at": st.none() | st.sampled_from([NOW, NOW + timedelta(microseconds=1)]),
            "good": st.none() | st.booleans(),
            "colour": st.none() | st.sampled_from(["red", "green"]),
            "custom": st.fixed_dictionaries(
                {},
                optional={
                    "size": st.sampled_from([1, 2, 0.1, 0.25, None]),
                    "word": st.sampled_from(["a", "123", "张", None]),
                    "when": st.sampled_from([moment_text(NOW), moment_text(NOW - timedelta(days=1))]),
                },
            ),
        }
    ),
    max_size=14,
)


def _walk(order: Order, size: int) -> tuple[list[UUID], list[UUID]]:
    """The ids met walking forwards from the first page, and those met walking back from the last."""
    queryset = Thing.objects.all()
    there: list[UUID] = []
    part = page(queryset, order, size=size)
    assert part.previous is None
    there += part.ids
    while part.next:
        part = page(queryset, order, cursor=part.next, size=size)
        assert part.ids
        assert not set(part.ids) & set(there)
        there += part.ids
    back = list(part.ids)
    while part.previous:
        part = page(queryset, order, cursor=part.previous, size=size)
        assert part.ids
        assert not set(part.ids) & set(back)
        back = part.ids + back
    return there, back


def _value(field: Field) -> Callable[[Thing], Any]:
    return (
        (lambda row: row.custom.get(field.name)) if field.custom else (lambda row: getattr(row, field.path))
    )


@settings(max_examples=60)
@given(rows=things_of, sort=st.sampled_from(sorted(SORTS)), descending=st.booleans(), size=st.integers(1, 5))
def test_walking_meets_every_record_once_in_order(
    things: Resource, rows: list[dict[str, Any]], sort: str, descending: bool, size: int
) -> None:
    with transaction.atomic():
        Thing.objects.all().delete()
        Thing.objects.bulk_create([Thing(**row) for row in rows])
        order = Order(SORTS[sort], descending)
        there, back = _walk(order, size)
        assert there == back
        assert sorted(there) == sorted(Thing.objects.values_list("id", flat=True))
        _check_order(order, there)


def _check_order(order: Order, ids: list[UUID]) -> None:
    """Values rise (or fall), ids break ties the same way, records without a value come last."""
    value = _value(order.field)
    by_id = {row.id: row for row in Thing.objects.all()}
    keys = [(value(by_id[record]), record) for record in ids]
    empties = [key[0] is None for key in keys]
    assert empties == sorted(empties)
    for one, two in itertools.pairwise(keys):
        if one[0] == two[0]:
            assert (one[1] > two[1]) == order.descending
        elif one[0] is not None and two[0] is not None:
            assert (one[0] > two[0]) == order.descending


def test_records_added_meanwhile_shift_nothing(things: Resource) -> None:
    for name in "bdfhj":
        Thing.objects.create(name=name)
    order = Order(FIELDS["name"])
    first = page(Thing.objects.all(), order, size=2)
    Thing.objects.create(name="a")
    Thing.objects.create(name="e")
    second = page(Thing.objects.all(), order, cursor=first.next, size=2)
    assert [Thing.objects.get(pk=record).name for record in second.ids] == ["e", "f"]


@pytest.mark.parametrize("text", ["", "x", "%%%", "WzFd", "e30", "bnVsbA", "WzEsMiwzLDRd", "张"])
def test_a_broken_cursor_is_refused(things: Resource, text: str) -> None:
    order = Order(FIELDS["name"])
    if not text:
        assert page(Thing.objects.all(), order, cursor=text).ids == []
        return
    with pytest.raises(Invalid) as refused:
        page(Thing.objects.all(), order, cursor=text)
    assert "cursor" in refused.value.fields


@pytest.mark.parametrize(
    "value", ["yesterday", 5, [1], {"a": 1}, "9" * 400, "NaN", "0001-01-01T00:00:00+14:00"]
)
def test_a_cursor_of_another_order_is_refused(things: Resource, value: Any) -> None:
    cursor = write_cursor(Cursor(value, UUID(int=1)))
    for name in ("day", "at", "amount"):
        # Refused, or read as a value of that order: never an error of the database.
        try:
            told: set[Any] = set(page(Thing.objects.all(), Order(FIELDS[name]), cursor=cursor).ids)
        except Invalid as refused:
            told = set(refused.fields)
        assert told <= {"cursor"}


def test_a_page_takes_two_statements_however_many_records(things: Resource) -> None:
    order = Order(FIELDS["amount"])
    for amount in range(10):
        Thing.objects.create(amount=amount if amount % 2 else None)
    with CaptureQueriesContext(connection) as few:
        page(Thing.objects.all(), order, size=10)
    Thing.objects.bulk_create([Thing(amount=number) for number in range(50)])
    with CaptureQueriesContext(connection) as many:
        page(Thing.objects.all(), order, size=60)
    assert len(few) == len(many) == 2
    required = Order(replace(FIELDS["amount"], nullable=False))
    with CaptureQueriesContext(connection) as one:
        page(Thing.objects.exclude(amount=None), required, size=10)
    assert len(one) == 1


def test_a_count_stops_at_its_bound(things: Resource) -> None:
    Thing.objects.bulk_create([Thing() for _ in range(12)])
    assert (count(Thing.objects.all(), 20).number, count(Thing.objects.all(), 20).exact) == (12, True)
    assert (count(Thing.objects.all(), 5).number, count(Thing.objects.all(), 5).exact) == (5, False)
