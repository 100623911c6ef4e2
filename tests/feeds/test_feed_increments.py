"""The feed: increments in any steps end in the table that a rebuild makes; merges re-point purchases as one reads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feeds.purchase_files import csv_of, take_in
from tests.feeds.purchase_files import house as house
from tests.world import NOW, World
from zhike.customers.actions import add_address, assign, classify, create, merge, unmerge, update
from zhike.customers.queries import ids_by_external
from zhike.customers.types import AddressDraft, CustomerChanges, Grade, Stage
from zhike.feeds.knowledge import feed as feeds
from zhike.feeds.knowledge.feed import rebuild, run_feed
from zhike.feeds.knowledge.house import warehouse
from zhike.feeds.knowledge.keys import keys_of
from zhike.insight.warehouse import WarehouseFull, purchases, query
from zhike.kernel.errors import NoRoom

_TABLE = """SELECT * EXCLUDE (seen), list_sort(list_transform(seen, lambda s: s.sequence)) AS seen
            FROM customer ORDER BY customer_key, valid_from"""
_PLACES = ("杭州市西湖区文三路1号", "深圳市南山区科技路2号")


def _table() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = query(warehouse(), _TABLE).to_pylist()
    return rows


def _live(world: World, steps: list[int], batch: int, every: int) -> None:
    """A small life of some customers, fed now and then."""
    made: list[Any] = []
    merged: list[Any] = []
    for at, step in enumerate(steps):
        context = world.context(world.director, now=NOW + timedelta(minutes=at))
        if len(made) < 2 or step == 0:
            made.append(create(context, f"客户{at}").id)
        elif step == 1:
            update(context, made[-1], CustomerChanges(state="actual"))
        elif step == 2:
            classify(context, [made[-1]], stage=list(Stage)[at % 2])
        elif step == 3:
            assign(context, [made[0]], owner=(world.rep, world.stranger)[at % 2].id)
        elif step == 4:
            add_address(context, made[-1], AddressDraft(_PLACES[at % 2], primary=True))
        elif step == 5:
            merged.append(merge(context, made[0], made.pop()).id)
        elif merged:
            unmerge(context, merged.pop())
        if at % every == 0:
            run_feed(context, batch=batch)
    run_feed(world.context(now=NOW + timedelta(days=1)), batch=batch)


@settings(max_examples=5)
@given(
    steps=st.lists(st.integers(0, 6), min_size=3, max_size=14),
    batch=st.integers(1, 5),
    every=st.integers(1, 4),
)
def test_increments_equal_a_rebuild(
    world: World, house: Path, steps: list[int], batch: int, every: int
) -> None:
    _live(world, steps, batch, every)
    fed = _table()
    assert fed
    rebuild(world.context())
    assert _table() == fed
    run_feed(world.context())
    assert _table() == fed


def test_history_is_kept(world: World, house: Path) -> None:
    made = create(world.context(world.rep), "王小明").id
    run_feed(world.context())
    later = world.context(world.director, now=NOW + timedelta(days=3))
    classify(later, [made], grade=Grade.A)
    run_feed(world.context())
    rows = _table()
    assert [(row["grade"], row["is_current"]) for row in rows] == [(None, False), (Grade.A.value, True)]
    assert rows[0]["valid_to"] == rows[1]["valid_from"] == NOW + timedelta(days=3)
    assert (rows[0]["owner"], rows[0]["region"]) == (str(world.rep.id), "华东")


def test_merged_customers_stand_under_their_survivor_until_the_merge_is_taken_back(
    world: World, house: Path
) -> None:
    # Jobs take the time from the clock; so does this test.
    context = world.context(world.director, now=timezone.now())
    take_in(context, csv_of())
    known = ids_by_external("shop", ["100", "300"])
    keys = keys_of(known.values())

    def buyers() -> set[int]:
        run_feed(world.context())
        return {key for (key,) in purchases(warehouse()).project("customer_key").distinct().fetchall() if key}

    assert {keys[each] for each in known.values()} <= buyers()
    done = merge(world.context(world.director, now=timezone.now()), known["100"], known["300"])
    assert keys[known["300"]] not in buyers()
    unmerge(world.context(world.director, now=timezone.now()), done.id)
    assert {keys[each] for each in known.values()} <= buyers()


def test_a_full_disk_is_told_and_changes_nothing(
    world: World, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(world.context(world.rep), "王小明")
    run_feed(world.context())
    before = _table()
    create(world.context(world.rep), "李小红")

    def full(*_args: object, **_options: object) -> None:
        raise WarehouseFull("customer: the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(feeds, "merge_customers", full)
        with pytest.raises(NoRoom):
            run_feed(world.context())
    assert _table() == before
    run_feed(world.context())
    assert len(_table()) == 2
