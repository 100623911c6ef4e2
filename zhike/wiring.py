"""Every upward arrow of the house, on one page: who hears which news from below.

Calls go down, news goes up: a room announces facts and never knows who listens. A handler is safe to run twice with
the same facts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zhike.kernel.events import FactRead, subscribe

# (name of the subscriber, handler, the kinds of facts it wants; () for all)
ARROWS: tuple[tuple[str, Callable[[Sequence[FactRead]], None], tuple[str, ...]], ...] = ()


def connect() -> None:
    """Register every arrow. Called once by each process when it starts."""
    for name, handler, kinds in ARROWS:
        subscribe(name, handler, kinds=kinds)
