"""No card and no row is refused for a telephone number that people really write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.feeds.importing import bring_in, counts, rows_of, upload, worked
from tests.real_data import real_data
from tests.world import World
from zhike.customers.models import ContactPoint, Note, Party
from zhike.kernel.actions import run

pytestmark = pytest.mark.django_db


def _cards() -> dict[str, Path]:
    found = {path.name: path for path in real_data("contacts").rglob("*.vcf")}
    return {name: found[name] for name in ("metowolf_cn_v3_utf8.vcf", "metowolf_cn_v21_gb18030_qp.vcf")}


def _stored() -> dict[str, set[str]]:
    phones = ContactPoint.objects.filter(kind="phone").values_list("party__name", "normalised")
    return {name: {phone for each, phone in phones if each == name} for name, _phone in phones}


def test_two_ways_of_writing_the_same_cards_make_the_same_customers(world: World) -> None:
    context = world.context(world.admin)
    newer, older = (path.read_bytes() for path in _cards().values())
    first = bring_in(context, newer, name="newer.vcf")
    assert counts(first) == [314, first["created"], 0, first["matched"], 0]
    stored = _stored()
    assert len(stored) > 300
    again = bring_in(context, older, name="older.vcf", rule="merge")
    # The older form has neither e-mails nor links: two cards have nothing but a number that nobody can dial.
    assert (again["rows"], again["refused"]) == (314, 2)
    assert all("Phone 1: " in row["reasons"][0] for row in rows_of(context, again["id"], "refused"))
    assert again["created"] + again["updated"] + again["matched"] == 312
    assert _stored() == stored


def test_an_odd_number_is_kept_in_the_note_with_a_warning(world: World) -> None:
    context = world.context(world.admin)
    made = upload(context, "姓名,手机,邮箱\n王小明,1380,a@example.com\n李小红,6502530000,b@example.com\n")
    run("feeds.check", context, {"batch": made["id"]})
    checked = worked(context, made["id"])
    assert checked["preview"]["counts"]["refused"] == 0
    assert len(checked["preview"]["warnings"]) == 1
    run("feeds.start", context, {"batch": made["id"]})
    done = worked(context, made["id"])
    assert counts(done) == [2, 2, 0, 0, 0]
    assert done["preview"]["warnings"] == checked["preview"]["warnings"]
    assert "6502530000" in done["preview"]["warnings"][0]
    assert sorted(Note.objects.values_list("text", flat=True)) == ["手机: 1380", "手机: 6502530000"]
    assert not ContactPoint.objects.filter(kind="phone").exists()


@pytest.mark.parametrize("phone", ["12", "abc", "见备注"])
def test_what_is_no_number_at_all_is_refused_and_named(world: World, phone: str) -> None:
    context = world.context(world.admin)
    done = bring_in(context, f"姓名,手机,邮箱\n王小明,{phone},a@example.com\n")
    assert counts(done) == [1, 0, 0, 0, 1]
    assert rows_of(context, done["id"], "refused")[0]["reasons"][0].startswith("手机: ")
    assert not Party.objects.exists()


@pytest.mark.parametrize("phone", ["6502530000", "1380"])
def test_a_row_known_by_nothing_but_an_odd_number_is_refused(world: World, phone: str) -> None:
    context = world.context(world.admin)
    done = bring_in(context, f"姓名,手机\n王小明,{phone}\n")
    assert counts(done) == [1, 0, 0, 0, 1]
    assert rows_of(context, done["id"], "refused")[0]["reasons"][0].startswith("手机: ")


def test_the_right_column_is_named_when_another_number_went_to_the_note(world: World) -> None:
    context = world.context(world.admin)
    mapping = {"姓名": "name", "手机": "phone", "电话": "phone", "邮箱": "email"}
    done = bring_in(context, "姓名,手机,电话,邮箱\n王小明,6502530000,abc,a@example.com\n", mapping=mapping)
    assert counts(done) == [1, 0, 0, 0, 1]
    assert [why.partition(": ")[0] for why in rows_of(context, done["id"], "refused")[0]["reasons"]] == [
        "电话"
    ]
