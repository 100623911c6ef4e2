"""New, edit, merge and search: nothing typed is lost, nothing is told that may not be."""

from __future__ import annotations

from tests.web.customers import HTMX, make_firm, make_person, signed_in
from tests.world import World
from zhike.customers.queries import CUSTOMERS, card
from zhike.kernel.reading import ListRequest, list_records


def test_a_new_customer_with_everything_the_form_has(world: World) -> None:
    given = {
        "kind": "person", "name": "司马青", "phone": "13900001111", "birthday": "1990-02-03", "tags": "甲，乙",
        "note": "爱喝茶", "certificate_type": "id_card", "certificate_number": "11010519491231002X", "state": "actual",
    }  # fmt: skip
    made = signed_in(world.rep).post("/customers/new/", given)
    assert made.status_code == 302
    found = list_records(world.context(world.rep), CUSTOMERS, ListRequest(text="司马青"))
    shown = card(world.context(world.rep), found.rows[0].id)
    assert shown.tags == ("乙", "甲")
    assert shown.notes[0].text == "爱喝茶"
    assert len(shown.certificates) == 1


def test_a_wrong_form_comes_back_as_it_was(world: World) -> None:
    given = {"kind": "person", "name": "司马青", "phone": "12", "note": "爱喝茶", "birthday": "2090-01-01"}
    answer = signed_in(world.rep).post("/customers/new/", given)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "爱喝茶" in shown
    assert 'value="司马青"' in shown
    assert "form-problem" in shown


def test_the_form_of_a_firm_asks_for_other_facts(world: World) -> None:
    client = signed_in(world.rep)
    person, firm = (
        client.get(f"/customers/new/?kind={kind}").content.decode() for kind in ("person", "organisation")
    )
    assert 'name="birthday"' in person
    assert 'name="birthday"' not in firm
    assert 'name="industry"' in firm


def test_an_edit_changes_only_what_was_touched(world: World) -> None:
    person = make_person(world)
    client = signed_in(world.rep)
    before = '{"name": "欧阳靖宇", "kind": "person", "state": "potential", "phone": "+8613812345678"}'
    given = {
        "version": "1", "before": before, "kind": "person", "name": "欧阳靖雨", "state": "potential",
        "phone": "+8613812345678",
    }  # fmt: skip
    assert client.post(f"/customers/{person}/edit/", given).status_code == 302
    assert card(world.context(world.rep), person).values["name"] == "欧阳靖雨"
    late = client.post(f"/customers/{person}/edit/", {**given, "name": "欧阳静宇"})
    assert late.status_code == 409
    assert "欧阳静宇" in late.content.decode()
    assert card(world.context(world.rep), person).values["name"] == "欧阳靖雨"


def test_the_warning_names_the_visible_and_counts_the_others(world: World) -> None:
    make_person(world)
    asked = {"name": "欧阳敬宇", "kind": "person", "phone": "13812345678"}
    mine = signed_in(world.rep).post("/customers/warn/", asked).content.decode()
    assert "欧阳靖宇" in mine
    strange = signed_in(world.stranger).post("/customers/warn/", asked).content.decode()
    assert "欧阳靖宇" not in strange
    assert "管理员" in strange


def test_two_become_one_and_two_again(world: World) -> None:
    stays, goes = make_person(world), make_person(world, "欧阳敬宇", "13911112222")
    client = signed_in(world.manager)
    assert client.get(f"/customers/{stays}/merge/?absorbed=nobody").status_code == 200
    page = client.get(f"/customers/{stays}/merge/{goes}/").content.decode()
    assert 'name="field.name"' in page
    merged = client.post(f"/customers/{stays}/merge/{goes}/", {"field.name": "absorbed"})
    context = world.context(world.manager)
    found = card(context, stays)
    assert found.values["name"] == "欧阳敬宇"
    assert str(found.merges[0].id) in client.get(merged["Location"]).content.decode()
    client.post(f"/customers/unmerge/{found.merges[0].id}/", headers=HTMX)
    assert card(context, stays).values["name"] == "欧阳靖宇"
    assert card(context, goes).values["name"] == "欧阳敬宇"


def test_the_palette_names_what_was_opened_last_under_the_rights_of_now(world: World) -> None:
    firm, person = make_firm(world), make_person(world)
    address = f"/search/?q=&recent=customers:{person}&recent=customers:{firm}&recent=customers:x&recent=nothing:{firm}"
    shown = signed_in(world.rep).get(address).content.decode()
    assert 0 < shown.index("欧阳靖宇") < shown.index("华腾")
    hidden = signed_in(world.stranger).get(address).content.decode()
    assert "欧阳靖宇" not in hidden
    assert "华腾" not in hidden


def test_the_palette_finds_by_initials_under_the_readers_rights(world: World) -> None:
    make_firm(world)
    assert "华腾" in signed_in(world.rep).get("/search/?q=shht").content.decode()
    assert "华腾" not in signed_in(world.stranger).get("/search/?q=shht").content.decode()
    assert "/customers/new/" in signed_in(world.rep).get("/search/").content.decode()
    assert "/customers/new/" not in signed_in(world.agent).get("/search/").content.decode()
