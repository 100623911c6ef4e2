"""`zhike mcp`: the server on standard input and output, acting for the holder of a token."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from zhike.kernel.actor import Actor
from zhike.kernel.api_tokens import actor_of_token
from zhike.kernel.commands import command
from zhike.kernel.errors import NotSignedIn


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--token", default=None, help="API token (default: environment ZHIKE_TOKEN)")


async def _serve(token: str) -> None:
    from mcp.server.stdio import stdio_server

    from zhike.mcp.server import build

    def identify(_context: object) -> Actor:
        # Asked anew for each request, so that a withdrawn token ends at once.
        return actor_of_token(token, datetime.now(UTC))

    server = build(identify)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


@command("mcp", "Serve agents over standard input and output (MCP)", _arguments)
def work(options: Namespace) -> int:
    """Serve until the client hangs up."""
    token = options.token or os.environ.get("ZHIKE_TOKEN", "")
    if not token:
        raise NotSignedIn(_("Give an API token with --token or in ZHIKE_TOKEN."))
    actor_of_token(token, datetime.now(UTC))
    asyncio.run(_serve(token))
    return 0
