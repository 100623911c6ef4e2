"""How somebody wants a list follows them from browser to browser: widths of columns, the view it opens with."""

from __future__ import annotations

import json

from tests.web.customers import make_person, signed_in
from tests.world import World
from zhike.kernel.models import User


def test_drawn_widths_are_kept_with_the_person(world: World) -> None:
    make_person(world)
    client = signed_in(world.manager)
    assert "table-fixed" not in client.get("/customers/").content.decode()
    drawn = {"widths": json.dumps({"name": 260.4, "city": 5, "phone": 4000, "nonsense": 100})}
    assert client.post("/customers/widths/", drawn).status_code == 204
    kept = User.objects.get(pk=world.manager.pk).lists["customers"]["widths"]
    assert kept == {"name": 260, "city": 64, "phone": 900}
    again = signed_in(world.manager).get("/customers/").content.decode()
    assert 'data-col="name" width="260"' in again
    assert "table-fixed" in again
    assert "table-fixed" not in signed_in(world.director).get("/customers/").content.decode()
    assert client.post("/customers/widths/", {"widths": "{}"}).status_code == 204
    assert User.objects.get(pk=world.manager.pk).lists == {}


def test_broken_widths_are_refused(world: World) -> None:
    client = signed_in(world.manager)
    for text in ("", "[1]", '{"name": "wide"}', "{"):
        assert client.post("/customers/widths/", {"widths": text}).status_code == 422
    assert User.objects.get(pk=world.manager.pk).lists == {}


def test_the_view_a_list_opens_with_belongs_to_the_person(world: World) -> None:
    make_person(world)
    client = signed_in(world.manager)
    saved = client.post(
        "/customers/views/new/?sort=-name", {"name": "我的", "audience": "me", "default": "on"}
    )
    assert saved.status_code == 302
    view = saved.headers["Location"].rpartition("=")[2]
    assert User.objects.get(pk=world.manager.pk).lists == {"customers": {"view": view}}
    elsewhere = signed_in(world.manager).get("/customers/").content.decode()
    assert f'href="?view={view}" aria-current="page"' in elsewhere
    client.post(f"/customers/views/{view}/remove/")
    assert User.objects.get(pk=world.manager.pk).lists == {}
