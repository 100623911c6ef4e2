"""The customer's page: what one sees follows one's rights, and it costs few statements."""

from __future__ import annotations

from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.web.customers import HTMX, make_firm, make_person, signed_in
from tests.world import World
from zhike.customers.actions import merge
from zhike.customers.queries import card
from zhike.customers.types import Bond


def test_the_page_shows_what_is_known(world: World) -> None:
    firm = make_firm(world)
    shown = signed_in(world.manager).get(f"/customers/{firm}/").content.decode()
    for text in (
        "上海华腾软件有限公司",
        "021-55558888",
        "info@huateng.com",
        "世纪大道100号",
        "重点",
        "签约在即",
    ):
        assert text in shown
    assert "91310000775785552L" not in shown


def test_masked_values_are_not_in_the_page(world: World) -> None:
    firm = make_firm(world)
    shown = signed_in(world.agent).get(f"/customers/{firm}/").content.decode()
    assert "55558888" not in shown
    assert "info@huateng.com" not in shown
    analysed = signed_in(world.analyst).get(f"/customers/{firm}/").content.decode()
    for secret in ("华腾软件", "55558888", "info@huateng", "世纪大道", "签约在即", "775785552"):
        assert secret not in analysed


def test_somebody_elses_customer_is_not_found(world: World) -> None:
    firm = make_firm(world)
    client = signed_in(world.stranger)
    known, unknown = client.get(f"/customers/{firm}/"), client.get(f"/customers/{uuid4()}/")
    assert known.status_code == unknown.status_code == 404
    assert "华腾" not in known.content.decode()
    for part in (
        "preview/",
        "edit/",
        "timeline/",
        "purchases/",
        "organisation/",
        "do/add_note/",
        "sections/kind/",
    ):
        assert client.get(f"/customers/{firm}/{part}").status_code in (403, 404)


def test_at_most_fifteen_statements_with_asking_who_reads(world: World) -> None:
    firm = make_firm(world)
    for reader in (world.manager, world.rep):
        client = signed_in(reader)
        client.get(f"/customers/{firm}/")
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/customers/{firm}/")
        assert len(seen) <= 15, "\n".join(each["sql"][:90] for each in seen.captured_queries)


def test_one_who_was_merged_leads_to_who_stays(world: World) -> None:
    stays, goes = make_person(world), make_person(world, "欧阳敬宇")
    merge(world.context(world.manager), stays, goes)
    answer = signed_in(world.manager).get(f"/customers/{goes}/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/customers/{stays}/"


def test_a_stale_section_shows_both_sides_and_keeps_the_other(world: World) -> None:
    person = make_person(world)
    client = signed_in(world.manager)
    first = {"version": "1", "before": '{"bond": ""}'}
    saved = client.post(f"/customers/{person}/sections/kind/", {**first, "bond": "partnership"}, headers=HTMX)
    assert saved.status_code == 200
    late = client.post(f"/customers/{person}/sections/kind/", {**first, "bond": "transaction"}, headers=HTMX)
    assert late.status_code == 409
    (sides,) = late.context["conflict"]
    with translation.override("zh-hans"):
        assert (sides["yours"], sides["theirs"]) == (str(Bond.TRANSACTION.label), str(Bond.PARTNERSHIP.label))
    assert card(world.context(world.manager), person).values["bond"] == "partnership"


def test_a_note_is_added_from_its_dialog(world: World) -> None:
    person = make_person(world)
    client = signed_in(world.rep)
    assert client.get(f"/customers/{person}/do/add_note/", headers=HTMX).status_code == 200
    assert client.post(f"/customers/{person}/do/add_note/", {"text": ""}, headers=HTMX).status_code == 422
    answer = client.post(f"/customers/{person}/do/add_note/", {"text": "下周二拜访"}, headers=HTMX)
    assert answer["HX-Retarget"] == "#customer"
    assert "下周二拜访" in answer.content.decode()


def test_revealing_asks_for_a_reason_and_is_not_stored_by_the_browser(world: World) -> None:
    person = make_person(world)
    client = signed_in(world.agent)
    address = f"/customers/{person}/reveal/phone/"
    refused = client.post(address, {"reason": ""}, headers=HTMX)
    assert refused.status_code == 422
    assert "13812345678" not in refused.content.decode()
    shown = client.post(address, {"reason": "客户来电核实身份"}, headers=HTMX)
    assert "13812345678" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
