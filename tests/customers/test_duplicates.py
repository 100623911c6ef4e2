"""The finder over all records, and what people decide about its pairs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.world import NOW, World
from zhike.customers.actions import create, find_duplicates, merge, not_duplicate, unmerge
from zhike.customers.models import DuplicatePair, DuplicateRun
from zhike.customers.queries import duplicate_pairs, duplicates_of, warn_duplicates
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotFound
from zhike.kernel.models import Job
from zhike.kernel.worker import work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(transactional_db: None, world: World) -> list[UUID]:
    context = world.context(world.rep)
    given = [
        ("王小明", "13800138000", "wxm@example.com"), ("王晓明", "13800138000", "wxm@example.com"),
        ("李四", "13900139000", ""), ("赵五", "13700137000", ""),
    ]  # fmt: skip
    return [create(context, name, phone=phone, email=email).id for name, phone, email in given]


def _find(context: Context) -> Job:
    job = find_duplicates(context)
    work_off()
    return Job.objects.get(pk=job)


def test_pairs_come_with_reasons_and_decisions_stay(world: World, made: list[UUID]) -> None:
    context = world.context(world.manager)
    done = _find(context)
    assert (done.state, done.error) == ("done", "")
    assert done.result is not None
    assert done.result["records"] == 4
    (pair,) = duplicate_pairs(context)
    assert {pair.left, pair.right} == set(made[:2])
    assert {reason["field"] for reason in pair.reasons} >= {"name", "phone", "email"}
    assert [each.other for each in duplicates_of(context, made[0])] == [made[1]]
    not_duplicate(context, made[0], made[1])
    _find(context)
    assert duplicate_pairs(context) == []
    assert DuplicatePair.objects.get().state == "not_duplicate"
    assert DuplicateRun.objects.count() == 1


def test_a_merge_decides_the_pair_and_unmerge_opens_it(world: World, made: list[UUID]) -> None:
    context = world.context(world.manager, now=NOW + timedelta(days=1))
    _find(context)
    done = merge(context, made[0], made[1])
    assert DuplicatePair.objects.get().state == "merged"
    assert duplicate_pairs(context) == []
    unmerge(context, done.id)
    assert len(duplicate_pairs(context)) == 1


def test_nobody_decides_about_what_is_not_theirs(world: World, made: list[UUID]) -> None:
    with pytest.raises(NotFound):
        not_duplicate(world.context(world.stranger), made[0], made[1])
    _find(world.context(world.manager))
    assert duplicate_pairs(world.context(world.stranger)) == []


def test_the_warning_uses_what_the_run_learnt(world: World, made: list[UUID]) -> None:
    _find(world.context(world.manager))
    (seen,) = warn_duplicates(world.context(world.rep), "李四", phone="139 0013 9000")
    assert seen.other == made[2]
    assert seen.probability > 0.9
