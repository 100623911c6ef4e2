"""Staff and units are found like every record: under rights over rows and fields, as their actions left them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.world import World
from zhike.kernel.actor import Context
from zhike.kernel.models import SearchEntry
from zhike.kernel.rights import FieldRight, RowRight, RowScope
from zhike.kernel.search import search_everything
from zhike.kernel.staff_actions import change, create, disable
from zhike.kernel.staff_search import index_missing, rebuild
from zhike.kernel.unit_actions import create as add_unit
from zhike.kernel.unit_actions import remove, rename


@pytest.fixture
def indexed(world: World) -> World:
    """The cast, put into the index as a start does with what it finds there."""
    assert index_missing() == len(world.people()) + 6
    assert index_missing() == 0
    return world


def found(context: Context, text: str) -> set[tuple[str, str]]:
    """Kind and title of what a text finds."""
    return {(one.resource, one.title) for one in search_everything(context, text)}


def with_rights(context: Context, *, rows: RowScope = RowScope.ALL, **fields: FieldRight) -> Context:
    """The same person with other rights over staff."""
    old = context.actor.rights
    rights = replace(
        old,
        rows={**old.rows, "staff": RowRight(rows, RowScope.NONE)},
        fields={**old.fields, "staff": {"*": FieldRight.READ, **fields}},
    )
    return replace(context, actor=replace(context.actor, rights=rights))


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("李明", ("staff", "李明")), ("lm", ("staff", "李明")), ("liming", ("staff", "李明")),
        ("colleague", ("staff", "王芳")), ("rep@example.com", ("staff", "李明")),
        ("华东", ("units", "华东区")), ("shyb", ("units", "上海一部")),
    ],
)  # fmt: skip
def test_people_and_units_are_found(indexed: World, text: str, hit: tuple[str, str]) -> None:
    assert hit in found(indexed.context(indexed.rep), text)


def test_the_result_leads_to_the_page(indexed: World) -> None:
    context = indexed.context(indexed.admin)
    assert [one.url for one in search_everything(context, "李明")] == [f"/settings/staff/{indexed.rep.id}/"]
    assert [(one.url, one.subtitle) for one in search_everything(context, "华南区")] == [
        (f"/settings/units/{indexed.south.id}/", "华南")
    ]


def test_who_may_not_read_staff_finds_none(indexed: World) -> None:
    context = indexed.context(indexed.rep)
    rights = replace(context.actor.rights, actions=frozenset({"customers.*"}))
    shut_out = replace(context, actor=replace(context.actor, rights=rights))
    assert found(shut_out, "李明") == found(shut_out, "华东") == set()


def test_rights_over_rows_hold(indexed: World) -> None:
    context = with_rights(indexed.context(indexed.rep), rows=RowScope.UNIT)
    assert found(context, "王芳") == {("staff", "王芳")}
    assert found(context, "黄志强") == set()


@pytest.mark.parametrize("right", [FieldRight.HIDDEN, FieldRight.MASKED])
def test_a_user_name_that_is_not_read_does_not_find(indexed: World, right: FieldRight) -> None:
    plain = indexed.context(indexed.rep)
    assert ("staff", "王芳") in found(plain, "colleague")
    assert found(with_rights(plain, username=right, email=right), "colleague") == set()
    assert found(with_rights(plain, email=FieldRight.HIDDEN), "colleague@example.com") == set()
    assert found(with_rights(plain, name=FieldRight.HIDDEN), "王芳") == set()


def test_actions_keep_the_index(world: World) -> None:
    admin = world.context(world.admin)
    made = create(admin, "newcomer", "欧阳靖宇", ["sales_rep"]).id
    assert found(admin, "oyjy") == {("staff", "欧阳靖宇")}
    change(admin, made, name="司马相如")
    assert found(admin, "oyjy") == set()
    assert found(admin, "smxr") == {("staff", "司马相如")}
    disable(admin, made)
    assert found(admin, "smxr") == {("staff", "司马相如")}
    unit = add_unit(admin, "西北大区").id
    rename(admin, unit, "西南大区")
    assert (found(admin, "西北大区"), found(admin, "西南大区")) == (set(), {("units", "西南大区")})
    remove(admin, unit)
    assert found(admin, "西南大区") == set()
    assert not SearchEntry.objects.filter(record_id=unit).exists()


def test_the_index_is_made_anew(indexed: World, capsys: pytest.CaptureFixture[str]) -> None:
    from argparse import Namespace

    SearchEntry.objects.filter(resource="staff").delete()
    assert rebuild(Namespace(resource=["staff"])) == 0
    assert capsys.readouterr().out == f"staff: {len(indexed.people())}\n"
    assert ("staff", "李明") in found(indexed.context(indexed.rep), "lm")
