"""Jobs: carried out once, resumed from their checkpoint after kill -9, cancelled, refused, tried again."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy, override

from tests.installation import Installation
from tests.kernel.work_to_do import calls
from tests.world import NOW, World
from zhike.kernel import job_claims, job_doors, staff_actions
from zhike.kernel.actor import Context, system
from zhike.kernel.errors import NotAllowed, NotFound, Refusal
from zhike.kernel.jobs import Run, enqueue, work_bell
from zhike.kernel.models import Counter, IdempotencyKey, Job
from zhike.kernel.worker import prune, run_forever, work_off, work_once

ROOT = Path(__file__).resolve().parent.parent.parent


def row(job: UUID) -> Job:
    """The job as the database has it."""
    return Job.objects.get(pk=job)


def call(world: World, name: str) -> UUID:
    """Enqueue a job of the account manager that does what a test said."""
    return enqueue(world.context(world.rep), "tests.calling", {"call": name})


def test_a_job_runs_with_its_owners_rights_and_says_how_far_it_is(world: World) -> None:
    seen: dict[str, Any] = {}

    def look(run: Run) -> dict[str, Any]:
        run.progress(30, 100, "reading")
        seen["read"] = job_doors.read_job(world.context(world.rep), run.id)
        seen["context"] = run.context
        return {"rows": 100}

    calls["look"] = look
    job = call(world, "look")
    assert work_once()
    assert not work_once()
    during = seen["read"]
    assert (during.state, during.done, during.total, during.note) == ("running", 30, 100, "reading")
    assert during.rate > 0
    assert during.remaining == pytest.approx(70 / during.rate)
    assert seen["context"].actor == world.actor(world.rep)
    assert seen["context"].request_id == job
    after = job_doors.read_job(world.context(world.rep), job)
    assert (after.state, after.result, after.title, after.remaining) == ("done", {"rows": 100}, "Call", None)


def test_a_title_is_worded_for_its_reader_and_not_for_who_began_the_job(world: World) -> None:
    context = world.context(world.rep)
    with override("zh-hans"):
        given: dict[str, Any] = {"name": gettext_lazy("Customers"), "file": "Customers"}
        title = "%(name)s · %(file)s"
        made = enqueue(context, "tests.calling", {"call": "look"}, title=title, values=given)
        assert job_doors.read_job(context, made).title == "客户 · Customers"
        plain = enqueue(context, "customers.find_duplicates", {})
    with override("en"):
        assert job_doors.read_job(context, made).title == "Customers · Customers"
        assert job_doors.read_job(context, plain).title == "Find duplicates"
    with override("zh-hans"):
        assert job_doors.read_job(context, plain).title == "查找重复客户"


def test_unknown_work_is_not_enqueued(world: World) -> None:
    with pytest.raises(LookupError):
        enqueue(world.context(world.rep), "tests.nothing", {})
    assert not Job.objects.exists()


def test_a_refusal_fails_at_once_with_its_text(world: World) -> None:
    job = call(world, "refuse")
    assert work_off() == 1
    assert (row(job).state, row(job).error) == ("failed", "the file is empty")


def test_a_crash_is_tried_again_then_given_up_without_its_details(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    job = call(world, "crash")
    waits = []
    for attempt in range(1, job_claims.MOST_CRASHES + 1):
        with caplog.at_level(logging.CRITICAL, "zhike.worker"):
            assert work_once()
        assert row(job).attempts == attempt
        waits.append(row(job).run_after - timezone.now())
        Job.objects.update(run_after=NOW)
    assert waits[1] > waits[0] > timedelta(0)
    assert not work_once()
    assert row(job).state == "failed"
    assert "secret" not in row(job).error
    assert str(job)[-12:] in row(job).error


def test_a_chunk_commits_rows_checkpoint_and_progress_together(world: World) -> None:
    def break_off(run: Run) -> None:
        with run.chunk():
            Counter.objects.create(name="kept")
            run.checkpoint["place"] = 1
            run.progress(1)
        with run.chunk():
            Counter.objects.create(name="lost")
            run.checkpoint["place"] = 2
            run.progress(2)
            raise Refusal("enough")

    calls["break_off"] = break_off
    job = call(world, "break_off")
    work_off()
    assert (row(job).checkpoint, row(job).done_count, row(job).state) == ({"place": 1}, 1, "failed")
    assert list(Counter.objects.values_list("name", flat=True)) == ["kept"]


def test_who_lost_the_claim_commits_nothing(world: World) -> None:
    job = call(world, "overtaken")
    work_once()
    assert not Counter.objects.exists()
    assert row(job).state == "running"


def test_a_job_is_cancelled_at_its_next_chunk(world: World) -> None:
    def cancelled(run: Run) -> None:
        with run.chunk():
            Counter.objects.create(name="first")
        job_doors.cancel(world.context(world.admin), run.id)
        with run.chunk():
            Counter.objects.create(name="second")

    calls["cancelled"] = cancelled
    job = call(world, "cancelled")
    work_off()
    assert row(job).state == "cancelled"
    assert list(Counter.objects.values_list("name", flat=True)) == ["first"]


def test_a_waiting_job_is_cancelled_at_once_and_can_be_tried_again(world: World) -> None:
    context = world.context(world.admin)
    job = enqueue(context, "tests.count", {"total": 3})
    assert job_doors.cancel(context, job).state == "cancelled"
    assert work_off() == 0
    assert job_doors.retry(context, job).state == "waiting"
    assert work_off() == 1
    assert job_doors.cancel(context, job).state == "done"
    with pytest.raises(Refusal):
        job_doors.retry(context, job)


def test_jobs_are_seen_by_their_owner_and_by_who_manages_jobs(world: World) -> None:
    job = enqueue(world.context(world.rep), "tests.count", {"total": 1})
    other = enqueue(world.context(world.analyst), "tests.count", {"total": 1})
    assert [item.id for item in job_doors.list_jobs(world.context(world.rep))] == [job]
    assert [item.id for item in job_doors.list_jobs(world.context(world.director))] == [other, job]
    assert [item.id for item in job_doors.list_jobs(world.context(world.director), before=other)] == [job]
    assert job_doors.list_jobs(world.context(world.director), name="tests.once") == []
    for deed in (job_doors.read_job, job_doors.cancel, job_doors.retry):
        with pytest.raises(NotFound):
            deed(world.context(world.manager), other)
    with pytest.raises(NotAllowed):
        job_doors.cancel(world.context(world.auditor), job)


def test_a_disabled_owner_does_nothing_any_more(world: World) -> None:
    job = enqueue(world.context(world.rep), "tests.count", {"total": 3})
    staff_actions.disable(world.context(world.admin), world.rep.id)
    work_off()
    assert row(job).state == "failed"
    assert not Counter.objects.exists()


def test_a_stopping_worker_gives_its_job_back(world: World) -> None:
    job = enqueue(world.context(world.rep), "tests.count", {"total": 3})
    stop = threading.Event()
    stop.set()
    assert work_once(stop)
    assert row(job).state == "waiting"
    assert work_once()
    assert row(job).state == "done"


def test_the_dead_are_told_from_the_living(world: World) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    host, _pid, _start, token = job_claims.worker_name().split("|")
    name = f"{host}|{process.pid}|{job_claims._started(process.pid)}|{token}"
    assert not job_claims.is_dead(name)
    assert not job_claims.is_dead(job_claims.worker_name())
    assert job_claims.is_dead(name.replace(f"|{job_claims._started(process.pid)}|", "|17|"))
    process.kill()
    process.wait()
    assert job_claims.is_dead(name)
    assert not job_claims.is_dead(name.replace(host, "elsewhere"))


def test_a_worker_elsewhere_is_given_up_when_it_stops_beating(world: World) -> None:
    job = enqueue(world.context(world.rep), "tests.count", {"total": 3})
    started, beaten = NOW - timedelta(minutes=3), NOW
    Job.objects.update(state="running", worker="elsewhere|1|2|3", started_at=started, heartbeat_at=beaten)
    assert job_claims.claim(NOW + job_claims.STALE) is None
    later = NOW + job_claims.STALE + timedelta(hours=1)
    claimed = job_claims.claim(later)
    assert claimed is not None
    assert claimed.pk == job
    assert later - claimed.started_at == timedelta(minutes=3)  # type: ignore[operator]


def test_many_workers_carry_out_each_job_once(transactional_db: None) -> None:
    context = Context(system(), NOW)
    jobs = [enqueue(context, "tests.once", {}) for _n in range(24)]

    def work() -> None:
        work_off()
        connection.close()

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(Counter.objects.values_list("name", "value")) == {str(job): 1 for job in jobs}
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}


def test_the_worker_runs_until_it_is_stopped(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    stop, worked = threading.Event(), threading.Event()

    def tell(run: Run) -> None:
        worked.set()

    calls["tell"] = tell
    worker = threading.Thread(target=run_forever, args=(stop,))
    worker.start()
    job = enqueue(Context(system(), NOW), "tests.calling", {"call": "tell"})
    assert worked.wait(30)
    stop.set()
    work_bell.ring()
    worker.join(30)
    assert not worker.is_alive()
    assert row(job).state == "done"


def test_old_keys_are_pruned(db: None) -> None:
    now = timezone.now()
    for hours in (1, 25):
        IdempotencyKey.objects.create(
            actor_id=system().id, key=str(hours), answer={}, created_at=now - timedelta(hours=hours)
        )
    prune()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["1"]


# --- kill -9 ----------------------------------------------------------------------------------------------------

ENQUEUE = """
from datetime import datetime, UTC
import tests.kernel.work_to_do
from zhike.kernel.actor import Context, system
from zhike.kernel.jobs import enqueue
enqueue(Context(system(), datetime(2026, 3, 5, tzinfo=UTC)), "tests.count", {"total": 23})
"""
WORK = """
import django
django.setup()
import tests.kernel.work_to_do
from zhike.kernel.worker import work_off
work_off()
"""
REPORT = """
import json
from zhike.kernel.models import Counter, Job
job = Job.objects.get()
numbers = list(Counter.objects.values_list("name", flat=True))
print(json.dumps([job.state, job.done_count, job.checkpoint, job.result, len(numbers), len(set(numbers))]))
"""


@pytest.mark.parametrize(
    ("place", "kept"),
    [("before", 0), ("inside-2", 0), ("inside-13", 10), ("after-15", 15), ("inside-22", 20)],
)
def test_a_killed_worker_loses_and_doubles_nothing(installation: Installation, place: str, kept: int) -> None:
    installation.python(ENQUEUE)
    command = [sys.executable, "-c", WORK]
    standing = {**installation.environment, "STAND_STILL_AT": place}
    worker = subprocess.Popen(command, cwd=ROOT, env=standing, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline().strip() == place
    worker.kill()
    worker.wait()
    assert json.loads(installation.python(REPORT))[:2] == ["running", kept]
    subprocess.run(command, cwd=ROOT, env=installation.environment, check=True)
    assert json.loads(installation.python(REPORT)) == ["done", 23, {"chunks": 5}, {"chunks": 5}, 23, 23]
