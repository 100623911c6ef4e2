"""The first screen and the jobs page: useful when there is nothing yet, and private to who may see."""

from __future__ import annotations

from django.test import Client

from tests.world import World
from zhike.kernel import trail
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
