"""The same request twice has one effect: replayed, refused with another body, safe under concurrency."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from tests.world import NOW, World
from zhike.kernel import actions
from zhike.kernel.actions import Outcome, action, run
from zhike.kernel.actor import Context, system
from zhike.kernel.errors import Invalid, KeyReused, NotAllowed, Refusal
from zhike.kernel.events import News, announce
from zhike.kernel.ids import uuid7
from zhike.kernel.models import Counter, Fact, IdempotencyKey


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> None:
    """An action that can be counted, known for the length of a test."""
    monkeypatch.setattr(actions, "_deeds", dict(actions._deeds))

    @action("tally.add", label="Add")
    def add(context: Context, name: str, refused: bool = False) -> int:
        """Add one to a counter; refuse afterwards, if asked to."""
        Counter.objects.get_or_create(name=name)
        Counter.objects.filter(name=name).update(value=F("value") + 1)
        announce(context, News("tally.added", "tally", uuid7()))
        if refused:
            raise Refusal("not today")
        return Counter.objects.get(name=name).value

    @action("tally.other", label="Other")
    def other(context: Context, name: str) -> int:
        """Another action with the same parameters."""
        return -1


def ask(key: str | None, deed: str = "tally.add", **payload: Any) -> Outcome:
    """The system asks for a deed under a key."""
    return run(deed, Context(system(), NOW, key=key), payload)


def test_a_repeated_request_is_answered_and_not_carried_out(db: None, tally: None) -> None:
    assert ask("k", name="a") == Outcome(1, replayed=False)
    assert ask("k", name="a") == Outcome(1, replayed=True)
    assert ask("other", name="a") == Outcome(2, replayed=False)
    assert ask(None, name="a") == Outcome(3, replayed=False)
    assert Counter.objects.get(name="a").value == Fact.objects.count() == 3


def test_another_body_or_deed_under_the_same_key_is_refused(db: None, tally: None) -> None:
    ask("k", name="a")
    for deed, payload in (("tally.add", {"name": "b"}), ("tally.other", {"name": "a"})):
        with pytest.raises(KeyReused):
            ask("k", deed, **payload)
    assert not Counter.objects.filter(name="b").exists()


def test_a_failed_request_keeps_nothing_and_may_be_repeated(db: None, tally: None) -> None:
    with pytest.raises(Refusal):
        ask("k", name="a", refused=True)
    with pytest.raises(Invalid):
        ask("k", nonsense=1)
    assert not IdempotencyKey.objects.exists()
    assert not Counter.objects.filter(name="a").exists()
    assert not Fact.objects.exists()
    assert ask("k", name="a") == Outcome(1)


def test_a_key_belongs_to_its_actor(world: World, tally: None) -> None:
    ask("k", name="a")
    context = world.context(world.admin, key="k")
    assert run("tally.add", context, {"name": "a"}) == Outcome(2)
    with pytest.raises(NotAllowed):
        run("tally.add", world.context(world.rep, key="k"), {"name": "a"})


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_keys_have_a_length(db: None, tally: None, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(key, name="a")
    assert list(refused.value.fields) == ["Idempotency-Key"]


def test_eighty_at_once_on_four_keys_have_four_effects(transactional_db: None, tally: None) -> None:
    together = threading.Barrier(20)
    outcomes: list[tuple[str, Outcome]] = []
    problems: list[Exception] = []

    def send(numbers: list[int]) -> None:
        together.wait()
        for number in numbers:
            key = f"key-{number % 4}"
            try:
                outcomes.append((key, ask(key, name=key)))
            except Exception as problem:
                problems.append(problem)
        connection.close()

    threads = [threading.Thread(target=send, args=(list(range(n, 80, 20)),)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert dict(Counter.objects.values_list("name", "value")) == {f"key-{n}": 1 for n in range(4)}
    assert {outcome.result for _key, outcome in outcomes} == {1}
    assert Tally(outcome.replayed for _key, outcome in outcomes) == {False: 4, True: 76}
    assert Fact.objects.count() == 4
