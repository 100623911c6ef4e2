"""User-defined fields: defined by administrators, held to their rules, used like any other field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from tests.kernel import things as cast
from tests.kernel.things import Thing, rights
from tests.world import World
from zhike.kernel import custom, definitions, field_actions
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.conditions import parse_condition, to_q
from zhike.kernel.errors import Conflict, FieldHidden, Invalid, NotAllowed
from zhike.kernel.events import facts_of
from zhike.kernel.field_actions import FieldRules
from zhike.kernel.fields import Kind, Resource, register_resource
from zhike.kernel.ids import uuid7
from zhike.kernel.models import UniqueValue
from zhike.kernel.reading import ListRequest, get_record, list_records
from zhike.kernel.rights import FieldRight

CHOICES = [{"value": "gold", "label_zh": "金", "label_en": "Gold"}, {"value": "lead", "label_zh": "铅"}]


@pytest.fixture
def of(things: Resource, world: World) -> Iterator[Resource]:
    definitions.forget()
    yield register_resource(replace(cast.THINGS, custom_fields=lambda: custom.fields_of("things")))
    definitions.forget()


@pytest.fixture
def admin(world: World) -> Context:
    context = world.context(world.admin)
    return replace(context, actor=replace(context.actor, rights=rights(actions=("*",))))


def define(context: Context, key: str, kind: Kind, **rules: Any) -> UUID:
    given = FieldRules.model_validate({"label_zh": f"字段{key}", **rules})
    return field_actions.define(context, "things", key, kind, given).id


def check(context: Context, of: Resource, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"before": None, "record_id": uuid7(), **more}
    return custom.validate_custom(of, values, context=context, **given)


def wrong(context: Context, of: Resource, values: dict[str, Any], **more: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        check(context, of, values, **more)
    return {name: str(texts[0]) for name, texts in refused.value.fields.items()}


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        (Kind.TEXT, "  甲 ", "甲"), (Kind.LONG_TEXT, "一\n二", "一\n二"), (Kind.NUMBER, "1,234.50", 1234.5),
        (Kind.NUMBER, 7, 7), (Kind.MONEY, "0.10", 0.1), (Kind.DATE, "2026-03-05", "2026-03-05"),
        (Kind.DATE, date(2026, 3, 5), "2026-03-05"),
        (Kind.MOMENT, "2026-03-05T14:30:00", "2026-03-05T06:30:00.000000+00:00"), (Kind.YES_NO, "是", True),
        (Kind.YES_NO, False, False), (Kind.CHOICE, "gold", "gold"), (Kind.CHOICE, "铅", "lead"),
        (Kind.CHOICES, ["gold", "gold", "lead"], ["gold", "lead"]), (Kind.PHONE, "138 1234 5678", "+8613812345678"),
        (Kind.EMAIL, "a@example.com", "a@example.com"), (Kind.LINK, "https://example.com/甲", "https://example.com/甲"),
    ],
)  # fmt: skip
def test_values_are_read_as_their_kind(of: Resource, admin: Context, kind: Kind, raw: Any, kept: Any) -> None:
    define(admin, "one", kind, **({"choices": CHOICES} if kind in (Kind.CHOICE, Kind.CHOICES) else {}))
    assert check(admin, of, {"one": raw}) == {"one": kept}
    assert check(admin, of, {"one": None}, before={"one": kept, "other": 1}) == {"other": 1}


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Kind.TEXT, 5), (Kind.TEXT, "x" * 1001), (Kind.TEXT, "a\x00b"), (Kind.TEXT, "\ud800"), (Kind.NUMBER, "twelve"),
        (Kind.NUMBER, "NaN"), (Kind.NUMBER, True), (Kind.NUMBER, "1e300"), (Kind.MONEY, "0.001"),
        (Kind.DATE, "2026-02-30"), (Kind.MOMENT, "soon"), (Kind.MOMENT, "0001-01-01T00:00:00+14:00"),
        (Kind.YES_NO, "maybe"), (Kind.CHOICE, "silver"), (Kind.CHOICES, "gold"), (Kind.CHOICES, [["gold"]]),
        (Kind.PHONE, "call me"), (Kind.PHONE, "12"), (Kind.EMAIL, "a@"), (Kind.LINK, "javascript:alert(1)"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_by_name(of: Resource, admin: Context, kind: Kind, raw: Any) -> None:
    define(admin, "one", kind, **({"choices": CHOICES} if kind in (Kind.CHOICE, Kind.CHOICES) else {}))
    assert set(wrong(admin, of, {"one": raw})) == {"one"}


def test_rules_hold(of: Resource, admin: Context) -> None:
    define(admin, "code", Kind.TEXT, pattern="[A-Z]{2}[0-9]+", minimum="3", maximum="5", required=True)
    define(admin, "size", Kind.NUMBER, minimum="0.1", maximum="10", default=1)
    define(admin, "born", Kind.DATE, maximum="2026-01-01")
    assert check(admin, of, {"code": "AB1"}) == {"code": "AB1", "size": 1}
    found = wrong(admin, of, {"code": "AB123456", "size": 11, "born": "2026-03-05", "nothing": 1})
    assert set(found) == {"code", "size", "born", "nothing"}
    assert set(wrong(admin, of, {"code": "ab1"})) == {"code"}
    assert set(wrong(admin, of, {})) == {"code"}
    assert check(admin, of, {"size": 2}, before={}) == {"size": 2}
    assert set(wrong(admin, of, {"code": " "}, before={"code": "AB1"})) == {"code"}


def test_a_unique_value_is_kept_unique_by_the_database(of: Resource, admin: Context) -> None:
    field = define(admin, "card", Kind.TEXT, unique=True)
    first, second = uuid7(), uuid7()
    check(admin, of, {"card": "Ab"}, record_id=first)
    assert set(wrong(admin, of, {"card": "aB"}, record_id=second)) == {"card"}
    assert check(admin, of, {"card": "Ab"}, record_id=first, before={"card": "Ab"}) == {"card": "Ab"}
    check(admin, of, {"card": "cd"}, record_id=first, before={"card": "Ab"})
    check(admin, of, {"card": "ab"}, record_id=second)
    check(admin, of, {"card": None}, record_id=second, before={"card": "ab"})
    assert UniqueValue.objects.filter(definition_id=field).count() == 1
    custom.release_unique([first])
    assert UniqueValue.objects.count() == 0


def test_a_required_field_is_asked_for_only_where_it_is_shown(of: Resource, admin: Context) -> None:
    define(admin, "vip", Kind.YES_NO)
    define(admin, "reason", Kind.TEXT, required=True, shown_if={"field": "vip", "op": "eq", "value": True})
    define(admin, "size", Kind.NUMBER, required=True, shown_if={"field": "amount", "op": "gt", "value": 5})
    assert check(admin, of, {"vip": False}) == {"vip": False}
    assert set(wrong(admin, of, {"vip": True})) == {"reason"}
    assert set(wrong(admin, of, {}, record={"amount": Decimal(6)})) == {"size"}


def test_a_reference_must_be_there_and_visible(of: Resource, admin: Context) -> None:
    define(admin, "partner", Kind.REFERENCE, reference="things")
    there, gone = Thing.objects.create(name="甲"), Thing.objects.create(name="乙", binned=True)
    assert check(admin, of, {"partner": str(there.id)}) == {"partner": str(there.id)}
    for other in (gone.id, uuid7()):
        assert set(wrong(admin, of, {"partner": other})) == {"partner"}
    blind = replace(admin, actor=replace(admin.actor, rights=rights(actions=())))
    assert set(wrong(blind, of, {"partner": there.id})) == {"partner"}


def test_a_field_one_may_not_write_is_refused(of: Resource, admin: Context) -> None:
    define(admin, "one", Kind.TEXT)
    reader = replace(admin, actor=replace(admin.actor, rights=rights(one=FieldRight.READ)))
    with pytest.raises(FieldHidden):
        check(reader, of, {"one": "x"})


def test_it_is_an_ordinary_field_in_lists_conditions_and_sorts(of: Resource, admin: Context) -> None:
    define(admin, "size", Kind.NUMBER)
    define(admin, "word", Kind.TEXT)
    for number in (2, 10, None, 1):
        values = {"size": number, "word": str(number)} if number else {}
        Thing.objects.create(name=f"第{number}", custom=check(admin, of, values))
    listing = list_records(admin, of, ListRequest(sort="-size", fields=["size", "word"], size=2))
    assert [row.values for row in listing.rows] == [
        {"size": Decimal(10), "word": "10"},
        {"size": Decimal(2), "word": "2"},
    ]
    rest = list_records(admin, of, ListRequest(sort="-size", fields=["size"], size=2, cursor=listing.next))
    assert [row.values["size"] for row in rest.rows] == [Decimal(1), None]
    above = parse_condition(admin, of, {"field": "size", "op": "ge", "value": "2"})
    assert Thing.objects.filter(to_q(above)).count() == 2
    assert get_record(admin, of, rest.rows[0].id).values["word"] == "1"


def test_labels_follow_the_language(of: Resource, admin: Context) -> None:
    define(admin, "tier", Kind.CHOICE, label_zh="等级", label_en="Tier", choices=CHOICES)
    field = of.all_fields()["tier"]
    with translation.override("en"):
        assert (str(field.label), str(field.choices[0].label), str(field.choices[1].label)) == (
            "Tier",
            "Gold",
            "铅",
        )
    with translation.override("zh-hans"):
        assert (str(field.label), str(field.choices[0].label)) == ("等级", "金")


@pytest.mark.parametrize(
    ("key", "kind", "rules", "field"),
    [
        ("Name", Kind.TEXT, {}, "key"), ("a__b", Kind.TEXT, {}, "key"), ("name", Kind.TEXT, {}, "key"),
        ("one", Kind.TEXT, {}, "key"), ("parts", Kind.TEXT, {}, "key"), ("x", Kind.CHOICE, {}, "choices"),
        ("x", Kind.TEXT, {"choices": CHOICES}, "choices"), ("x", Kind.CHOICE, {"choices": CHOICES[:1] * 2}, "choices"),
        ("x", Kind.TEXT, {"pattern": "("}, "pattern"), ("x", Kind.NUMBER, {"pattern": "1"}, "pattern"),
        ("x", Kind.NUMBER, {"minimum": "a"}, "minimum"), ("x", Kind.DATE, {"maximum": "5"}, "maximum"),
        ("x", Kind.TEXT, {"minimum": "-1"}, "minimum"), ("x", Kind.YES_NO, {"minimum": "1"}, "minimum"),
        ("x", Kind.REFERENCE, {}, "reference"), ("x", Kind.REFERENCE, {"reference": "ghosts"}, "reference"),
        ("x", Kind.YES_NO, {"unique": True}, "unique"), ("x", Kind.NUMBER, {"default": "a"}, "default"),
        ("x", Kind.TEXT, {"default": "a", "unique": True}, "default"),
        ("x", Kind.TEXT, {"shown_if": {"field": "ghost"}}, "shown_if"),
        ("x", Kind.TEXT, {"label_zh": None}, "rules.label_zh"),
    ],
)  # fmt: skip
def test_a_field_that_makes_no_sense_is_refused(
    of: Resource, admin: Context, key: str, kind: Kind, rules: dict[str, Any], field: str
) -> None:
    define(admin, "one", Kind.TEXT)
    with pytest.raises(Invalid) as refused:
        define(admin, key, kind, **rules)
    assert field in refused.value.fields
    assert set(custom.definitions("things")) == {"one"}


def test_the_kind_of_a_field_in_use_cannot_change(of: Resource, admin: Context) -> None:
    field = define(admin, "one", Kind.TEXT)
    field_actions.change(admin, field, FieldRules(), kind=Kind.NUMBER)
    assert custom.definitions("things")["one"].field.kind == Kind.NUMBER
    Thing.objects.create(custom={"one": 5})
    with pytest.raises(Invalid) as refused:
        field_actions.change(admin, field, FieldRules(), kind=Kind.TEXT)
    assert "kind" in refused.value.fields


def test_changes_are_announced_versioned_and_partial(of: Resource, admin: Context) -> None:
    field = define(admin, "one", Kind.TEXT, help_zh="帮助")
    after = field_actions.change(admin, field, FieldRules(label_zh="新名", required=True), version=1)
    assert after.version == 2
    with pytest.raises(Conflict):
        field_actions.change(admin, field, FieldRules(label_zh="旧"), version=1)
    newest = facts_of("fields", [field])[0]
    assert newest.kind == "fields.changed"
    assert set(newest.changes) == {"label_zh", "required"}
    assert str(custom.definitions("things")["one"].field.help) == "帮助"


def test_a_choice_in_use_stays(of: Resource, admin: Context) -> None:
    field = define(admin, "tier", Kind.CHOICE, choices=CHOICES)
    Thing.objects.create(custom={"tier": "gold"})
    field_actions.change(admin, field, FieldRules.model_validate({"choices": CHOICES[:1]}))
    with pytest.raises(Invalid) as refused:
        field_actions.change(admin, field, FieldRules.model_validate({"choices": CHOICES[1:]}))
    assert "choices" in refused.value.fields


def test_a_field_becomes_unique_only_where_values_differ(of: Resource, admin: Context) -> None:
    field = define(admin, "card", Kind.TEXT)
    one = Thing.objects.create(custom={"card": "a"})
    two = Thing.objects.create(custom={"card": "A"})
    with pytest.raises(Invalid) as refused:
        field_actions.change(admin, field, FieldRules(unique=True))
    assert "unique" in refused.value.fields
    Thing.objects.filter(pk=two.pk).update(custom={"card": "b"})
    field_actions.change(admin, field, FieldRules(unique=True))
    assert set(wrong(admin, of, {"card": "B"}, record_id=one.id, before={"card": "a"})) == {"card"}
    field_actions.change(admin, field, FieldRules(unique=False))
    assert UniqueValue.objects.count() == 0


def test_a_retired_field_takes_no_values_and_comes_back(of: Resource, admin: Context) -> None:
    field = define(admin, "one", Kind.TEXT, required=True)
    field_actions.retire(admin, field)
    assert "one" not in of.all_fields()
    assert set(wrong(admin, of, {"one": "x"})) == {"one"}
    assert check(admin, of, {}, before={"one": "kept"}) == {"one": "kept"}
    assert field_actions.listed(admin, "things") == []
    assert [item.retired for item in field_actions.listed(admin, "things", "all")] == [True]
    field_actions.retire(admin, field, back=True)
    assert "one" in of.all_fields()


def test_defining_needs_the_right_and_a_fitting_resource(of: Resource, admin: Context, world: World) -> None:
    with pytest.raises(NotAllowed):
        define(world.context(world.rep), "one", Kind.TEXT)
    with pytest.raises(Invalid) as refused:
        field_actions.define(admin, "staff", "one", Kind.TEXT, FieldRules(label_zh="甲"))
    assert "resource" in refused.value.fields


def test_a_door_defines_a_field(of: Resource, admin: Context) -> None:
    payload = {
        "resource": "things",
        "key": "one",
        "kind": "number",
        "rules": {"label_zh": "甲", "maximum": "5"},
    }
    run("fields.define", admin, payload)
    assert custom.fields_of("things")["one"].kind == Kind.NUMBER
    with pytest.raises(Invalid) as refused:
        run("fields.define", admin, {**payload, "key": "two", "rules": {"nonsense": 1}})
    assert "rules.nonsense" in refused.value.fields
