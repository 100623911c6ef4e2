"""The stream of facts: sealed in order, nothing missed, and every attack on it found."""

from __future__ import annotations

import json
import threading
from argparse import Namespace
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import NOW
from zhike.kernel import seal as sealing
from zhike.kernel.actor import Context, system
from zhike.kernel.events import News, announce, facts_after, mac_of
from zhike.kernel.ids import uuid7
from zhike.kernel.models import Block, Fact
from zhike.kernel.seal import anchor_file, anchors, seal
from zhike.kernel.verify import Fault, verify, verify_command

COUNT, BLOCK = 30, 7
CONTEXT = Context(system("system"), NOW)


@pytest.fixture
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own for the log of anchors, and small blocks."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    monkeypatch.setattr(sealing, "BLOCK_SIZE", BLOCK)


def say(count: int = 1, context: Context = CONTEXT) -> None:
    """Announce some facts in one transaction."""
    with transaction.atomic():
        announce(
            context,
            *(News("things.said", "things", uuid7(), f"第{n}件", data={"n": n}) for n in range(count)),
        )


@pytest.fixture
def chain(db: None, own_log: None) -> None:
    """Thirty facts in five blocks, anchored."""
    say(COUNT)
    assert seal(NOW, anchored=True) == COUNT


def test_positions_are_dense_and_blocks_are_chained(chain: None) -> None:
    assert list(Fact.objects.order_by("id").values_list("position", flat=True)) == list(range(1, COUNT + 1))
    blocks = list(Block.objects.order_by("number"))
    assert [block.last_position for block in blocks] == [7, 14, 21, 28, 30]
    assert all(after.previous_digest == before.digest for before, after in pairwise(blocks))
    report = verify()
    assert report.sound
    assert (report.facts, report.blocks, report.unsealed, report.anchors) == (COUNT, 5, 0, 1)


def test_sealing_goes_on_where_it_stopped(chain: None) -> None:
    say(3)
    assert not verify().findings
    assert verify().unsealed == 3
    assert seal(NOW) == 3
    assert seal(NOW) == 0
    assert [fact.position for fact in facts_after(COUNT)] == [31, 32, 33]
    assert verify().sound


def test_facts_are_announced_in_a_transaction_only(transactional_db: None) -> None:
    with pytest.raises(RuntimeError):
        announce(CONTEXT, News("things.said", "things", uuid7()))
    assert not Fact.objects.exists()


def test_anchors_come_now_and_then_and_survive_a_torn_line(chain: None) -> None:
    say()
    seal(NOW)
    assert len(anchors()) == 1
    with anchor_file().open("ab") as log:
        log.write(b'{"number":6,"posi')
    say()
    seal(NOW + sealing.ANCHOR_EVERY)
    assert [anchor.position for anchor in anchors()] == [30, 32]
    assert not sealing.anchor(NOW + 2 * sealing.ANCHOR_EVERY)
    assert verify().sound


# --- attacks: each is planted, and each has to be found ---------------------------------------------------------

Attack = Callable[[Random], None]


def _some(random: Random) -> Fact:
    return Fact.objects.order_by("position")[random.randrange(COUNT)]


def change(random: Random) -> None:
    """Another word in one fact."""
    fact = _some(random)
    field = random.choice(["body", "title", "actor_name", "kind", "channel", "resource", "mac"])
    Fact.objects.filter(pk=fact.pk).update(**{field: getattr(fact, field)[:-1] + "～"})


def change_who_or_when(random: Random) -> None:
    """Somebody else, some other record, or another time."""
    fact = _some(random)
    field = random.choice(["actor_id", "record_id", "request_id", "uid"])
    value: dict[str, object] = {field: uuid7()} if random.random() < 0.7 else {"at": timedelta(1) + fact.at}
    Fact.objects.filter(pk=fact.pk).update(**value)


def remove(random: Random) -> None:
    """One fact disappears; half the time the gap is closed."""
    fact = _some(random)
    fact_position = fact.position
    fact.delete()
    if random.random() < 0.5:
        for later in Fact.objects.filter(position__gt=fact_position).order_by("position"):
            Fact.objects.filter(pk=later.pk).update(position=F("position") - 1)


def insert(random: Random) -> None:
    """A fact that nobody announced, without a place, at the end, or in a place that was cleared for it."""
    victim = _some(random)
    forged = Fact.objects.get(pk=victim.pk)
    forged.pk, forged.uid, forged.title = None, uuid7(), "forged"
    where = random.randrange(3)
    if where == 2:
        victim.delete()
    forged.position = (None, COUNT + 1, victim.position)[where]
    forged.save(force_insert=True)


def replay(random: Random) -> None:
    """A true fact, mac and all, moved behind the end of the chain."""
    Fact.objects.filter(pk=_some(random).pk).update(position=COUNT + 1)


def cut(random: Random) -> None:
    """The last blocks and their facts disappear together."""
    block = Block.objects.order_by("number")[random.randrange(5)]
    Fact.objects.filter(position__gte=block.first_position).delete()
    Block.objects.filter(number__gte=block.number).delete()


