"""The ASGI application: the web and the API through Django, MCP beside it.

Django runs as WSGI in threads that stay: its own ASGI handler makes a thread, and with it a database connection, for
every request, which costs more than most requests do.
"""

from __future__ import annotations

import os
from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
_wsgi: Any = get_wsgi_application()

from django.conf import settings  # noqa: E402

from zhike.config.start import start  # noqa: E402
from zhike.kernel.warm import arm  # noqa: E402
from zhike.mcp.http import McpApplication  # noqa: E402

start()
arm()
_django: Any = WSGIMiddleware(_wsgi, workers=settings.THREADS)
_mcp = McpApplication()


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _whole(receive: Any) -> Any:
    """`receive`, but a client that goes away in the middle of a body is an error and not the body's end."""
    ended = False

    async def guarded() -> Any:
        nonlocal ended
        message = await receive()
        if message["type"] == "http.disconnect" and not ended:
            raise ConnectionResetError("the client went away")
        ended = not message.get("more_body", False)
        return message

    return guarded


def _headers(scope: Any) -> Any:
    """The connection without headers that have an underscore: as WSGI they would pass for those with a hyphen."""
    return {**scope, "headers": [pair for pair in scope["headers"] if b"_" not in pair[0]]}


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Route one connection: `/mcp` to the MCP server, everything else to Django."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"].rstrip("/") == "/mcp":
        await _mcp(scope, receive, send)
    else:
        await _django(_headers(scope), _whole(receive), send)
