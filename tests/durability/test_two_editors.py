"""Two people save one record: neither is overwritten silently, and many at once lose nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from django.db import connections
from django.test import Client

from tests.world import World
from zhike.customers.actions import create, update
from zhike.customers.models import Party
from zhike.customers.types import CustomerChanges
from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict
from zhike.kernel.models import Fact

pytestmark = pytest.mark.django_db
_EDITORS, _EDITS = 8, 50


def _save(client: Client, customer: Any, version: int, **changes: Any) -> Any:
    body = orjson.dumps({"changes": changes, "version": version})
    return client.patch(
        f"/api/v1/customers/{customer}",
        body,
        content_type="application/json",
        headers={"Accept-Language": "en"},
    )


def test_the_second_is_told_of_both_values(world: World) -> None:
    made = create(world.context(world.rep), "王小明", industry="零售").id
    first, second = Client(), Client()
    first.force_login(world.rep)
    second.force_login(world.manager)
    assert _save(first, made, 1, industry="批发").status_code == 200
    refused = _save(second, made, 1, industry="物流")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert refused.json()["theirs"]["industry"] == "批发"
    assert refused.json()["yours"]["industry"] == "物流"
    assert Party.objects.get(pk=made).industry == "批发"
    assert _save(second, made, refused.json()["version"], industry="物流").status_code == 200


def _edit(world: World, customer: Any) -> None:
    """Count one up again and again, each time from what was read; who is refused reads again."""
    context = world.context(world.rep)
    try:
        for _turn in range(_EDITS):
            while not _counted_up(context, customer):
                pass
    finally:
        connections.close_all()


def _counted_up(context: Context, customer: Any) -> bool:
    seen = Party.objects.get(pk=customer)
    try:
        update(context, customer, CustomerChanges(legal_name=_sum(seen.legal_name)), version=seen.version)
    except Conflict:
        return False
    return True


def _sum(text: str) -> str:
    return str(int(text or 0) + 1)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_update_is_lost(world: World) -> None:
    made = create(world.context(world.rep), "王小明").id
    with ThreadPoolExecutor(_EDITORS) as pool:
        list(pool.map(lambda _editor: _edit(world, made), range(_EDITORS)))
    party = Party.objects.get(pk=made)
    assert int(party.legal_name) == _EDITORS * _EDITS
    assert Fact.objects.filter(kind="customers.updated", record_id=made).count() == _EDITORS * _EDITS
    assert party.version == 1 + _EDITORS * _EDITS


@pytest.mark.django_db(transaction=True)
def test_without_versions_updates_are_lost(world: World) -> None:
    """The control: two who read before either saves; without the version the first is overwritten."""
    context = world.context(world.rep)
    made = create(context, "王小明").id
    seen = [Party.objects.get(pk=made) for _editor in range(2)]
    for each in seen:
        update(context, made, CustomerChanges(legal_name=_sum(each.legal_name)))
    assert Party.objects.get(pk=made).legal_name == "1"
