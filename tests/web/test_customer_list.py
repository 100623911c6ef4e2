"""The list of customers: its state is its address, cells are changed in place, many records at once."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.web.customers import HTMX, make_firm, make_person, signed_in
from tests.world import World
from zhike.customers.queries import CUSTOMERS, card
from zhike.kernel.reading import ListRequest, list_records
from zhike.kernel.worker import work_off
from zhike.web.lists import bulk


def where(**condition: object) -> str:
    return "/customers/?" + urlencode({"where": json.dumps(condition)})


def test_the_address_holds_search_and_condition(world: World) -> None:
    make_person(world)
    make_firm(world)
    client = signed_in(world.manager)
    assert "欧阳靖宇" not in client.get("/customers/?q=huateng").content.decode()
    shown = client.get(where(field="kind", op="eq", value="person")).content.decode()
    assert "欧阳靖宇" in shown
    assert "华腾" not in shown
    assert "filter-chip" in shown


def test_a_broken_condition_is_told_and_not_fatal(world: World) -> None:
    make_person(world)
    client = signed_in(world.manager)
    for address in (
        "/customers/?where=%7B",
        where(field="nonsense", op="eq", value="1"),
        "/customers/?cursor=x",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "欧阳靖宇" in answer.content.decode()


def test_a_list_says_no_more_than_the_reader_may_see(world: World) -> None:
    make_firm(world)
    shown = (
        signed_in(world.analyst)
        .get("/customers/?fields=name,phone,email,address,certificate")
        .content.decode()
    )
    for secret in ("华腾软件", "55558888", "info@huateng", "世纪大道", "775785552"):
        assert secret not in shown
    assert "华腾" not in signed_in(world.stranger).get("/customers/").content.decode()


def test_a_cell_is_changed_or_says_why_not(world: World) -> None:
    person = make_person(world)
    client = signed_in(world.rep)
    address = f"/customers/cells/{person}/grade/"
    assert "<form" in client.get(address, headers=HTMX).content.decode()
    assert client.post(address, {"value": "b", "version": "1"}, headers=HTMX).status_code == 200
    assert card(world.context(world.rep), person).values["grade"] == "b"
    late = client.post(address, {"value": "c", "version": "1"}, headers=HTMX)
    assert late.status_code == 409
    assert card(world.context(world.rep), person).values["grade"] == "b"
    wrong = client.post(f"/customers/cells/{person}/phone/", {"value": "12"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "cell-problem" in wrong.content.decode()
    assert client.post(f"/customers/cells/{person}/owner/", {"value": ""}, headers=HTMX).status_code == 403


def test_many_records_by_hand_and_all_that_match(world: World) -> None:
    one, other = make_person(world), make_person(world, "王小梅", "13911112222")
    client = signed_in(world.manager)
    dialog = client.post("/customers/bulk/tag/", {"ids": [str(one)]}, headers=HTMX)
    assert str(one) in dialog.content.decode()
    client.post("/customers/bulk/tag/", {"ids": [str(one)], "sure": "1", "tags": "甲，乙"}, headers=HTMX)
    assert card(world.context(world.manager), one).tags == ("乙", "甲")
    query = where(field="phone", op="eq", value="+8613911112222").partition("?")[2]
    answer = client.post(
        f"/customers/bulk/classify/?{query}", {"all": "1", "sure": "1", "grade": "a"}, headers=HTMX
    )
    assert answer.status_code == 204
    assert card(world.context(world.manager), other).values["grade"] == "a"
    assert card(world.context(world.manager), one).values["grade"] != "a"
    empty = client.post("/customers/bulk/classify/", {"ids": [str(one)], "sure": "1"}, headers=HTMX)
    assert empty.status_code == 422


def test_a_list_too_long_to_wait_for_is_left_to_a_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [make_person(world), make_person(world, "王小梅", "13911112222")]
    monkeypatch.setattr(bulk, "MOST", 1)
    client = signed_in(world.manager)
    dialog = client.post("/customers/bulk/classify/", {"all": "1"}, headers=HTMX)
    assert "2 条" in dialog.content.decode()
    assert "后台" in dialog.content.decode()
    wrong = client.post("/customers/bulk/classify/", {"all": "1", "sure": "1"}, headers=HTMX)
    assert wrong.status_code == 422
    begun = client.post("/customers/bulk/classify/", {"all": "1", "sure": "1", "grade": "c"}, headers=HTMX)
    assert "/jobs/" in json.loads(begun["HX-Trigger"])["toast"]["link"]
    work_off()
    assert {card(world.context(world.manager), each).values["grade"] for each in people} == {"c"}


def test_a_deletion_can_be_taken_back(world: World) -> None:
    person = make_person(world)
    client = signed_in(world.manager)
    gone = client.post("/customers/bulk/delete_many/", {"ids": [str(person)], "sure": "1"}, headers=HTMX)
    undo = json.loads(gone["HX-Trigger"])["toast"]["undo"]
    assert client.get(f"/customers/{person}/").status_code == 404
    assert "欧阳靖宇" in client.get("/customers/bin/").content.decode()
    client.post(undo, headers=HTMX)
    assert client.get(f"/customers/{person}/").status_code == 200


def test_a_view_is_kept_shared_and_opened_first(world: World) -> None:
    make_person(world)
    make_firm(world)
    owner, reader = signed_in(world.manager), signed_in(world.rep)
    query = where(field="kind", op="eq", value="organisation").partition("?")[2]
    given = {"name": "单位客户", "audience": "all", "default": "on"}
    made = owner.post(f"/customers/views/new/?{query}", given, headers=HTMX)
    assert "欧阳靖宇" not in owner.get("/customers/").content.decode()
    assert "欧阳靖宇" in owner.get("/customers/?view=all").content.decode()
    shared = reader.get(made["HX-Redirect"]).content.decode()
    assert "单位客户" in shared
    assert "欧阳靖宇" not in shared
    assert "欧阳靖宇" in reader.get("/customers/").content.decode()


def test_pages_hold_together(world: World) -> None:
    for number in range(5):
        make_person(world, f"客户{number}", f"1391111222{number}")
    client = signed_in(world.manager)
    context = world.context(world.manager)
    first = list_records(context, CUSTOMERS, ListRequest(size=2))
    shown = client.get(f"/customers/?size=2&cursor={first.next}").content.decode()
    second = list_records(context, CUSTOMERS, ListRequest(size=2, cursor=first.next))
    assert all(str(row.id) in shown for row in second.rows)
    assert not any(str(row.id) in shown for row in first.rows)
