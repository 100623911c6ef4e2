"""The ASGI application: the web and the API through Django, MCP beside it.

Django runs as WSGI in threads that stay: its own ASGI handler makes a thread, and with it a database connection, for
every request, which costs more than most requests do.
"""

from __future__ import annotations

import gc
import os
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
_wsgi: Any = get_wsgi_application()

from django.conf import settings  # noqa: E402

from zhike.config.start import start  # noqa: E402
from zhike.config.threads import Threads  # noqa: E402
from zhike.kernel.warm import arm  # noqa: E402
from zhike.mcp.http import McpApplication  # noqa: E402

start()
arm()
# What start-up made stays: the collector of cycles need not walk through it again and again, and looks less often.
gc.freeze()
gc.set_threshold(10_000, 20, 20)
_django = Threads(_wsgi, settings.THREADS, settings.FILE_UPLOAD_TEMP_DIR, settings.LARGEST_REQUEST)
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
