"""What reaches Django from a raw connection: whole bodies only, and headers under their own names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import orjson
import pytest

from tests.installation import Installation, Server

_BODY = '{"name": "王小明", "kind": "person"}'.encode()


@pytest.fixture
def served(installation: Installation) -> Iterator[tuple[Installation, Server, str]]:
    made = installation.zhike("--as", "admin", "tokens", "create", "--name", "test", "--scopes", '["*"]')
    with installation.serve("--no-worker") as server:
        yield installation, server, orjson.loads(made.stdout)["secret"]


def _customers(installation: Installation) -> int:
    told = installation.zhike("customers", "list", "--fields", "name")
    return len(orjson.loads(told.stdout)["items"])


def _post(server: Server, secret: str, header: str) -> None:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as line:
        head = (
            f"POST /api/v1/customers HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {secret}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(_BODY)}\r\nConnection: close\r\n{header}\r\n\r\n"
        )
        line.sendall(head.encode() + _BODY)
        while line.recv(65536):
            pass


_BREAKING_OFF = """
import asyncio, sys
from zhike.config.asgi import application
body, secret = sys.argv[1].encode(), sys.argv[2].encode()
more = sys.argv[3] == "more"
messages = [{"type": "http.request", "body": body, "more_body": more}, {"type": "http.disconnect"}]
scope = {
    "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/api/v1/customers",
    "query_string": b"", "client": ("127.0.0.1", 1), "server": ("localhost", 80), "headers": [
        (b"host", b"localhost"), (b"authorization", b"Bearer " + secret), (b"content-type", b"application/json"),
        (b"content-length", str(len(body) + 40 * more).encode()),
    ],
}
async def receive():
    return messages.pop(0)
async def send(message):
    print(message.get("status", ""))
asyncio.run(application(scope, receive, send))
"""


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(installation: Installation) -> None:
    """What has come is JSON that could be worked on; the client had announced more and went away."""
    made = installation.zhike("--as", "admin", "tokens", "create", "--name", "test", "--scopes", '["*"]')
    secret = orjson.loads(made.stdout)["secret"]
    assert "201" not in installation.python(_BREAKING_OFF, _BODY.decode(), secret, "more")
    assert _customers(installation) == 0
    assert "201" in installation.python(_BREAKING_OFF, _BODY.decode(), secret, "whole")
    assert _customers(installation) == 1


def test_an_underscore_does_not_pass_for_a_hyphen(served: tuple[Installation, Server, str]) -> None:
    installation, server, secret = served
    for name, expected in (("Idempotency_Key", 2), ("Idempotency-Key", 3)):
        for _ in range(2):
            _post(server, secret, f"{name}: once")
        assert _customers(installation) == expected
