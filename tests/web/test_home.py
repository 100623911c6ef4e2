"""The first screen and the jobs page: useful when there is nothing yet, and private to who may see."""

from __future__ import annotations

from django.test import Client

from tests.feeds.importing import HEAD, line, upload, worked
from tests.web.customers import make_person, signed_in
from tests.world import World
from zhike.kernel import trail
from zhike.kernel.actions import run
from zhike.kernel.job_doors import list_jobs


def test_an_empty_house_says_how_to_begin(world: World) -> None:
    client = Client()
    client.force_login(world.admin)
    page = client.get("/")
    assert page.context["empty"]
    assert "/settings/staff/new/" in page.content.decode()


def test_jobs_are_seen_stopped_and_tried_again_by_their_owner(world: World) -> None:
    trail.start_verification(world.context(world.admin))
    (row,) = list_jobs(world.context(world.admin))
    client, stranger = Client(), Client()
    client.force_login(world.admin)
    stranger.force_login(world.rep)
    assert [job.id for job in client.get("/jobs/?open=1").context["jobs"]] == [row.id]
    assert stranger.get(f"/jobs/{row.id}/").status_code == 404
    assert stranger.post(f"/jobs/{row.id}/stop/").status_code == 404
    client.post(f"/jobs/{row.id}/stop/")
    assert list_jobs(world.context(world.admin))[0].state == "cancelled"
    client.post(f"/jobs/{row.id}/retry/")
    assert list_jobs(world.context(world.admin))[0].state == "waiting"


def test_an_import_that_was_checked_waits_on_the_first_screen(world: World) -> None:
    context = world.context(world.manager)
    batch = upload(context, HEAD + line(1) + line(2, 生日="后天"), name="新客户.csv")["id"]
    run("feeds.map", context, {"batch": batch, "mapping": {}, "rule": "skip"})
    run("feeds.check", context, {"batch": batch})
    worked(context, batch)
    shown = signed_in(world.manager).get("/").content.decode()
    assert "“新客户.csv”" in shown
    assert "新客户 1，已存在 0，被拒 1" in shown
    assert f"/imports/{batch}/check/" in shown
    assert "新客户.csv" not in signed_in(world.rep).get("/").content.decode()


def test_each_figure_opens_as_many_customers_as_it_counts(world: World) -> None:
    make_person(world)
    make_person(world, "上官婉儿", "13912345678")
    client = signed_in(world.manager)
    figures = client.get("/").context["figures"]
    assert [figure.value for figure in figures][:1] == ["2"]
    assert len(figures) == 4
    for figure in figures:
        assert client.get(figure.url).context["table"].count.number == int(figure.value), figure.label
    assert client.get("/").content.decode().count('class="tile"') == 4
