"""A job that a program asked for with a token stays within the scopes of that token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.kernel.work_to_do import calls
from tests.world import NOW, World
from zhike.kernel import job_doors
from zhike.kernel.actor import ActorKind, Context
from zhike.kernel.api_tokens import actor_of_token, create
from zhike.kernel.errors import NotAllowed, Refusal
from zhike.kernel.jobs import Run, enqueue
from zhike.kernel.models import Fact, Job, User
from zhike.kernel.sharing import share
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
        mine, kind=ActorKind.INTEGRATION, scopes=frozenset({"customers.read", "views.*"})
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
