"""kill -9 of the whole server while eight writers create customers: what was acknowledged is there, once.

ZHIKE_KILLS says how often (5 unless told; the release runs 50).
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.durability.killing import Group, Writers, call, running
from tests.installation import Installation

KILLS = int(os.environ.get("ZHIKE_KILLS", "5"))
_WRITERS = 8
_WORKERS = 2 if os.environ.get("DATABASE_URL") else 1

# For each name: how many customers, facts of their making and search entries there are.
_COUNT = """
import json, sys
from zhike.config.start import start
start()
from collections import Counter
from zhike.customers.models import Party
from zhike.kernel.models import Fact, SearchEntry
parties = dict(Party.objects.values_list("pk", "name"))
facts = Fact.objects.filter(kind="customers.created").values_list("record_id", flat=True)
found = SearchEntry.objects.filter(resource="customers").values_list("record_id", flat=True)
print(json.dumps({
    "ids": {str(pk): name for pk, name in parties.items()},
    "customers": Counter(parties.values()),
    "facts": Counter(parties[pk] for pk in facts),
    "entries": Counter(parties[pk] for pk in found),
}))
"""


def _secret(installation: Installation) -> str:
    made = installation.zhike(
        "--as", "admin", "tokens", "create", "--name", "writers", "--scopes", '["customers.*"]'
    )
    return str(orjson.loads(made.stdout)["secret"])


def _kill_at_random(group: Group, writers: Writers, times: int, seed: int) -> None:
    """Kill and restart; after how many answers is drawn, the seed is told when a test fails."""
    chance = random.Random(seed)
    for _time in range(times):
        writers.await_more(chance.randint(1, 40))
        group.kill()
        group.start()


def _counted(installation: Installation) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(installation.python(_COUNT).splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.timeout(200 + 30 * KILLS)
def test_what_was_acknowledged_is_there_once(installation: Installation) -> None:
    seed = int(os.environ.get("ZHIKE_SEED", random.SystemRandom().randrange(10**6)))
    with running(installation, _WORKERS) as group:
        writers = Writers(group.port, _secret(installation))
        with writers.at_work(_WRITERS):
            _kill_at_random(group, writers, KILLS, seed)
            writers.await_more(_WRITERS)
        again = {name: _again(group, writers, name) for name in list(writers.acknowledged)[::7]}
    counted = _counted(installation)
    said = f"seed {seed}, {len(writers.acknowledged)} acknowledged, {writers.repeated} asked again"
    assert writers.refused == [], said
    assert writers.repeated, f"no kill hit a request: {said}"
    for name, one in writers.acknowledged.items():
        assert counted["ids"].get(one["answer"]["id"]) == name, said
        assert [counted[part].get(name) for part in ("customers", "facts", "entries")] == [1, 1, 1], (
            name,
            said,
        )
    assert set(counted["customers"]) == set(writers.acknowledged), said
    assert {name: answer for name, (answer, _replayed) in again.items()} == {
        name: writers.acknowledged[name]["answer"] for name in again
    }
    assert all(replayed for _answer, replayed in again.values())


def _again(group: Group, writers: Writers, name: str) -> tuple[Any, bool]:
    """The same request under the same key, long after."""
    known = writers.acknowledged[name]
    status, answer, replayed = call(
        group.port, writers.secret, "POST", "/api/v1/customers", {"name": name}, known["key"]
    )
    assert status == 201
    return answer, replayed


@pytest.mark.slow
@pytest.mark.parametrize(("keyed", "customers"), [(True, 1), (False, 2)])
def test_an_answer_that_was_lost(installation: Installation, keyed: bool, customers: int) -> None:
    """The control: the answer is lost after the commit and the writer asks again. Only the key keeps it to one."""
    key = "lost" if keyed else None
    with running(installation, _WORKERS) as group:
        secret = _secret(installation)
        with _asked_and_forgotten(group.port, secret, {"name": "断线客户"}, key):
            _wait_for_a_customer(group.port, secret)
            group.kill()
        group.start()
        status, _answer, replayed = call(
            group.port, secret, "POST", "/api/v1/customers", {"name": "断线客户"}, key
        )
    assert (status, replayed) == (201, keyed)
    counted = _counted(installation)
    parts = [counted[part] for part in ("customers", "facts", "entries")]
    assert parts == [{"断线客户": customers}] * 3


@contextlib.contextmanager
def _asked_and_forgotten(port: int, secret: str, body: Any, key: str | None) -> Iterator[None]:
    """A request whose answer nobody reads."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    connection.request(
        "POST", "/api/v1/customers", orjson.dumps(body), headers | ({"Idempotency-Key": key} if key else {})
    )
    try:
        yield
    finally:
        connection.close()


def _wait_for_a_customer(port: int, secret: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if call(port, secret, "GET", "/api/v1/customers")[1]["count"]["number"]:
            return
    raise AssertionError("the customer did not come")
