"""What becomes of the rows of a file: new, known by each rule, refused with the reason, never lost."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from tests.feeds.importing import HEAD, bring_in, counts, line, rows_of, state_of_house, upload, worked
from tests.real_data import real_data
from tests.world import World
from zhike.customers.actions import create
from zhike.customers.models import ContactPoint, Party
from zhike.customers.queries import CUSTOMERS
from zhike.feeds.models import ImportChunk
from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid, NotAllowed, NotFound
from zhike.kernel.models import Fact
from zhike.kernel.reading import ListRequest, list_records

pytestmark = pytest.mark.django_db


def test_new_customers_come_in_with_everything(world: World) -> None:
    context = world.context(world.admin)
    found = bring_in(context, HEAD + "".join(line(n) for n in range(50)))
    assert found["state"] == "done"
    assert counts(found) == [50, 50, 0, 0, 0]
    assert state_of_house() == (50, 50, 50)
    party = Party.objects.get(primary_phone="+8613800000007")
    assert (party.name, party.city, str(party.birthday)) == (f"测试{chr(0x4E07)}", "上海市", "1990-01-08")
    shown = list_records(context, CUSTOMERS, ListRequest(text="13800000007", fields=["name", "tags"]))
    assert [row.id for row in shown.rows] == [party.pk]
    assert shown.rows[0].values["tags"] == ["甲"]


def test_wrong_rows_are_refused_with_column_and_reason_and_can_be_sent_again(world: World) -> None:
    context = world.context(world.admin)
    text = (
        HEAD + line(1) + line(2, 手机="abc") + line(3, 姓名="") + line(4, 生日="昨天") + "a,b,c,d,e,f,g,h,i\n"
    )
    found = bring_in(context, text)
    assert counts(found) == [5, 1, 0, 0, 4]
    refused = rows_of(context, found["id"], "refused")
    assert [row["row"] for row in refused] == [3, 4, 5, 6]
    assert all(row["reasons"] for row in refused)
    assert refused[0]["reasons"][0].startswith("手机: ")
    assert refused[2]["reasons"][0].startswith("生日: ")
    path = run("feeds.refused_file", context, {"batch": found["id"]}).result["path"]
    from django.core.files.storage import default_storage

    with default_storage.open(path) as handle:
        again = handle.read().decode("utf-8-sig").replace("abc", "13900000002").replace("昨天", "1991-02-03")
    repaired = bring_in(context, again)
    assert counts(repaired)[1] == 2
    assert Party.objects.count() == 3


def test_a_known_customer_is_left_updated_or_filled_in(world: World) -> None:
    context = world.context(world.admin)
    known = create(context, name="测试丁", phone="13800000001", address="北京市朝阳区建国路1号")
    row = "姓名,手机,邮箱,行业\n测试丁,13800000001,new@example.com,制造业\n"
    left = bring_in(context, row)
    assert counts(left) == [1, 0, 0, 1, 0]
    assert rows_of(context, left["id"], "matched")[0]["by"] == "phone"
    filled = bring_in(context, row, rule="merge")
    assert counts(filled) == [1, 0, 1, 0, 0]
    party = Party.objects.get(pk=known.id)
    assert (party.industry, party.primary_email, party.city) == ("制造业", "new@example.com", "北京市")
    other = bring_in(context, row.replace("制造业", "金融业"), rule="merge")
    assert counts(other) == [1, 0, 0, 1, 0]
    assert Party.objects.get(pk=known.id).industry == "制造业"
    bring_in(context, row.replace("制造业", "金融业"), rule="update")
    assert Party.objects.get(pk=known.id).industry == "金融业"
    assert Party.objects.count() == 1


def test_somebody_else_at_the_same_telephone_is_a_new_customer(world: World) -> None:
    context = world.context(world.admin)
    create(context, name="王建国", phone="021-55558888")
    found = bring_in(context, "姓名,电话\n李秀英,021-55558888\n")
    assert counts(found) == [1, 1, 0, 0, 0]


def test_a_row_that_stands_in_the_file_twice_makes_one_customer(world: World) -> None:
    context = world.context(world.admin)
    text = HEAD + line(1) + line(2) + line(1) + line(3, 外部编号="E2")
    found = bring_in(context, text)
    assert counts(found) == [4, 2, 0, 2, 0]
    assert [row["by"] for row in rows_of(context, found["id"], "matched")] == ["file", "file"]


def test_customers_are_known_again_by_the_ids_of_the_file(world: World) -> None:
    context = world.context(world.admin)
    bring_in(context, HEAD + line(1))
    found = bring_in(context, HEAD + line(1, 姓名="改了名", 手机="13900000009", 邮箱="x@example.com"))
    assert counts(found) == [1, 0, 0, 1, 0]
    assert rows_of(context, found["id"], "matched")[0]["by"] == "external_id"


def test_the_check_says_the_same_as_the_run_and_writes_nothing(world: World) -> None:
    context = world.context(world.admin)
    create(context, name=f"测试{chr(0x4E05)}", phone="13800000005")
    text = HEAD + "".join(line(n) for n in range(30)) + line(2) + line(31, 手机="x")
    before = state_of_house()
    made = upload(context, text)
    run("feeds.check", context, {"batch": made["id"]})
    checked = worked(context, made["id"])
    assert state_of_house() == before
    assert checked["state"] == "previewed"
    assert checked["preview"]["counts"] == {"rows": 32, "new": 29, "known": 2, "refused": 1}
    assert checked["preview"]["reasons"][0]["count"] == 1
    run("feeds.start", context, {"batch": made["id"]})
    assert counts(worked(context, made["id"])) == [32, 29, 0, 2, 1]


def test_a_corrected_mapping_is_kept_for_the_next_file(world: World) -> None:
    context = world.context(world.admin)
    made = upload(context, "甲,乙\n王小明,13800000001\n")
    run("feeds.map", context, {"batch": made["id"], "mapping": {"甲": "name", "乙": None}})
    again = upload(context, "甲,乙\n李小红,13800000002\n")
    assert [column["target"] for column in again["columns"]] == ["name", None]
    run("feeds.map", context, {"batch": again["id"], "mapping": {"甲": "legal_name"}})
    with pytest.raises(Invalid):
        run("feeds.start", context, {"batch": again["id"]})
    with pytest.raises(Invalid):
        run("feeds.map", context, {"batch": again["id"], "mapping": {"甲": "name", "乙": "name"}})


def test_why_a_column_goes_to_a_field_names_the_field_in_the_language_of_the_reader(world: World) -> None:
    context = world.context(world.admin)
    made = upload(context, "客户姓名,手机号\n王小明,13800000001\n")
    said = []
    for language in ("en", "zh-hans"):
        with override(language):
            said.append(
                run("feeds.import_read", context, {"batch": made["id"]}).result["batch"]["columns"][0]["why"][
                    0
                ]
            )
    assert said[0].endswith("“Name”.")
    assert "“名称”" in said[1]


def test_only_its_owner_sees_an_import_and_only_who_may_import_starts_one(world: World) -> None:
    made = upload(world.context(world.director), HEAD + line(1))
    with pytest.raises(NotFound):
        run("feeds.import_read", world.context(world.manager), {"batch": made["id"]})
    with pytest.raises(NotAllowed):
        upload(world.context(world.rep), HEAD + line(1))


def test_what_comes_in_belongs_to_whoever_brought_it(world: World) -> None:
    bring_in(world.context(world.manager), HEAD + line(1))
    party = Party.objects.get()
    assert (party.owner_id, party.unit_id) == (world.manager.pk, world.manager.unit_id)


def test_every_fact_of_an_import_carries_its_job(world: World) -> None:
    found = bring_in(world.context(world.admin), HEAD + line(1) + line(2))
    assert Fact.objects.filter(kind="customers.created", request_id=found["job"]).count() == 2
    assert sum(len(bytes(chunk.customers)) for chunk in ImportChunk.objects.all()) == 32


def test_real_cards_come_in_whole(world: World) -> None:
    folder = real_data("contacts")
    cards = sorted(folder.rglob("*.vcf"))
    context = world.context(world.admin)
    path = max(cards, key=lambda each: each.stat().st_size)
    found = bring_in(context, path.read_bytes(), name=path.name)
    assert found["rows"] == sum(found[name] for name in ("created", "updated", "matched", "refused"))
    assert found["created"] > 0
    assert ContactPoint.objects.filter(kind="phone").exists()
