"""The REST door: generated from the registry, with the rights of the token's user."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.test import Client

from tests.world import World
from zhike.kernel.actions import run
from zhike.kernel.models import Fact, User

pytestmark = pytest.mark.django_db


def token(world: World, user: User, *scopes: str) -> str:
    """An API token of a member of the cast."""
    made = run(
        "tokens.create",
        world.context(user),
        {"name": "test", "scopes": list(scopes) or _scopes(user), "days": 700},
    ).result
    return str(made["secret"])


def _scopes(user: User) -> list[str]:
    return ["*"] if "administrator" in user.roles else ["staff.read", "views.*"]


class Api:
    """A client that speaks JSON with one token."""

    def __init__(self, secret: str, language: str = "en") -> None:
        self.headers = {"Authorization": f"Bearer {secret}", "Accept-Language": language}
        self.client = Client()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        raw = b"" if body is None else orjson.dumps(body)
        return self.client.generic(
            method,
            f"/api/v1{path}",
            raw,
            content_type="application/json",
            headers={**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )


@pytest.fixture
def api(world: World) -> Api:
    return Api(token(world, world.admin))


def test_create_list_read_change(api: Api, world: World) -> None:
    made = api.call("POST", "/units", {"name": "Harbin", "parent": str(world.company.id)})
    assert made.status_code == 201, made.content
    unit = made.json()["id"]
    listed = api.call(
        "GET", "/units?sort=-name&fields=name,parent&where=" + '{"field":"name","op":"eq","value":"Harbin"}'
    )
    assert [row["id"] for row in listed.json()["items"]] == [unit]
    assert listed.json()["count"] == {"number": 1, "exact": True}
    assert api.call("GET", f"/units/{unit}").json()["name"] == "Harbin"
    renamed = api.call("POST", f"/units/{unit}/rename", {"name": "Harbin North"})
    assert renamed.status_code == 200, renamed.content
    assert api.call("GET", f"/units/{unit}?fields=name").json() == {"id": unit, "name": "Harbin North"}


def test_pages_follow_each_other(api: Api) -> None:
    names: list[str] = []
    path = "/staff?sort=username&size=4&fields=username"
    while path:
        page = api.call("GET", path).json()
        names += [row["username"] for row in page["items"]]
        path = page["next"] and f"/staff?sort=username&size=4&fields=username&cursor={page['next']}"
    assert names == sorted(User.objects.values_list("username", flat=True))


def test_same_key_one_effect(api: Api, world: World) -> None:
    body = {"name": "Dalian", "parent": str(world.company.id)}
    first = api.call("POST", "/units", body, Idempotency_Key="k-1")
    again = api.call("POST", "/units", body, Idempotency_Key="k-1")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = api.call("POST", "/units", {**body, "name": "Tianjin"}, Idempotency_Key="k-1")
    assert other.status_code == 422
    assert other.json()["code"] == "key_reused"
    assert Fact.objects.filter(resource="units", title="Dalian").count() == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/units", {"name": ""}, 422, "invalid"),
        ("POST", "/units", {"surprise": 1, "name": "x"}, 422, "invalid"),
        ("GET", "/units?where={", None, 422, "invalid"),
        ("GET", "/units?sort=nothing", None, 422, "invalid"),
        ("GET", "/units?cursor=%%%", None, 422, "invalid"),
        ("GET", "/units?size=9999", None, 422, "invalid"),
        ("GET", "/units/01900000-0000-7000-8000-000000000000", None, 404, "not_found"),
        ("GET", "/nowhere", None, 404, "not_found"),
        ("PUT", "/units", {}, 405, "wrong_method"),
    ],
)
def test_refusals_are_problem_documents(
    api: Api, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = api.call(method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_problems_speak_the_callers_language(world: World) -> None:
    chinese = Api(token(world, world.admin), "zh-hans").call("POST", "/units", {})
    english = Api(token(world, world.admin), "en").call("POST", "/units", {})
    assert english.json()["fields"]["name"] == ["This field is required."]
    assert chinese.json()["fields"]["name"] != english.json()["fields"]["name"]


def test_strangers_and_scopes(world: World) -> None:
    assert Api("zk_nothing").call("GET", "/units").status_code == 401
    assert Client().get("/api/v1/units").status_code == 401
    narrow = Api(token(world, world.admin, "staff.read"))
    assert narrow.call("GET", "/units").status_code == 200
    assert narrow.call("POST", "/units", {"name": "x"}).status_code == 403
    reader = Api(token(world, world.rep))
    assert reader.call("POST", "/units", {"name": "x"}).status_code == 403


def test_a_browser_session_needs_the_csrf_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.admin)
    assert client.get("/api/v1/units").status_code == 200
    refused = client.post("/api/v1/units", b'{"name": "x"}', content_type="application/json")
    assert refused.status_code == 403
    assert not Fact.objects.filter(title="x").exists()


def test_a_file_of_the_largest_size_fits_into_a_request_and_no_more(api: Api, settings: LazySettings) -> None:
    settings.ZHIKE_LARGEST_FILE = 6 << 20
    customer = api.call("POST", "/customers", {"name": "王小明"}).json()["id"]
    path = f"/customers/{customer}/add_file"
    for size, expected in ((6 << 20, 200), (12 << 20, 413)):
        content = b64encode(b"x" * size).decode()
        answer = api.call("POST", path, {"name": "合同.txt", "content": content})
        assert answer.status_code == expected, answer.content[:300]


def test_the_document_names_every_address(api: Api) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    create = document["paths"]["/units"]["post"]
    assert create["requestBody"]["content"]["application/json"]["example"]["name"]
    assert {"401", "403", "422"} <= set(create["responses"])
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["responses"]
