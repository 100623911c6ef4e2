"""One condition, three compilers: the database, the warehouse and memory find the same records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import ibis
import pyarrow as pa
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.things import COLOURS, FIELDS, PARTS, Part, Thing, with_custom
from tests.world import NOW
from zhike.kernel.actor import Context, system
from zhike.kernel.conditions import holds, parse_condition, to_q
from zhike.kernel.conditions.stored import moment_text
from zhike.kernel.conditions.to_ibis import to_ibis
from zhike.kernel.conditions.tree import OPERATORS, Op
from zhike.kernel.fields import Field, Kind, Resource
from zhike.kernel.ids import uuid7

CUSTOM = {
    f"c_{name}": Field(
        f"c_{name}",
        name,
        field.kind,
        f"custom__c_{name}",
        column=f"c_{name}",
        custom=True,
        choices=field.choices,
    )
    for name, field in FIELDS.items()
}
OF = with_custom(*CUSTOM.values())
ALL_FIELDS = {**FIELDS, **CUSTOM}
CONTEXT = Context(actor=system(), now=NOW)
FRIENDS = [UUID(int=number) for number in range(3)]
_texts = st.sampled_from(
    ["", "a", "A", "ab", "Ab", "b", "张", "张伟", "伟", "É", "é", "a%b", "a_b", '"', "\\", "0"]
)
_numbers = st.sampled_from(
    ["0", "0.1", "0.3", "-0.1", "1", "1.0", "1.2345", "1.23", "99999999999.99", "-5", "10"]
)
_days = st.sampled_from(
    [date(2026, 3, 5) + timedelta(days=number) for number in (-30, -7, -6, -1, 0, 1, 6, 7, 30)]
)
_moments = st.sampled_from(
    [NOW + timedelta(microseconds=number) for number in (-1, 0, 1, 500_000)]
    + [NOW + timedelta(days=number) for number in (-7, -6, 6, 7, 8)]
)
_values: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.NUMBER: _numbers.map(Decimal),
    Kind.MONEY: _numbers.map(lambda text: Decimal(text).quantize(Decimal("0.01"))),
    Kind.DATE: _days,
    Kind.MOMENT: _moments,
    Kind.YES_NO: st.booleans(),
    Kind.CHOICE: st.sampled_from([choice.value for choice in COLOURS] + [""]),
    Kind.CHOICES: st.lists(st.sampled_from([choice.value for choice in COLOURS]), unique=True, max_size=3),
    Kind.REFERENCE: st.sampled_from(FRIENDS),
}


def values_of(kind: Kind) -> st.SearchStrategy[Any]:
    return _values.get(kind, _texts)


def _maybe(field: Field) -> st.SearchStrategy[Any]:
    values = values_of(field.kind)
    return st.none() | values if field.nullable else values


records = st.fixed_dictionaries(
    {
        **{name: _maybe(field) for name, field in ALL_FIELDS.items()},
        "parts": st.lists(
            st.fixed_dictionaries({"kind": st.none() | _texts, "size": st.none() | _values[Kind.MONEY]}),
            max_size=3,
        ),
    }
)


def _json(kind: Kind, value: Any) -> Any:
    """A value as a door gives it."""
    if isinstance(value, Decimal | UUID | date | datetime):
        return str(value) if not isinstance(value, datetime) else value.isoformat()
    return value


@st.composite
def leaves_of(draw: st.DrawFn, fields: Mapping[str, Field]) -> dict[str, Any]:
    field = draw(st.sampled_from([field for _, field in sorted(fields.items())]))
    op = draw(st.sampled_from(OPERATORS[field.kind]))
    if field.kind == Kind.CHOICES:
        one: st.SearchStrategy[Any] = st.sampled_from([choice.value for choice in COLOURS])
    elif field.kind == Kind.CHOICE:
        one = st.sampled_from([choice.value for choice in COLOURS])
    else:
        one = values_of(field.kind)
    if op in (Op.CONTAINS, Op.STARTS, Op.ENDS):
        one = one.filter(bool)
    shown = one.map(lambda value: _json(field.kind, value))
    value: Any = None
    if op in (Op.IN, Op.NOT_IN, Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE):
        value = draw(st.lists(shown, min_size=1, max_size=3))
    elif op == Op.BETWEEN:
        value = [draw(shown), draw(shown)]
    elif op in (Op.LAST_DAYS, Op.NOT_LAST_DAYS, Op.NEXT_DAYS):
        value = draw(st.sampled_from([1, 7, 8]))
    elif op not in (Op.EMPTY, Op.NOT_EMPTY):
        value = draw(shown)
    return {"field": field.name, "op": op.value, "value": value}


def _trees(leaves: st.SearchStrategy[Any], leaf_count: int) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves | st.just({}),
        lambda parts: (
            st.fixed_dictionaries({"and": st.lists(parts, max_size=3)})
            | st.fixed_dictionaries({"or": st.lists(parts, max_size=3)})
            | st.fixed_dictionaries({"not": parts})
        ),
        max_leaves=leaf_count,
    )


_about_parts = st.builds(
    lambda word, where: {word: "parts", "where": where},
    st.sampled_from(["any", "none"]),
    _trees(leaves_of(PARTS.fields), 3),
)
trees = _trees(leaves_of(ALL_FIELDS) | _about_parts, 6)

_COLUMNS = {
    Kind.NUMBER: pa.decimal128(18, 4), Kind.MONEY: pa.float64(), Kind.DATE: pa.date32(),
    Kind.MOMENT: pa.timestamp("us", "UTC"), Kind.YES_NO: pa.bool_(), Kind.CHOICES: pa.list_(pa.string()),
}  # fmt: skip


def _cell(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind == Kind.MONEY:
        return float(value)
    return str(value) if kind == Kind.REFERENCE else value


def _custom(field: Field, value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return moment_text(value)
    return str(value) if isinstance(value, date | UUID) else value


def _store(rows: Sequence[dict[str, Any]]) -> list[UUID]:
    ids = [uuid7() for _ in rows]
    things = [
        Thing(
            id=record,
            **{field.path: row[name] for name, field in FIELDS.items()},
            custom={
                name: _custom(field, row[name])
                for at, (name, field) in enumerate(CUSTOM.items())
                # A missing value is left out in some records and kept as null in others.
                if row[name] is not None or at % 2
            },
        )
        for record, row in zip(ids, rows, strict=True)
    ]
    Thing.objects.bulk_create(things)
    Part.objects.bulk_create(
        [
            Part(thing_id=record, **part)
            for record, row in zip(ids, rows, strict=True)
            for part in row["parts"]
        ]
    )
    return ids


def _tables(ids: Sequence[UUID], rows: Sequence[dict[str, Any]]) -> tuple[Any, Any]:
    names = {name: _COLUMNS.get(field.kind, pa.string()) for name, field in ALL_FIELDS.items()}
    schema = pa.schema(
        [("id", pa.string()), *((ALL_FIELDS[name].column, kind) for name, kind in names.items())]
    )
    things = [
        {
            "id": str(record),
            **{field.column: _cell(field.kind, row[name]) for name, field in ALL_FIELDS.items()},
        }
        for record, row in zip(ids, rows, strict=True)
    ]
    parts = [
        {"thing_id": str(record), "kind": part["kind"], "size": _cell(Kind.MONEY, part["size"])}
        for record, row in zip(ids, rows, strict=True)
        for part in row["parts"]
    ]
    part_schema = pa.schema([("thing_id", pa.string()), ("kind", pa.string()), ("size", pa.float64())])
    return (
        ibis.memtable(pa.Table.from_pylist(things, schema=schema)),
        ibis.memtable(pa.Table.from_pylist(parts, schema=part_schema)),
    )


@settings(max_examples=60)
@given(rows=st.lists(records, min_size=1, max_size=8), raws=st.lists(trees, min_size=1, max_size=6))
def test_the_three_compilers_agree(things: Resource, rows: list[dict[str, Any]], raws: list[Any]) -> None:
    # A savepoint of its own, so that an error in one example does not break the next.
    with transaction.atomic():
        Part.objects.all().delete()
        Thing.objects.all().delete()
        _agree(rows, raws)


def _agree(rows: list[dict[str, Any]], raws: list[Any]) -> None:
    ids = _store(rows)
    table, parts = _tables(ids, rows)
    duck = ibis.duckdb.connect()
    for raw in raws:
        tree = parse_condition(CONTEXT, OF, raw)
        in_memory = {record for record, row in zip(ids, rows, strict=True) if holds(tree, row)}
        in_database = set(Thing.objects.filter(to_q(tree)).values_list("id", flat=True))
        assert in_database == in_memory, raw
        expression = to_ibis(tree, table, related={"parts": parts})
        in_warehouse = {UUID(text) for text in duck.to_pyarrow(table.filter(expression).id).to_pylist()}
        assert in_warehouse == in_memory, raw
    duck.disconnect()


def test_stored_json_is_read_like_typed_values(things: Resource) -> None:
    row = {"c_at": moment_text(NOW), "c_day": "2026-03-05", "c_friend": str(FRIENDS[1]), "c_amount": 0.1}
    Thing.objects.create(custom=row)
    for raw in (
        {"field": "c_at", "op": "eq", "value": NOW.astimezone(UTC).isoformat()},
        {"field": "c_day", "op": "last_days", "value": 1},
        {"field": "c_friend", "op": "eq", "value": str(FRIENDS[1])},
        {"field": "c_amount", "op": "eq", "value": "0.10"},
    ):
        tree = parse_condition(CONTEXT, OF, raw)
        assert holds(tree, row), raw
        assert Thing.objects.filter(to_q(tree)).count() == 1, raw


def test_a_custom_value_of_another_type_counts_as_missing(things: Resource) -> None:
    Thing.objects.create(
        custom={"c_amount": "twelve", "c_day": 5, "c_good": "x", "c_tags": "red", "c_name": {"a": 1}}
    )
    for name in ("c_amount", "c_day", "c_good", "c_tags", "c_name"):
        empty = parse_condition(CONTEXT, OF, {"field": name, "op": "empty"})
        assert Thing.objects.filter(to_q(empty)).count() == 1, name
    above = parse_condition(CONTEXT, OF, {"field": "c_amount", "op": "gt", "value": 0})
    assert Thing.objects.filter(to_q(above)).count() == 0
