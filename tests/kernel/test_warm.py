"""What takes long the first time is prepared once, for who may ask for it, and only where a server runs."""

from __future__ import annotations

import pytest

from tests.world import World
from zhike.kernel import warm
from zhike.kernel.actor import Context


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of those for whom something was prepared; nothing else is registered meanwhile."""
    found: list[str] = []
    monkeypatch.setattr(warm, "_loaders", {})
    monkeypatch.setattr(warm, "_begun", set())
    monkeypatch.setattr(warm, "_armed", False)
    warm.prepare("insight.read", lambda context: found.append(context.actor.name))
    return found


def _wait(context: Context) -> None:
    thread = warm.warm(context)
    if thread is not None:
        thread.join(10)


def test_nothing_begins_before_the_process_is_armed(world: World, seen: list[str]) -> None:
    _wait(world.context(world.manager))
    assert seen == []


def test_it_is_done_once_and_for_whom_it_concerns(world: World, seen: list[str]) -> None:
    warm.arm()
    _wait(world.context(world.auditor))
    assert seen == []
    _wait(world.context(world.manager))
    _wait(world.context(world.director))
    assert seen == [world.manager.name]


def test_what_cannot_be_prepared_harms_nobody(
    world: World, seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_context: Context) -> None:
        raise OSError("no room")

    told: list[str] = []
    monkeypatch.setattr(warm._log, "exception", lambda text, *_rest: told.append(text))
    warm.arm()
    warm.prepare("insight.read", fail)
    _wait(world.context(world.manager))
    assert told == ["Could not prepare %s"]
