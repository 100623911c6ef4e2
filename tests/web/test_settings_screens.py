"""Settings: every screen stands for those with the right, is refused to others, and does what its forms say."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.translation import override

from tests.world import World
from zhike.kernel.api_tokens import list_tokens
from zhike.kernel.definitions import definitions
from zhike.kernel.models import User
from zhike.kernel.rights import roles
from zhike.web.settings.facts import kind_choices
from zhike.web.settings.policy import permissions, right_label, room_label

OPEN_TO_ALL = ("/", "/settings/profile/", "/settings/about/", "/accounts/2fa/", "/accounts/sessions/")
STAFF = ("/settings/staff/", "/settings/units/", "/settings/roles/", "/settings/roles/?role=analyst")
MANAGED = ("/settings/staff/new/", "/settings/units/new/", "/settings/fields/", "/settings/fields/new/")


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "place", [*OPEN_TO_ALL, *STAFF, *MANAGED, "/settings/tokens/new/", "/settings/audit/"]
)
def test_the_administrator_sees_every_screen(world: World, place: str) -> None:
    assert _client(world.admin).get(place).status_code == 200


@pytest.mark.parametrize("name", ["rep", "agent", "auditor"])
def test_others_see_what_their_role_allows(world: World, name: str) -> None:
    client = _client(world.people()[name])
    for place in (*OPEN_TO_ALL, *STAFF):
        assert client.get(place).status_code == 200, place
    for place in MANAGED:
        assert client.get(place).status_code == 403, place
    assert client.get("/settings/audit/").status_code == (200 if name == "auditor" else 403)


def test_the_navigation_shows_what_one_may(world: World) -> None:
    page = _client(world.rep).get("/settings/profile/").content.decode()
    assert "/settings/staff/" in page
    assert "/settings/audit/" not in page
    assert "/settings/fields/" not in page


def test_the_password_of_somebody_new_is_shown_once(world: World) -> None:
    client = _client(world.admin)
    filled = {
        "name": "新人", "username": "new", "email": "", "locale": "zh-hans", "unit": str(world.east.id),
        "roles": ["analyst"], "idempotency_key": "k-1",
    }  # fmt: skip
    first, again = client.post("/settings/staff/new/", filled), client.post("/settings/staff/new/", filled)
    password = re.search(r'id="one-time-password">([^<]+)<', first.content.decode())
    assert password is not None
    user = User.objects.get(username="new")
    assert user.check_password(password[1])
    assert user.roles == ["analyst"]
    assert password[1] not in again.content.decode()
    assert first.headers["Cache-Control"] == "no-store"


def test_what_is_wrong_stands_beside_its_field(world: World) -> None:
    filled = {"name": "新人", "username": "rep", "locale": "zh-hans"}
    answer = _client(world.admin).post("/settings/staff/new/", filled)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["username"]


def test_a_late_save_shows_both_sides(world: World) -> None:
    client, place = _client(world.admin), f"/settings/staff/{world.rep.id}/change/"
    filled = {"email": "", "locale": "zh-hans", "unit": str(world.shanghai.id), "version": "1"}
    assert client.post(place, filled | {"name": "李明明"}).status_code == 302
    late = client.post(place, filled | {"name": "李小明"})
    assert late.status_code == 409
    assert "李明明" in late.content.decode()
    assert User.objects.get(pk=world.rep.pk).name == "李明明"


def test_the_role_matrix_is_the_policy_file(world: World) -> None:
    matrix = _client(world.admin).get("/settings/roles/").context["matrix"]
    every = [(role.label("zh-hans"), role.rights) for role in roles().values()]
    shown = {permission.name: cells for _room, rows in matrix for permission, cells in rows}
    assert shown["customers.merge"] == [(label, rights.allows("customers.merge")) for label, rights in every]
    assert all(
        cells == [(label, rights.allows(name)) for label, rights in every] for name, cells in shown.items()
    )


def test_every_right_has_words_in_both_languages() -> None:
    for language in ("zh-hans", "en"):
        with override(language):
            assert not [name for name in permissions() if right_label(name) == name]
            assert not [
                name for name in permissions() if room_label(name.split(".")[0]) == name.split(".")[0]
            ]
            assert right_label("customers.*") != "customers.*"
            assert all(label != kind for _room, pairs in kind_choices() for kind, label in pairs)


def test_a_unit_moves_with_all_below(world: World) -> None:
    place = f"/settings/units/{world.east.id}/change/"
    filled = {"name": "华东大区", "region": "华东", "parent": str(world.south.id), "version": "1"}
    assert _client(world.admin).post(place, filled).status_code == 302
    world.shanghai.refresh_from_db()
    assert world.south.id.hex in world.shanghai.path


def test_a_unit_that_cannot_move_is_not_renamed_either(world: World) -> None:
    place = f"/settings/units/{world.east.id}/change/"
    filled = {"name": "新名", "region": "", "parent": str(world.shanghai.id), "version": "1"}
    assert _client(world.admin).post(place, filled).status_code == 422
    world.east.refresh_from_db()
    assert world.east.name == "华东区"


def test_a_field_is_defined_with_its_choices(world: World) -> None:
    filled = {
        "kind": "choice", "key": "membership", "label_zh": "会员等级", "label_en": "Membership",
        "choices": "gold | 金卡 | Gold\nsilver｜银卡", "required": "on", "help_zh": "", "help_en": "", "section": "",
        "pattern": "", "minimum": "", "maximum": "", "default": "", "reference": "",
    }  # fmt: skip
    answer = _client(world.admin).post("/settings/fields/new/?of=customers", filled)
    assert answer.status_code == 302
    defined = definitions("customers")["membership"]
    assert [choice.value for choice in defined.field.choices] == ["gold", "silver"]
    assert defined.required


def test_the_secret_of_a_token_is_shown_once(world: World) -> None:
    client = _client(world.rep)
    filled = {"name": "订单", "days": "30", "scopes": ["customers.read"], "idempotency_key": "k-2"}
    first, again = client.post("/settings/tokens/new/", filled), client.post("/settings/tokens/new/", filled)
    secret = re.search(r'id="token-secret"[^>]*>(zk_[^<]+)<', first.content.decode())
    assert secret is not None
    assert secret[1] not in again.content.decode()
    (token,) = list_tokens(world.context(world.rep))
    assert client.post(f"/settings/tokens/{token.id}/revoke/").status_code == 302
    assert list_tokens(world.context(world.rep))[0].revoked_at is not None


def test_a_token_cannot_do_more_than_its_maker(world: World) -> None:
    filled = {"name": "订单", "days": "30", "scopes": ["staff.manage"]}
    answer = _client(world.rep).post("/settings/tokens/new/", filled)
    assert answer.status_code == 422


def test_the_trail_is_filtered_and_shows_old_and_new(world: World) -> None:
    client = _client(world.admin)
    client.post(f"/settings/staff/{world.rep.id}/roles/", {"roles": ["analyst"]})
    page = client.get(
        "/settings/audit/", {"resource": "staff", "record": str(world.rep.id), "kind": "staff.roles"}
    )
    (fact,) = page.context["facts"]
    (change,) = fact.changes
    assert (change.old, change.new) == ("客户经理", "数据分析师")
    assert client.get("/settings/audit/", {"since": "2999-01-01"}).context["facts"] == []
    assert client.get("/settings/audit/", {"since": "gestern"}).status_code == 422


def test_a_check_of_the_trail_is_a_job(world: World) -> None:
    answer = _client(world.admin).post("/settings/audit/verify/")
    assert answer.headers["Location"].startswith("/jobs/")
    assert _client(world.admin).get(answer.headers["Location"]).status_code == 200
    assert _client(world.rep).get(answer.headers["Location"]).status_code == 404


def test_a_late_change_of_a_unit_shows_both_sides(world: World) -> None:
    client = _client(world.admin)
    address = f"/settings/units/{world.east.id}/change/"
    parent = str(world.east.parent_id or "")
    version = str(world.east.version)
    mine = {"name": "东区甲", "parent": parent, "region": "", "version": version}
    assert client.post(address, {**mine, "name": "东区乙"}).status_code == 302
    late = client.post(address, mine)
    shown = late.content.decode()
    assert late.status_code == 409
    assert "both-sides" in shown
    assert "<td>东区甲</td><td>东区乙</td>" in shown
    current = re.search(r'name="version" value="(\d+)"', shown)
    assert current is not None
    assert client.post(address, {**mine, "version": current.group(1)}).status_code == 302


def test_a_late_change_of_a_field_shows_both_sides(world: World) -> None:
    client = _client(world.admin)
    new = {
        "label_zh": "鞋码",
        "label_en": "Shoe size",
        "kind": "text",
        "key": "shoe",
        "section": "",
        "position": "1",
    }
    assert client.post("/settings/fields/new/", new).status_code == 302
    made = definitions("customers")["shoe"]
    address = f"/settings/fields/{made.id}/"
    page = client.get(address).content.decode()
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert client.post(address, {**new, "label_zh": "鞋号", "version": version.group(1)}).status_code == 302
    late = client.post(address, {**new, "label_zh": "鞋子尺码", "version": version.group(1)})
    shown = late.content.decode()
    assert late.status_code == 409
    assert "<td>鞋子尺码</td><td>鞋号</td>" in shown
