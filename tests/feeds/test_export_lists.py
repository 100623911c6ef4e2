"""Exports: what the reader may see, in every format, at once or in the background, written down as a fact."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from django.core.files.storage import default_storage

from tests.feeds.importing import HEAD, bring_in, line
from tests.world import World
from zhike.customers.actions import create
from zhike.feeds.exports import doors
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import FieldHidden, NotAllowed, NotFound
from zhike.kernel.models import Fact
from zhike.kernel.worker import work_off

pytestmark = pytest.mark.django_db
FIELDS = ["name", "phone", "state", "owner", "birthday", "tags"]


def exported(context: Context, **asked: object) -> bytes:
    """The bytes of an export."""
    made = run("feeds.export", context, {"fields": FIELDS, **asked}).result
    with default_storage.open(made["path"]) as handle:
        return bytes(handle.read())


def test_csv_obeys_condition_sort_and_bom(world: World) -> None:
    context = world.context(world.admin)
    bring_in(context, HEAD + "".join(line(n) for n in range(12)) + line(13, 姓名="=cmd|'x'!A1"))
    where = {"field": "name", "op": "contains", "value": "测试"}
    raw = exported(context, format="csv", condition=where, sort="-created_at")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))) == 13
    everything = exported(context, format="csv", bom=False)
    assert not everything.startswith(b"\xef\xbb\xbf")
    assert "'=cmd" in everything.decode()


def test_workbook_and_cards_hold_the_same(world: World) -> None:
    context = world.context(world.admin)
    create(context, name="王小明", phone="13800138000", email="w@example.com")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(context, format="xlsx"))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:2] == ("王小明", "+8613800138000")
    assert rows[1][3] == world.admin.name
    cards = exported(context, format="vcard", fields=[]).decode()
    assert "FN:王小明" in cards
    assert "TEL:+8613800138000" in cards
    again = bring_in(context, cards, name="cards.vcf")
    assert (again["created"], again["matched"]) == (0, 1)


def test_masks_and_rows_hold_in_the_file(world: World) -> None:
    create(world.context(world.rep), name="王小明", phone="13800138000")
    create(world.context(world.stranger), name="深圳客户", phone="13900139000")
    mine = exported(world.context(world.rep), format="csv").decode()
    assert "13800138000" in mine
    assert "深圳客户" not in mine
    masked = exported(world.context(world.analyst), format="csv").decode()
    assert "13800138000" not in masked
    assert "138****8000" in masked
    with pytest.raises(FieldHidden):
        exported(world.context(world.analyst), format="csv", fields=["address"])
    with pytest.raises(NotAllowed):
        exported(world.context(world.agent), format="csv")


def test_a_large_list_is_written_in_the_background(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "AT_ONCE", 5)
    context = world.context(world.admin)
    bring_in(context, HEAD + "".join(line(n) for n in range(20)))
    made = run("feeds.export", context, {"fields": FIELDS}).result
    assert made["ended_at"] is None
    work_off()
    ready = run("feeds.export_read", context, {"export": made["id"]}).result
    assert (ready["rows"], default_storage.exists(ready["path"])) == (20, True)
    with pytest.raises(NotFound):
        run("feeds.export_read", world.context(world.director), {"export": made["id"]})


def test_an_export_is_written_down_with_condition_and_count(world: World) -> None:
    context = world.context(world.admin)
    create(context, name="王小明")
    where = {"field": "name", "op": "contains", "value": "小"}
    exported(context, condition=where)
    fact = Fact.objects.get(kind="feeds.exported")
    assert '"rows":1' in fact.body
    assert "contains" in fact.body
