"""Conditions at the door: what is understood, what is refused with which field, and how a condition reads in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from tests.kernel.things import THINGS, rights
from tests.world import NOW
from zhike.kernel.actor import Context, system
from zhike.kernel.conditions import describe, parse_condition
from zhike.kernel.conditions.tree import Test as Leaf
from zhike.kernel.errors import FieldHidden, Invalid
from zhike.kernel.rights import FieldRight

CONTEXT = Context(actor=system(), now=NOW)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ("text", "condition"), ({"and": {}}, "condition"), ({"and": [], "or": []}, "condition"),
        ({"field": "name", "extra": 1}, "condition"), ({"any": "ghosts"}, "condition"),
        ({"any": "parts", "where": {"any": "parts"}}, "condition"), ({"field": "ghost"}, "field"),
        ({"any": "parts", "where": {"field": "name"}}, "name"), ({"field": "name", "op": "gt", "value": "a"}, "name"),
        ({"field": "name", "op": []}, "name"), ({"field": "name", "value": None}, "name"),
        ({"field": "name", "value": 5}, "name"), ({"field": "name", "value": "\ud800"}, "name"),
        ({"field": "name", "value": "a\x00"}, "name"), ({"field": "name", "op": "contains", "value": ""}, "name"),
        ({"field": "name", "op": "in", "value": "a"}, "name"), ({"field": "name", "op": "in", "value": []}, "name"),
        ({"field": "amount", "value": "x"}, "amount"), ({"field": "amount", "value": "NaN"}, "amount"),
        ({"field": "amount", "value": "1e99"}, "amount"), ({"field": "amount", "value": "0.00000000001"}, "amount"),
        ({"field": "amount", "op": "between", "value": [1]}, "amount"), ({"field": "day", "value": "5 March"}, "day"),
        ({"field": "at", "value": "0001-01-01T00:00:00+14:00"}, "at"), ({"field": "good", "value": "maybe"}, "good"),
        ({"field": "colour", "value": ["red"]}, "colour"), ({"field": "colour", "value": "blue"}, "colour"),
        ({"field": "tags", "op": "has_any", "value": [{}]}, "tags"), ({"field": "friend", "value": "me"}, "friend"),
        ({"field": "day", "op": "last_days", "value": 0}, "day"),
        ({"field": "day", "op": "last_days", "value": 1.5}, "day"),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_refused_by_field(raw: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_condition(CONTEXT, THINGS, raw)
    assert field in refused.value.fields


def test_depth_and_size_are_bounded() -> None:
    deep: Any = {}
    for _ in range(9):
        deep = {"not": deep}
    wide = {"or": [{"field": "name", "value": "a"}] * 101}
    for raw in (deep, wide):
        with pytest.raises(Invalid):
            parse_condition(CONTEXT, THINGS, raw)


@pytest.mark.parametrize("right", [FieldRight.HIDDEN, FieldRight.MASKED])
def test_a_field_not_readable_in_the_clear_is_refused(right: FieldRight) -> None:
    context = replace(CONTEXT, actor=replace(CONTEXT.actor, rights=rights(name=right, parts=right)))
    for raw in ({"field": "name", "value": "a"}, {"not": {"any": "parts"}}, {"none": "parts"}):
        with pytest.raises(FieldHidden):
            parse_condition(context, THINGS, raw)


def test_days_become_half_open_bounds() -> None:
    def bounds(field: str, op: str) -> Any:
        tree = parse_condition(CONTEXT, THINGS, {"field": field, "op": op, "value": 7})
        assert isinstance(tree, Leaf)
        return tree.value

    today, tick = NOW.date(), timedelta(microseconds=1)
    assert bounds("day", "last_days") == (today - timedelta(days=6), today + timedelta(days=1))
    assert bounds("day", "next_days") == (today, today + timedelta(days=7))
    assert bounds("at", "last_days") == (NOW - timedelta(days=7), NOW + tick)
    assert bounds("at", "next_days") == (NOW + tick, NOW + tick + timedelta(days=7))


def test_a_condition_reads_in_words() -> None:
    raw = {
        "and": [
            {"field": "name", "op": "contains", "value": "张"},
            {
                "or": [
                    {"field": "amount", "op": "gt", "value": "5.50"},
                    {"field": "colour", "op": "in", "value": ["red"]},
                ]
            },
            {"not": {"field": "at", "op": "last_days", "value": 30}},
            {"none": "parts", "where": {"field": "kind", "op": "empty"}},
        ]
    }
    tree = parse_condition(CONTEXT, THINGS, raw)
    with translation.override("en"):
        assert describe(tree) == (
            "Name contains “张” and (Amount is above 5.5 or Colour is one of “红”)"
            " and not (At lies in the last 30 days) and no Parts where Kind is empty"
        )
    with translation.override("zh-hans"):
        assert describe(tree) == (
            "Name包含“张”，并且（Amount大于5.5，或者Colour是“红”之一），并且不满足（At在最近 30 天内），"
            "并且没有Parts满足：Kind为空"
        )
        assert describe(parse_condition(CONTEXT, THINGS, {})) == "全部记录"
