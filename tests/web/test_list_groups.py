"""A list by the values of one field: counts, the rows of each, and what masks keep to themselves."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.web.customers import HTMX, make_firm, make_person, signed_in
from tests.world import World


def grouped(by: str, **more: str) -> str:
    return "/customers/?" + urlencode({"group": by, **more})


def test_values_come_with_their_counts_and_lead_to_their_records(world: World) -> None:
    make_person(world)
    make_person(world, "上官婉儿", "13912345678")
    make_firm(world)
    client = signed_in(world.manager)
    page = client.get(grouped("kind")).content.decode()
    assert page.count("data-group-toggle") == 2
    assert "欧阳靖宇" not in page
    alone = urlencode({"where": json.dumps({"field": "kind", "op": "eq", "value": "person"})})
    opened = client.get(grouped("kind", within="person"), headers=HTMX).content.decode()
    assert "欧阳靖宇" in opened
    assert "上官婉儿" in opened
    assert "华腾" not in opened
    assert "上官婉儿" in client.get(f"/customers/?{alone}").content.decode()


def test_a_condition_holds_inside_groups_and_the_empty_value_is_one(world: World) -> None:
    make_person(world)
    make_firm(world)
    client = signed_in(world.manager)
    firms = json.dumps({"field": "kind", "op": "eq", "value": "organisation"})
    page = client.get(grouped("city", where=firms)).content.decode()
    assert page.count("data-group-toggle") == 1
    assert "上海市" in page
    nowhere = client.get(grouped("city", within=""), headers=HTMX).content.decode()
    assert "欧阳靖宇" in nowhere
    assert "华腾" not in nowhere


def test_references_are_named_and_dates_are_no_groups(world: World) -> None:
    make_person(world)
    client = signed_in(world.manager)
    assert world.rep.name in client.get(grouped("owner")).content.decode()
    told = client.get(grouped("birthday")).content.decode()
    assert "不能按 birthday 分组" in told
    assert "欧阳靖宇" in told


def test_a_view_keeps_its_grouping(world: World) -> None:
    make_person(world)
    make_firm(world)
    client = signed_in(world.manager)
    assert "/customers/views/new/" in client.get(grouped("kind")).content.decode()
    made = client.post("/customers/views/new/?group=kind", {"name": "按类别"}, headers=HTMX)
    place = made["HX-Redirect"]
    page = client.get(place).content.decode()
    assert page.count("data-group-toggle") == 2
    plain = client.get(f"{place}&group=").content.decode()
    assert "data-group-toggle" not in plain
    assert "keep=1" in plain
    assert "欧阳靖宇" in plain
    view = place.partition("=")[2]
    client.post(f"/customers/views/{view}/?view={view}&group=city&keep=1", headers=HTMX)
    assert "上海市" in client.get(place).content.decode()


@pytest.mark.parametrize("field", ["phone", "email", "certificate", "city"])
def test_what_is_masked_or_hidden_groups_nothing(world: World, field: str) -> None:
    make_firm(world)
    shown = signed_in(world.analyst).get(grouped(field)).content.decode()
    if field == "city":
        assert "data-group-toggle" in shown
    else:
        assert "data-group-toggle" not in shown
    for secret in ("华腾", "55558888", "info@huateng"):
        assert secret not in shown


def test_groups_cost_no_statement_for_each(world: World) -> None:
    make_person(world)
    make_firm(world)
    client = signed_in(world.manager)
    client.get(grouped("kind"))
    with CaptureQueriesContext(
        connection,
    ) as plain:
        client.get("/customers/")
    with CaptureQueriesContext(connection) as by_kind:
        client.get(grouped("kind"))
    assert len(by_kind) <= len(plain)