def forge_block(random: Random) -> None:
    """A block says something else."""
    block = Block.objects.order_by("number")[random.randrange(5)]
    other = "f" * 64 if block.digest[0] != "f" else "e" * 64
    field, value = random.choice(
        [("digest", other), ("previous_digest", other), ("last_position", block.last_position + 1)]
    )
    Block.objects.filter(pk=block.pk).update(**{field: value})


def swap(random: Random) -> None:
    """Two facts change places: positions, ids, or all that they say."""
    first, second = _some(random), _some(random)
    while first.pk == second.pk:
        second = _some(random)
    names = random.choice([["position"], ["id"], ["body", "title", "mac"], ["mac"]])
    saved = {name: getattr(first, name) for name in names}
    for name in names:
        if name in ("position", "id"):
            Fact.objects.filter(uid=first.uid).update(**{name: 10_000_000})
            Fact.objects.filter(uid=second.uid).update(**{name: saved[name]})
            Fact.objects.filter(uid=first.uid).update(**{name: getattr(second, name)})
        else:
            Fact.objects.filter(uid=first.uid).update(**{name: getattr(second, name)})
            Fact.objects.filter(uid=second.uid).update(**{name: saved[name]})


def unseal(random: Random) -> None:
    """A fact is taken out of line, as if it were still to be sealed."""
    Fact.objects.filter(pk=_some(random).pk).update(position=None)


ATTACKS: list[Attack] = [change, change_who_or_when, remove, insert, replay, cut, forge_block, swap, unseal]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_every_attack_is_found(chain: None, attack: Attack) -> None:
    @settings(max_examples=60)
    @given(st.integers(0, 2**32))
    def attacked(seed: int) -> None:
        with transaction.atomic():
            attack(Random(seed))
            report = verify()
            transaction.set_rollback(True)
        assert not report.sound

    attacked()
    assert verify().sound


@pytest.mark.parametrize(
    ("attack", "fault"),
    [(change, Fault.CHANGED), (remove, Fault.MISSING), (replay, Fault.INSERTED), (cut, Fault.CUT)],
)
def test_the_report_says_what_is_wrong(chain: None, attack: Attack, fault: Fault) -> None:
    attack(Random(1))
    assert fault in {finding.fault for finding in verify().findings}


def test_sealing_on_does_not_hide_a_cut(chain: None) -> None:
    cut(Random(3))
    say(COUNT)
    seal(NOW, anchored=True)
    assert not verify().sound


def test_a_fact_written_without_the_key_is_found(chain: None) -> None:
    fact = Fact.objects.order_by("position").last()
    assert fact is not None
    fact.pk, fact.uid, fact.position = None, uuid7(), None
    fact.mac = "0" * 64
    fact.save(force_insert=True)
    assert seal(NOW) == 1
    assert [finding.fault for finding in verify().findings] == [Fault.CHANGED]
    fact.mac = mac_of(fact)
    fact.save()
    assert not verify().sound


def test_the_command_tells_sound_from_broken(chain: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_command(Namespace()) == 0
    assert json.loads(capsys.readouterr().out)["facts"] == COUNT
    cut(Random(2))
    assert verify_command(Namespace()) == 1
    assert "cut" in {finding["fault"] for finding in json.loads(capsys.readouterr().out)["findings"]}


# --- order under concurrent writers -----------------------------------------------------------------------------


def test_a_late_commit_gets_a_later_position(transactional_db: None, own_log: None) -> None:
    announced, go = threading.Event(), threading.Event()
    if connection.vendor == "sqlite":
        go.set()  # one writer at a time: there is no late commit to wait for

    def late() -> None:
        with transaction.atomic():
            announce(CONTEXT, News("things.late", "things", uuid7()))
            announced.set()
            assert go.wait(30)
        connection.close()

    writer = threading.Thread(target=late)
    writer.start()
    assert announced.wait(30)
    if connection.vendor == "sqlite":
        writer.join()
    say(2)
    seal(NOW)
    seen = facts_after(0)
    go.set()
    writer.join()
    seal(NOW)
    seen += facts_after(seen[-1].position or 0)
    kinds = [fact.kind for fact in seen]
    assert sorted(kinds) == ["things.late", "things.said", "things.said"]
    assert kinds[-1 if connection.vendor == "postgresql" else 0] == "things.late"


def test_no_reader_misses_a_fact_of_many_writers(transactional_db: None, own_log: None) -> None:
    writers, each = 6, 15
    done = threading.Event()

    def write() -> None:
        for _n in range(each):
            say(3)
        connection.close()

    def keep_sealing() -> None:
        while not done.is_set():
            seal(NOW)
        connection.close()

    threads = [threading.Thread(target=write) for _n in range(writers)]
    sealers = [threading.Thread(target=keep_sealing) for _n in range(2)]
    for thread in [*threads, *sealers]:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in threads):
        seen += [fact.id for fact in facts_after(len(seen))]
    for thread in threads:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()
    seal(NOW)
    while more := facts_after(len(seen)):
        seen += [fact.id for fact in more]
    assert len(seen) == len(set(seen)) == writers * each * 3 == Fact.objects.count()
    assert verify().sound
