"""Delivery: facts reach subscribers in order and at least once; one bad subscriber stops nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.world import NOW
from zhike.kernel import delivery, events
from zhike.kernel.actor import Context, system
from zhike.kernel.delivery import deliver
from zhike.kernel.events import FactRead, News, announce
from zhike.kernel.ids import uuid7
from zhike.kernel.models import Counter, Cursor
from zhike.kernel.seal import seal

CONTEXT = Context(system(), NOW)


@pytest.fixture(autouse=True)
def own_subscribers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No subscriber but those of the test, and a home of its own for the log of anchors."""
    monkeypatch.setattr(events, "_subscriptions", {})
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    yield
    events._subscriptions.clear()


class Listener:
    """Keeps what it hears; refuses facts with certain titles."""

    def __init__(self, *refused: str) -> None:
        self.heard: list[str] = []
        self.refused = set(refused)

    def __call__(self, facts: Sequence[FactRead]) -> None:
        for fact in facts:
            if fact.title in self.refused:
                raise ValueError(f"no {fact.title}")
        self.heard += [fact.title for fact in facts]


def say(*titles: str, kind: str = "things.said") -> None:
    """Announce and seal facts."""
    with transaction.atomic():
        announce(CONTEXT, *(News(kind, "things", uuid7(), title) for title in titles))
    seal(NOW)


def test_everybody_hears_everything_once_and_in_order(db: None) -> None:
    first, second = Listener(), Listener()
    events.subscribe("first", first)
    say("a", "b")
    assert deliver(NOW) == 2
    events.subscribe("second", second)
    say("c")
    assert deliver(NOW) == 1 + 3
    assert deliver(NOW) == 0
    assert first.heard == second.heard == ["a", "b", "c"]


def test_unsealed_facts_are_not_news_yet(db: None) -> None:
    listener = Listener()
    events.subscribe("one", listener)
    with transaction.atomic():
        announce(CONTEXT, News("things.said", "things", uuid7(), "a"))
    assert deliver(NOW) == 0
    seal(NOW)
    assert deliver(NOW) == 1
    assert listener.heard == ["a"]


def test_kinds_are_chosen_and_others_passed_over(db: None) -> None:
    listener = Listener()
    events.subscribe("one", listener, kinds=("things.wanted",))
    say("a")
    say("b", kind="things.wanted")
    say("c")
    assert deliver(NOW) == 3
    assert listener.heard == ["b"]
    assert Cursor.objects.get(name="one").position == 3


def test_long_streams_come_in_batches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "BATCH", 4)
    listener = Listener()
    events.subscribe("one", listener)
    say(*"abcdefghij")
    assert [deliver(NOW) for _round in range(4)] == [4, 4, 2, 0]
    assert listener.heard == list("abcdefghij")


def test_a_bad_subscriber_waits_alone(db: None) -> None:
    good, bad = Listener(), Listener("c")
    events.subscribe("bad", bad)
    events.subscribe("good", good)
    say(*"abcde")
    deliver(NOW)
    assert good.heard == list("abcde")
    assert bad.heard == []
    later = NOW
    for _try in range(6):
        later += timedelta(minutes=11)
        deliver(later)
    assert bad.heard == ["a", "b"]
    state = {item.name: item for item in Cursor.objects.all()}
    assert (state["bad"].position, state["good"].position) == (2, 5)
    assert state["bad"].error == "ValueError: no c"
    assert state["bad"].attempts >= 2
    assert state["good"].error == ""
    bad.refused.clear()
    for _try in range(3):
        later += timedelta(minutes=11)
        deliver(later)
    assert bad.heard == list("abcde")
    assert Cursor.objects.get(name="bad").error == ""


def test_tries_come_ever_more_rarely(db: None) -> None:
    bad = Listener("a")
    events.subscribe("bad", bad)
    say("a")
    deliver(NOW)
    first = Cursor.objects.get().next_try_at
    assert first is not None
    assert first > NOW
    deliver(first - timedelta(seconds=1))
    assert Cursor.objects.get().attempts == 1
    deliver(first)
    second = Cursor.objects.get().next_try_at
    assert second is not None
    assert second - first > first - NOW


def test_effects_and_place_commit_together(db: None) -> None:
    def half_way(facts: Sequence[FactRead]) -> None:
        Counter.objects.create(name="effect")
        raise RuntimeError("half way")

    events.subscribe("one", half_way)
    say("a")
    deliver(NOW)
    assert not Counter.objects.exists()
    assert Cursor.objects.get().position == 0


def test_two_workers_hand_a_fact_over_once(transactional_db: None) -> None:
    heard: list[str] = []
    inside, go = threading.Event(), threading.Event()

    def slow(facts: Sequence[FactRead]) -> None:
        heard.extend(fact.title for fact in facts)
        inside.set()
        assert go.wait(30)

    events.subscribe("one", slow)
    say("a", "b")

    def work() -> None:
        deliver(NOW)
        connection.close()

    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(30)
    if connection.vendor == "sqlite":
        go.set()  # the second worker would wait for the file's write lock
    deliver(NOW)
    go.set()
    first.join()
    deliver(NOW)
    assert heard == ["a", "b"]
