"""Files that go in and out through a token's jobs: no further than the token's scopes reach."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from tests.feeds.importing import HEAD, bring_in, line, rows_of
from tests.feeds.purchase_files import begin, csv_of, stored, take_in
from tests.feeds.purchase_files import house as house
from tests.world import NOW, World
from zhike.customers.actions import create
from zhike.customers.models import Party
from zhike.feeds.exports import doors
from zhike.feeds.knowledge.import_actions import undo_purchases
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.api_tokens import actor_of_token
from zhike.kernel.api_tokens import create as create_token
from zhike.kernel.errors import NotAllowed
from zhike.kernel.models import Fact, Job
from zhike.kernel.worker import work_off, work_on


def program(world: World, *scopes: str) -> Context:
    """A program with a token of the general manager."""
    secret = create_token(world.context(world.director), "ERP", list(scopes)).secret
    return Context(actor_of_token(secret, NOW), NOW, "api")


def test_a_list_that_a_token_may_not_read_it_gets_in_no_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(world.context(world.director), "王小明")
    whole = run("feeds.export", world.context(world.director), {}).result
    only = program(world, "feeds.export")
    for name in ("feeds.export_content", "feeds.export_read"):
        with pytest.raises(NotAllowed):
            run(name, only, {"export": whole["id"]})
    with pytest.raises(NotAllowed):
        run("feeds.export", only, {})
    monkeypatch.setattr(doors, "AT_ONCE", 0)
    made = run("feeds.export", program(world, "feeds.export", "customers.read"), {}).result
    Job.objects.filter(pk=made["job"]).update(scopes=["feeds.export"])
    work_off()
    assert Job.objects.get(pk=made["job"]).state == "failed"
    assert run("feeds.export_read", world.context(world.director), {"export": made["id"]}).result["size"] == 0


def test_an_import_changes_nobody_without_the_scope_for_it(world: World) -> None:
    director = world.context(world.director)
    bring_in(director, HEAD + line(1))
    scopes = ("feeds.import", "customers.create", "customers.read")
    batch = bring_in(program(world, *scopes), HEAD + line(1, 城市="北京") + line(2), rule="update")
    assert (batch["created"], batch["updated"], batch["refused"]) == (1, 0, 1)
    assert rows_of(director, batch["id"], "refused")[0]["reasons"]
    assert Party.objects.get(name=line(1).split(",")[0]).city == "上海市"
    more = ("customers.update", "customers.contact", "customers.tag")
    again = bring_in(program(world, *scopes, *more), HEAD + line(1, 城市="北京"), rule="update")
    assert (again["updated"], again["refused"]) == (1, 0)


def test_purchases_make_and_remove_no_customers_without_the_scopes(world: World, house: Path) -> None:
    only = program(world, "feeds.purchases")
    started = begin(only, csv_of())
    work_on(started.job)
    job = Job.objects.get(pk=started.job)
    assert (job.state, job.error) == ("done", "")
    assert Party.objects.count() == 0
    assert {row["customer_key"] for row in stored()} == {None}
    work_on(undo_purchases(only, started.id).job)
    whole = begin(world.context(world.director), csv_of())
    work_on(whole.job)
    made = Party.objects.count()
    assert made == 3
    back = undo_purchases(only, whole.id).job
    work_on(back)
    assert Job.objects.get(pk=back).state == "done"
    assert stored() == []
    assert Party.objects.count() == made


def test_scores_are_not_begun_by_a_token_that_may_not_write_them(world: World, house: Path) -> None:
    take_in(world.context(world.director), csv_of())
    with pytest.raises(NotAllowed):
        run("insight.score", program(world, "insight.score"), {})
    assert not Job.objects.filter(name="insight.score", owner_kind="integration").exists()
    job = run("insight.score", program(world, "insight.score", "insight.write_scores"), {}).result
    work_on(UUID(job))
    assert Job.objects.get(pk=job).state == "done"
    assert Fact.objects.filter(kind="customers.scored", actor_kind="integration").exists()


def test_duplicates_are_told_only_of_what_the_asker_sees(world: World) -> None:
    for owner in (world.rep, world.stranger):
        for name in ("王小明", "王晓明"):
            create(world.context(owner), name, phone="13800138000", email="wxm@example.com")
    expected = {world.manager: 2, world.director: 4}
    for user, records in expected.items():
        job = run("customers.find_duplicates", world.context(user), {}).result
        work_off()
        row = Job.objects.get(pk=job)
        assert (row.state, row.total_count) == ("done", records)
        assert row.result == {"records": records, "pairs": {2: 1, 4: 6}[records]}
    only = run("customers.find_duplicates", program(world, "customers.merge"), {}).result
    work_off()
    assert Job.objects.get(pk=only).result == {"records": 0, "pairs": 0}
