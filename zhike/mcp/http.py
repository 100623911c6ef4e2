"""Streamable HTTP at `/mcp`: one ASGI application, started when the first agent calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async

from zhike.kernel.actor import Actor
from zhike.kernel.api_tokens import actor_of_token
from zhike.kernel.errors import NotSignedIn, Refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def _actor(authorization: str) -> Actor:
    scheme, _space, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn()
    return actor_of_token(secret.strip(), datetime.now(UTC))


def _identify(context: Any) -> Actor:
    return _actor(context.request.headers.get("authorization", ""))


class McpApplication:
    """The ASGI application. The library is loaded only when it is first used: most installations never do."""

    def __init__(self) -> None:
        self._manager: Any = None
        self._ready: asyncio.Event | None = None
        self._runner: asyncio.Task[None] | None = None

    async def _start(self) -> Any:
        if self._ready is None:
            self._ready = asyncio.Event()
            self._runner = asyncio.create_task(self._run(self._ready))
        await self._ready.wait()
        return self._manager

    async def _run(self, ready: asyncio.Event) -> None:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from zhike.mcp.server import build

        manager = StreamableHTTPSessionManager(build(_identify), json_response=True, stateless=True)
        async with manager.run():
            self._manager = manager
            ready.set()
            await asyncio.Event().wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; strangers are turned away before the library sees them."""
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            await sync_to_async(_actor)(headers.get("authorization", ""))
        except Refusal as refusal:
            await _refuse(send, refusal.status)
            return
        manager = await self._start()
        await manager.handle_request(scope, receive, send)


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
