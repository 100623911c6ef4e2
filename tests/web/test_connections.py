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


def _post(server: Server, secret: str, body: bytes, *, length: int, headers: str = "") -> bytes:
    """Send a request to create a customer, and hang up where the body is shorter than it says; what came back."""
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as line:
        head = (
            f"POST /api/v1/customers HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {secret}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
        )
        line.sendall(head.encode() + body)
        if len(body) < length:
            line.shutdown(socket.SHUT_WR)
        told = b""
        while block := line.recv(65536):
            told += block
        return told


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(
    served: tuple[Installation, Server, str],
) -> None:
    installation, server, secret = served
    # What has come is JSON that could be worked on; the client had announced more.
    _post(server, secret, _BODY, length=len(_BODY) + 40)
    assert _customers(installation) == 0
    assert b" 201 " in _post(server, secret, _BODY, length=len(_BODY)).split(b"\r\n")[0]
    assert _customers(installation) == 1


def test_an_underscore_does_not_pass_for_a_hyphen(served: tuple[Installation, Server, str]) -> None:
    installation, server, secret = served
    for name, expected in (("Idempotency_Key", 2), ("Idempotency-Key", 3)):
        for _ in range(2):
            _post(server, secret, _BODY, length=len(_BODY), headers=f"{name}: once\r\n")
        assert _customers(installation) == expected
