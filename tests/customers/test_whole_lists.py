"""One action on a whole list in the background: all that match, those that refuse counted, no way around rights."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.world import World
from zhike.customers.actions import create
from zhike.customers.queries import card
from zhike.kernel import whole_lists
from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid, NotAllowed
from zhike.kernel.models import Job
from zhike.kernel.sharing import share
from zhike.kernel.worker import work_off

pytestmark = pytest.mark.django_db
GRADE_B = {"field": "grade", "op": "eq", "value": "b"}


def _act(world: World, user: Any, **given: Any) -> Job:
    begun = run("jobs.act_on_list", world.context(user), given).result
    work_off()
    return Job.objects.get(pk=begun["job"])


def _result(job: Job) -> dict[str, Any]:
    assert job.result is not None
    return dict(job.result)


def _person(world: World, name: str, user: Any = None) -> UUID:
    """A customer of a user, without one of the account manager."""
    owner = user or world.rep
    return create(world.context(world.admin), name, owner=owner.id).id


def _grade(world: World, person: Any) -> Any:
    return card(world.context(world.admin), person).values["grade"]


def test_every_record_that_matches_and_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_lists, "BATCH", 2)
    people = [_person(world, f"王小{name}") for name in "甲乙丙丁戊"]
    other = _person(world, "赵六")
    job = _act(
        world, world.manager, action_name="customers.classify", parameters={"grade": "b"},
        condition={"field": "name", "op": "starts", "value": "王小"},
    )  # fmt: skip
    assert (job.state, job.done_count, job.total_count) == ("done", 5, 5)
    assert job.result == {"changed": 5, "refused": 0, "examples": []}
    assert {_grade(world, each) for each in people} == {"b"}
    assert _grade(world, other) != "b"
    # The list is changed by what is done to it: nobody is passed over for that.
    again = _act(
        world, world.manager, action_name="customers.classify", parameters={"grade": "c"}, condition=GRADE_B
    )
    assert _result(again)["changed"] == 5
    assert {_grade(world, each) for each in people} == {"c"}


def test_a_record_that_refuses_is_counted_and_stops_nobody(world: World) -> None:
    mine, seen_only = _person(world, "王小甲"), _person(world, "王小乙", world.stranger)
    share(world.context(world.admin), "customers", seen_only, world.rep.id)
    job = _act(world, world.rep, action_name="customers.classify", parameters={"grade": "b"})
    assert _result(job)["changed"] == 1
    assert _result(job)["refused"] == 1
    assert _result(job)["examples"][0]["record"] == str(seen_only)
    assert _grade(world, mine) == "b"
    assert _grade(world, seen_only) != "b"


TAG = {"action_name": "customers.tag", "parameters": {"tags": ["a"]}}
CLASSIFY = {"action_name": "customers.classify"}


@pytest.mark.parametrize(
    ("user", "given", "refusal"),
    [
        ("auditor", {**CLASSIFY, "parameters": {"grade": "b"}}, NotAllowed),
        ("agent", TAG, NotAllowed),
        ("manager", {"action_name": "customers.create"}, Invalid),
        ("manager", {**CLASSIFY, "parameters": {"grade": "zz"}}, Invalid),
        ("manager", CLASSIFY, Invalid),
        ("manager", {**TAG, "condition": {"field": "no"}}, Invalid),
    ],
)
def test_what_is_wrong_is_said_before_anything_begins(
    world: World, user: str, given: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        run("jobs.act_on_list", world.context(getattr(world, user)), given)
    assert not Job.objects.exists()
