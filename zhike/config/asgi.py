"""The ASGI application: the web and the API through Django, MCP beside it."""

from __future__ import annotations

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
_django = get_asgi_application()

from zhike.config.start import start  # noqa: E402
from zhike.mcp.http import McpApplication  # noqa: E402

start()
_mcp = McpApplication()


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Route one connection: `/mcp` to the MCP server, everything else to Django."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"].rstrip("/") == "/mcp":
        await _mcp(scope, receive, send)
    else:
        await _django(scope, receive, send)
