"""What every process does once Django is set up: the server, the command, a worker, the tests."""

from __future__ import annotations

from zhike import wiring


def start() -> None:
    """Connect who listens to whom. Safe to call twice."""
    wiring.connect()
