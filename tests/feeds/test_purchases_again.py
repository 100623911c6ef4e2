"""An import of purchases that stopped: it goes on from where it was, or is taken back; no line counts twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.feeds.purchase_files import MAPPING, begin, csv_of, many_lines, stored
from tests.feeds.purchase_files import house as house
from tests.world import World
from zhike.feeds.files import purchases
from zhike.feeds.knowledge import import_run
from zhike.feeds.knowledge.import_actions import (
    ImportStarted,
    continue_purchases,
    read_import,
    undo_purchases,
)
from zhike.feeds.knowledge.insight_actions import SCORE
from zhike.feeds.knowledge.jobs import FEED
from zhike.insight.warehouse import WarehouseFull, append
from zhike.kernel.actor import Context, system
from zhike.kernel.errors import Invalid
from zhike.kernel.job_doors import cancel, list_jobs, read_job, retry
from zhike.kernel.jobs import ensure_schedules
from zhike.kernel.worker import work_on

LINES = csv_of([*many_lines(20_000), "BAD,1,never,x,1,1"])
_OTHER = {**MAPPING, "order": "dmy"}


@pytest.fixture
def failed(world: World, house: Path, monkeypatch: pytest.MonkeyPatch) -> ImportStarted:
    """An import whose second chunk found the disk full."""
    calls = iter(range(100))

    def full(*given: Any, **options: Any) -> Any:
        if next(calls) == 1:
            raise WarehouseFull("purchase: the disk is full")
        return append(*given, **options)

    with monkeypatch.context() as patched:
        patched.setattr(import_run, "CHUNK", 5_000)
        patched.setattr(purchases, "_BLOCK", 50_000)
        patched.setattr(import_run, "append", full)
        started = begin(world.context(world.director), LINES)
        assert work_on(started.job)
    found = read_import(world.context(world.director), started.id)
    assert (found.state, found.may_go_on) == ("failed", True)
    assert 0 < len(stored()) < 20_000
    return started


def _once(context: Context, started: ImportStarted) -> None:
    found = read_import(context, started.id)
    assert (found.state, found.error, found.may_go_on) == ("done", "", False)
    assert (found.report["rows"], found.report["refused"], found.report["customers"]) == (20_000, 1, 97)
    assert len({row["document"] for row in stored("document")}) == len(stored("document")) == 20_000


@pytest.mark.parametrize("again", [False, True])
def test_sending_the_same_file_again_goes_on(world: World, failed: ImportStarted, again: bool) -> None:
    context = world.context(world.director)
    second = begin(context, LINES, again=again)
    assert (second.id, second.job, second.resumed) == (failed.id, failed.job, True)
    assert work_on(second.job)
    _once(context, failed)


def test_it_can_be_continued_and_only_then(world: World, failed: ImportStarted) -> None:
    context = world.context(world.director)
    assert work_on(continue_purchases(context, failed.id).job)
    _once(context, failed)
    with pytest.raises(Invalid):
        continue_purchases(context, failed.id)


def test_another_reading_or_another_person_must_wait(world: World, failed: ImportStarted) -> None:
    context = world.context(world.director)
    for given in ({"mapping": _OTHER}, {"source": "elsewhere"}, {"mapping": _OTHER, "again": True}):
        with pytest.raises(Invalid) as refusal:
            begin(context, LINES, **given)
        assert "upload" in refusal.value.fields
    with pytest.raises(Invalid):
        begin(world.context(world.analyst), LINES)
    assert read_import(context, failed.id).state == "failed"


def test_taken_back_it_begins_anew(world: World, failed: ImportStarted) -> None:
    context = world.context(world.director)
    assert work_on(undo_purchases(context, failed.id).job)
    assert stored() == []
    # The old job is tried again from the list of jobs: it must not bring its lines back.
    retry(context, failed.job)
    assert work_on(failed.job)
    assert (read_job(context, failed.job).state, stored()) == ("failed", [])
    assert read_import(context, failed.id).state == "undone"
    second = begin(context, LINES)
    assert second.id != failed.id
    assert work_on(second.job)
    _once(context, second)


def test_one_that_never_read_a_line_does_not_stand_in_the_way(world: World, house: Path) -> None:
    context = world.context(world.director)
    wrong = {**MAPPING, "fields": {**MAPPING["fields"], "customer": {"column": "no such"}}}
    first = begin(context, LINES, mapping=wrong)
    work_on(first.job)
    assert read_import(context, first.id).state == "failed"
    second = begin(context, LINES)
    assert second.id != first.id
    work_on(second.job)
    _once(context, second)


def test_cancelled_before_it_began(world: World, house: Path) -> None:
    context = world.context(world.director)
    started = begin(context, LINES)
    cancel(context, started.job)
    found = read_import(context, started.id)
    assert (found.state, bool(found.error), found.may_go_on) == ("failed", True, True)
    assert begin(context, LINES).id == started.id
    assert work_on(started.job)
    _once(context, started)


def test_schedules_stand_without_any_import(world: World, house: Path) -> None:
    context = Context(system(), world.context().now)
    for _time in range(2):
        ensure_schedules(context.now)
        for name in (FEED, SCORE):
            assert len(list_jobs(context, open=True, name=name)) == 1
    night = list_jobs(context, open=True, name=SCORE)[0].id
    assert work_on(night)
    assert read_job(context, night).state == "done"
    assert len(list_jobs(context, open=True, name=SCORE)) == 1


def test_the_page_of_a_stopped_import_continues_it(
    world: World, failed: ImportStarted, client: Client
) -> None:
    client.force_login(world.director)
    place = reverse("purchase_continue", args=[failed.id])
    page = reverse("purchase_import", args=[failed.id])
    assert place in client.get(page).content.decode()
    assert client.post(place).headers["Location"] == page
    assert work_on(failed.job)
    _once(world.context(world.director), failed)
    assert place not in client.get(page).content.decode()
