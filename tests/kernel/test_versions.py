"""Optimistic versions: nobody overwrites somebody else's work without seeing it."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from tests.world import NOW, World, make_world
from zhike.kernel import staff_actions
from zhike.kernel.actor import Context, system
from zhike.kernel.errors import Conflict
from zhike.kernel.events import facts_of
from zhike.kernel.models import User
from zhike.kernel.versions import check_version


class Record:
    """Something with a version."""

    version = 3


def test_the_current_version_and_none_pass() -> None:
    check_version(Record(), 3, yours={"name": "b"}, theirs={"name": "a"})
    check_version(Record(), None, yours={"name": "b"}, theirs={"name": "a"})
    with pytest.raises(Conflict):
        check_version(Record(), 4, yours={"name": "b"}, theirs={"name": "a"})


def test_a_conflict_shows_both_sides_of_the_fields_one_wanted_to_change() -> None:
    with pytest.raises(Conflict) as refused:
        check_version(Record(), 2, yours={"name": "b"}, theirs={"name": "a", "email": "x"})
    conflict = refused.value
    assert (conflict.yours, conflict.theirs, conflict.version) == ({"name": "b"}, {"name": "a"}, 3)


def test_saves_count_up(world: World) -> None:
    context = world.context(world.admin)
    assert staff_actions.change(context, world.rep.id, name="一", version=1).version == 2
    assert staff_actions.change(context, world.rep.id, name="二", version=2).version == 3
    assert staff_actions.change(context, world.rep.id, name="三").version == 4


def test_of_many_who_save_the_same_version_one_wins(transactional_db: None) -> None:
    """Each of eight people saves what they read five times; no accepted save is lost, no stale one gets through."""
    rep = make_world().rep
    accepted: list[tuple[int, str]] = []
    refused: list[Conflict] = []
    problems: list[Exception] = []
    together = threading.Barrier(8)

    def save(person: int) -> None:
        context = Context(system(f"{person}"), NOW)
        for turn in range(5):
            seen = User.objects.get(pk=rep.pk).version
            together.wait()
            name = f"{person}-{turn}"
            try:
                accepted.append(
                    (staff_actions.change(context, rep.id, name=name, version=seen).version, name)
                )
            except Conflict as conflict:
                refused.append(conflict)
            except Exception as problem:
                problems.append(problem)
            together.wait()
        connection.close()

    threads = [threading.Thread(target=save, args=(person,)) for person in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert (len(accepted), len(refused)) == (5, 35)
    assert [version for version, _name in sorted(accepted)] == [2, 3, 4, 5, 6]
    history = [fact.changes["name"][1] for fact in reversed(facts_of("staff", [rep.id]))]
    assert history == [name for _version, name in sorted(accepted)]
    assert User.objects.get(pk=rep.pk).name == history[-1]
