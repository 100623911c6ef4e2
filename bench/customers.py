"""The customers room at size: lists, search, one record, the page, and creation by eight clients over HTTP.

Reads are timed inside the process that answers (view, template, JSON), against a bare SQL statement for the same
rows. Creation goes through a real server with two web processes. Published medians of Odoo 17 on the same machine
and sizes stand beside them as the peer.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from bench.child import rows_of, served, tell
from bench.search import _names as names_of
from bench.table import Row, median_seconds
from tests import postgres

_SIZES = {"small": (10_000, 100_000), "large": (10_000, 100_000, 1_000_000)}
_CITIES = (
    ("上海市", "浦东新区"),
    ("北京市", "朝阳区"),
    ("广东省广州市", "天河区"),
    ("浙江省杭州市", "西湖区"),
)
_CLIENTS = 8
_CREATED = 1_600
# Odoo, 100,000 and 1,000,000 customers, one client, PostgreSQL, two workers: seconds per request.
_ODOO = {
    "list by city": (0.056, 0.090),
    "two characters": (0.088, 1.876),
    "last 4 digits": (0.026, 0.053),
    "read by API": (0.036, 0.034),
}
_ODOO_CREATES = {100_000: 79, 1_000_000: 64}


def _drafts(count: int) -> Iterator[Any]:
    from zhike.customers.types.drafts import AddressDraft, ContactDraft, Draft

    source = random.Random(11)
    for at, (name, person) in enumerate(names_of(count)):
        city, district = source.choice(_CITIES)
        yield Draft(
            name=name,
            kind="person" if person else "organisation",
            contacts=(
                ContactDraft(f"13{at * 7919 % 1_000_000_000:09d}", primary=True),
                ContactDraft(f"u{at}@example.com", kind="email", primary=True),
            ),
            addresses=(AddressDraft(f"{city}{district}世纪大道{at % 900 + 1}号", primary=True),),
        )


def _fill(context: Any, count: int) -> None:
    from zhike.customers.actions import create_many, settle_many

    chunk: list[Any] = []
    for draft in _drafts(count):
        chunk.append(draft)
        if len(chunk) == 5_000:
            create_many(context, chunk)
            chunk = []
    if chunk:
        create_many(context, chunk)
    settle_many()


class _Client:
    """The API and the screens without a network, with counted statements."""

    def __init__(self, secret: str, user: Any) -> None:
        from django.test import Client

        self.api, self.screen, self.headers = Client(), Client(), {"Authorization": f"Bearer {secret}"}
        self.screen.force_login(user)

    def get(self, path: str) -> Any:
        answer = (self.api if path.startswith("/api") else self.screen).get(path, headers=self._headers(path))
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
        return answer

    def _headers(self, path: str) -> dict[str, str]:
        return self.headers if path.startswith("/api") else {}

    def statements(self, path: str) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            self.get(path)
        return len(caught)


def _deep_cursor(count: int) -> str:
    """The cursor of the page half-way down the filtered list."""
    from zhike.customers.models import Party
    from zhike.kernel.pages import Cursor, write_cursor

    found = Party.objects.filter(city="上海市").order_by("sort_name", "pk").values_list("sort_name", "pk")
    value, record = found[found.count() // 2]
    return write_cursor(Cursor(value, record))


def _paths(count: int) -> dict[str, str]:
    from urllib.parse import urlencode

    from zhike.customers.models import Party

    where = json.dumps({"field": "city", "op": "eq", "value": "上海市"}, ensure_ascii=False)
    city = urlencode({"where": where, "sort": "name"})
    some = Party.objects.order_by("number").values_list("pk", flat=True)[count // 2]
    return {
        "list by city": f"/api/v1/customers?{city}",
        "list by city, deep page": f"/api/v1/customers?{city}&cursor={_deep_cursor(count)}",
        "two characters": f"/api/v1/customers?{urlencode({'q': '张伟'})}",
        "pinyin initials": "/api/v1/customers?q=zhw",
        "last 4 digits": "/api/v1/customers?q=5678",
        "read by API": f"/api/v1/customers/{some}",
        "list on the screen": "/customers/",
        "customer page": f"/customers/{some}/",
    }


def _floors(count: int) -> dict[str, Callable[[], object]]:
    from django.db import connection

    from zhike.customers.models import Party

    key: Any = Party.objects.order_by("number").values_list("pk", flat=True)[count // 2]
    key = key.hex if connection.vendor == "sqlite" else key

    def bare(sql: str, *values: str) -> Callable[[], object]:
        def work() -> object:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall()

        return work

    live = "deleted_at IS NULL AND merged_into_id IS NULL"
    listed = bare(
        f"SELECT * FROM customers_party WHERE city = %s AND {live} ORDER BY sort_name, id LIMIT 50", "上海市"
    )
    scan = bare(f"SELECT id FROM customers_party WHERE name LIKE %s AND {live} LIMIT 50", "%张伟%")
    one = bare("SELECT * FROM customers_party WHERE id = %s", key)
    return {
        "list by city": listed,
        "list by city, deep page": listed,
        "two characters": scan,
        "read by API": one,
    }


def _peer(task: str, count: int) -> float | None:
    known = _ODOO.get(task)
    return None if known is None or count < 100_000 else known[0 if count == 100_000 else 1]


def _rows(count: int, database: str) -> Iterable[Row]:
    from zhike.kernel.actions import run as act
    from zhike.kernel.actor import Context
    from zhike.kernel.models import User
    from zhike.kernel.staff import actor_by_username

    context = Context(actor=actor_by_username("admin"), now=datetime.now(UTC), channel="import")
    started = time.perf_counter()
    _fill(context, count)
    yield Row(
        f"{database}: 1,000 customers by the bulk door", count, (time.perf_counter() - started) / count * 1000
    )
    secret = act("tokens.create", context, {"name": "bench", "scopes": ["*"]}).result["secret"]
    User.objects.update(must_change_password=False)
    client, floors = _Client(secret, User.objects.get(username="admin")), _floors(count)
    for task, path in _paths(count).items():
        ours = median_seconds(lambda p=path: client.get(p), repeat=15, warm=3)  # type: ignore[misc]
        floor = median_seconds(floors[task], repeat=15) if task in floors else None
        yield Row(
            f"{database}: {task}", count, ours, floor, _peer(task, count), "Odoo", sql=client.statements(path)
        )
    rate = _creates(secret)
    yield Row(
        f"{database}: create by API, 8 clients ({rate:.0f}/s)", count, 1 / rate,
        peer=1 / _ODOO_CREATES[count] if count in _ODOO_CREATES else None, peer_name="Odoo",
    )  # fmt: skip


def _creates(secret: str) -> float:
    """Creations per second by eight clients that each keep one connection, through two web processes."""
    with served("--workers", "2", "--no-worker") as (port, _process):
        started = time.perf_counter()
        clients = [threading.Thread(target=_client, args=(port, secret, n)) for n in range(_CLIENTS)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
        return _CREATED / (time.perf_counter() - started)


def _client(port: int, secret: str, number: int) -> None:
    import http.client

    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for at in range(_CREATED // _CLIENTS):
        unique = number * 1_000_000 + at
        body = {
            "name": f"王小明{unique}", "kind": "person", "phone": f"139{unique:08d}",
            "email": f"new{unique}@example.com", "address": f"上海市浦东新区世纪大道{at}号",
        }  # fmt: skip
        line.request(
            "POST", "/api/v1/customers", json.dumps(body),
            {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", "Idempotency-Key": f"b{unique}"},
        )  # fmt: skip
        answer = line.getresponse()
        told = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"create: {answer.status} {told[:300]!r}")


def _child(count: int, database: str) -> None:
    """One database at one size, in a process of its own."""
    import django

    django.setup()
    from zhike.config.serving import prepare
    from zhike.config.start import start

    start()
    prepare()
    tell(_rows(count, database))


def run(size: str) -> Iterable[Row]:
    """Every size on SQLite and on PostgreSQL (with fsync, as people run it)."""
    for count in _SIZES[size]:
        yield from rows_of("customers", count, "SQLite", None)
        with postgres.cluster(durable=True) as url:
            yield from rows_of("customers", count, "PostgreSQL", url)


if __name__ == "__main__":
    _child(int(sys.argv[1]), sys.argv[2])
