"""A job that a program asked for with a token stays within the scopes of that token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.kernel.work_to_do import calls
from tests.world import NOW, World
from zhike.kernel import job_doors
from zhike.kernel.actor import ActorKind, Context
from zhike.kernel.api_tokens import actor_of_token, create, revoke
from zhike.kernel.errors import NotAllowed, Refusal
from zhike.kernel.jobs import Run, enqueue
from zhike.kernel.models import ApiToken, Fact, Job, User
from zhike.kernel.sharing import share
from zhike.kernel.staff_actions import disable
from zhike.kernel.worker import work_off


def token_of(world: World, user: User, *scopes: str) -> Context:
    """The circumstances of a program with a token of somebody."""
    secret = create(world.context(user), "ERP", list(scopes)).secret
    return Context(actor_of_token(secret, NOW), NOW, "api")


def _try(context: Context, work: Any) -> Job:
    calls["scoped"] = work
    job = enqueue(context, "tests.calling", {"call": "scoped"})
    work_off()
    return Job.objects.get(pk=job)


def test_the_actor_of_a_job_is_the_one_that_asked(world: World) -> None:
    seen: list[Any] = []
    for context in (world.context(world.rep), token_of(world, world.rep, "customers.read", "views.*")):
        _try(context, lambda run: seen.append(run.actor))
    mine, programs = seen
    assert mine == world.actor(world.rep)
    assert programs == replace(
        mine,
        kind=ActorKind.INTEGRATION,
        scopes=frozenset({"customers.read", "views.*"}),
        token=ApiToken.objects.get().pk,
    )


def test_what_the_token_may_not_do_its_job_may_not_either(world: World) -> None:
    unit = world.shanghai.id

    def work(run: Run) -> None:
        share(run.context, "units", unit, world.rep.id)

    assert _try(world.context(world.admin), work).state == "done"
    before = Fact.objects.count()
    row = _try(token_of(world, world.admin, "staff.read"), work)
    assert (row.state, row.error) == ("failed", str(NotAllowed.title))
    assert Fact.objects.exclude(kind="tokens.created").count() == before


def test_a_token_lets_go_on_only_what_it_could_have_asked_for(world: World) -> None:
    def work(run: Run) -> None:
        raise Refusal("not today")

    asked = [
        (world.context(world.rep), False),
        (token_of(world, world.rep, "customers.create", "jobs.cancel"), False),
        (token_of(world, world.rep, "customers.read"), True),
    ]
    program = token_of(world, world.rep, "jobs.cancel", "customers.read")
    for context, may in asked:
        row = _try(context, work)
        assert row.state == "failed"
        if may:
            assert job_doors.retry(program, row.pk).state == "waiting"
            continue
        with pytest.raises(NotAllowed):
            job_doors.retry(program, row.pk)
        assert job_doors.retry(world.context(world.rep), row.pk).state == "waiting"


def _count_until(step: int, then: Any, done: list[int]) -> Any:
    """Work of ten chunks, in the midst of which something happens elsewhere."""

    def work(run: Run) -> None:
        for number in range(10):
            with run.chunk():
                done.append(number)
            if number == step:
                then()

    return work


def test_a_revoked_token_ends_its_jobs_at_their_next_step(world: World) -> None:
    program, done = token_of(world, world.rep, "customers.read", "jobs.cancel"), list[int]()
    token = program.actor.token
    assert token is not None
    row = _try(program, _count_until(3, lambda: revoke(world.context(world.rep), token), done))
    assert (row.state, row.error) == ("failed", "发起此任务的令牌已被撤销。")
    assert done == [0, 1, 2, 3]
    assert job_doors.retry(world.context(world.rep), row.pk).state == "waiting"
    work_off()
    assert Job.objects.get(pk=row.pk).state == "done"


def test_a_job_that_waits_does_not_begin_for_a_revoked_token(world: World) -> None:
    program, done = token_of(world, world.rep, "customers.read"), list[int]()
    assert program.actor.token is not None
    revoke(world.context(world.rep), program.actor.token)
    assert _try(program, _count_until(99, None, done)).state == "failed"
    assert not done


def test_the_jobs_of_a_disabled_person_end_at_their_next_step(world: World) -> None:
    done = list[int]()
    ends = _count_until(1, lambda: disable(world.context(world.admin), world.rep.pk), done)
    row = _try(world.context(world.rep), ends)
    assert (row.state, row.error) == ("failed", "发起此任务的账号已被停用。")
    assert done == [0, 1]
