"""What every process does once Django is set up: the server, the command, a worker, the tests."""

from __future__ import annotations

from importlib import import_module

from zhike import wiring

# Modules that register commands and belong to no Django application.
_COMMANDS = ("zhike.config.serving", "zhike.mcp.stdio")


def start() -> None:
    """Register what Django's applications do not, and connect who listens to whom. Safe to call twice."""
    for name in _COMMANDS:
        import_module(name)
    wiring.connect()
