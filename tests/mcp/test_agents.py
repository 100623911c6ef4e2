"""The MCP door, spoken to by the protocol's own client over both transports of a real installation."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import orjson
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.installation import Installation


def _token(installation: Installation, user: str, *scopes: str) -> str:
    made = installation.zhike("--as", user, "tokens", "create", "--name", "agent", "--scopes", _json(scopes))
    return str(orjson.loads(made.stdout)["secret"])


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _talk(conversation: Coroutine[Any, Any, Any]) -> Any:
    """Run a conversation in a thread of its own: a browser of other tests may keep a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, conversation).result()


async def _work(client: Client) -> dict[str, Any]:
    """What an agent does: look at the tools, make a unit, find it, and ask for something wrong."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    made = await client.call_tool("units_create", {"name": "华北区"})
    where = {"field": "name", "op": "eq", "value": "华北区"}
    found = await client.call_tool("units_list", {"where": where})
    wrong = await client.call_tool("units_create", {"name": ""})
    return {"tools": tools, "made": made, "found": found, "wrong": wrong}


def _judge(seen: dict[str, Any]) -> None:
    assert {"units_create", "units_list", "units_get", "staff_list"} <= set(seen["tools"])
    assert seen["tools"]["units_list"].annotations.read_only_hint
    assert "name" in seen["tools"]["units_create"].input_schema["required"]
    assert not seen["made"].is_error
    unit = seen["made"].structured_content["id"]
    assert [row["id"] for row in seen["found"].structured_content["items"]] == [unit]
    assert seen["wrong"].is_error
    assert "name" in seen["wrong"].structured_content["fields"]


def test_over_standard_input(installation: Installation) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "zhike.cli", "mcp"],
        env={**installation.environment, "ZHIKE_TOKEN": _token(installation, "admin", "*")},
    )

    async def talk() -> dict[str, Any]:
        async with Client(server) as client:
            return await _work(client)

    _judge(_talk(talk()))


def test_over_http(installation: Installation) -> None:
    secret = _token(installation, "admin", "*")
    narrow = _token(installation, "admin", "staff.read")

    async def talk(url: str, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
        ):
            return await _work(client) if token == secret else await client.list_tools()

    with installation.serve("--no-worker") as server:
        _judge(_talk(talk(server.url, secret)))
        offered = {tool.name for tool in _talk(talk(server.url, narrow)).tools}
        assert "staff_list" in offered
        assert "units_create" not in offered
        stranger = httpx2.post(f"{server.url}/mcp", json={}, trust_env=False)
        assert stranger.status_code == 401


def test_without_a_token_nothing_is_served(installation: Installation) -> None:
    done = installation.zhike("mcp", "--token", "zk_wrong", check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip()


@pytest.mark.parametrize("name", ["units_create", "nothing"])
def test_refusals_are_results_not_crashes(installation: Installation, name: str) -> None:
    answer = installation.python(
        "from zhike.config.start import start; start()\n"
        "import sys, json\n"
        "from zhike.kernel.actor import Actor, ActorKind\nfrom zhike.kernel.ids import uuid7\n"
        "from zhike.mcp.server import call\n"
        "stranger = Actor(kind=ActorKind.STAFF, id=uuid7(), name='x')\n"
        "print(json.dumps(call(stranger, sys.argv[1], {'name': 'x'})))",
        name,
    )
    body, failed = orjson.loads(answer)
    assert failed
    assert body["status"] in (403, 404)
