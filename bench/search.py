"""Search by a few characters on both databases, against a bare `LIKE '%xx%'` scan and a look-up by primary key."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from bench.child import rows_of, tell
from bench.table import Row, median_seconds
from tests import postgres

_SIZES = {"small": (10_000, 100_000), "large": (10_000, 100_000, 1_000_000)}
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文建国志海燕红玉春晓雨欣怡子涵宇轩浩然思梓诗佳琪梦婷雪慧倩"
    "鹏飞龙斌波辉俊凯健峰晨阳博睿泽瑞嘉豪天翔"
)
_PLACES = ("上海", "北京", "广州", "深圳", "重庆", "成都", "厦门", "杭州", "南京", "武汉", "西安", "苏州")
_FIRMS = "华腾创新时代达远宏鑫盛瑞丰康信诚联合环球通源泰和兴隆昌顺安润博雅中天金海东方"
_TRADES = ("科技", "科技", "科技", "贸易", "实业", "电子", "机械", "物流", "食品", "建材")
# What is typed, and how common it is: from one record in a million to almost a third of all.
_TYPED = {
    "two characters of a name": "张伟",
    "a rare pair of characters": "腾雅",
    "科技, in a fifth of the names": "科技",
    "one character": "张",
    "initials of a person": "zw",
    "inner initials of a firm": "htkj",
    "beginning of the pinyin": "zhangw",
    "last four digits": "5678",
    "whole phone with spaces": "138 0000 5678",
    "number": "C-005678",
    "e-mail": "u5678@example.com",
    "name and phone": "张 138",
}


def _names(count: int) -> Iterator[tuple[str, bool]]:
    source = random.Random(7)
    weights = [1 / (rank + 2) for rank in range(len(_SURNAMES))]
    surnames = source.choices(_SURNAMES, weights, k=count)
    for surname in surnames:
        if source.random() < 0.7:
            yield surname + "".join(source.choices(_GIVEN, k=source.choice((1, 2, 2)))), True
        else:
            middle = "".join(source.choices(_FIRMS, k=source.choice((2, 2, 3, 4))))
            yield f"{source.choice(_PLACES)}{middle}{source.choice(_TRADES)}有限公司", False


def _fill(count: int) -> float:
    """Things with their entries; returns how many seconds the entries took (tokens and index)."""
    from tests.kernel.things import Thing
    from zhike.kernel import search

    texts: list[tuple[UUID, str]] = []
    things: list[Any] = []
    spent = 0.0
    for at, (name, person) in enumerate(_names(count)):
        phone = f"+8613{at * 7919 % 1_000_000_000:09d}"
        thing = Thing(name=name, phone=phone)
        things.append(thing)
        started = time.perf_counter()
        entry = search.Entry(
            names=(name,), person=person, phones=(phone,), words=(f"C-{at:06d}",), emails=(f"u{at}@example.com",)
        )  # fmt: skip
        texts.append((thing.id, search.tokens_text(entry)))
        spent += time.perf_counter() - started
        if len(things) == 10_000 or at == count - 1:
            Thing.objects.bulk_create(things, batch_size=2000)
            started = time.perf_counter()
            search.copy_new("things", texts)
            spent += time.perf_counter() - started
            things, texts = [], []
    started = time.perf_counter()
    search.tidy()
    return spent + time.perf_counter() - started


def _rows(count: int, database: str) -> Iterable[Row]:
    from django.db import connection, transaction

    from tests.kernel import things
    from tests.world import NOW
    from zhike.kernel import search
    from zhike.kernel.actor import Context, system
    from zhike.kernel.fields import register_resource
    from zhike.kernel.reading import ListRequest, list_records

    register_resource(things.THINGS)
    with transaction.atomic():
        spent = _fill(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield Row(f"{database}: index one record of 100", count, spent / count * 100)
    context = Context(actor=system(), now=NOW)

    def bare(sql: str, value: str | UUID) -> Callable[[], object]:
        def work() -> object:
            with connection.cursor() as cursor:
                cursor.execute(sql, [value])
                return cursor.fetchall()

        return work

    table = "things_thing"
    scan = median_seconds(bare(f"SELECT id FROM {table} WHERE name LIKE %s LIMIT 50", "%腾雅%"), repeat=5)
    known = things.Thing.objects.values_list("id", flat=True)[count // 2]
    key = known.hex if connection.vendor == "sqlite" else known
    look_up = median_seconds(bare(f"SELECT name FROM {table} WHERE id = %s", key))
    for what, text in _TYPED.items():
        palette = median_seconds(lambda text=text: search.search_everything(context, text, among=["things"]))  # type: ignore[misc]
        yield Row(f"{database}: {what}, palette", count, palette, look_up, scan, "LIKE scan")
        request = ListRequest(text=text, sort="name", fields=["name"], counted=True)
        listing = median_seconds(lambda r=request: list_records(context, things.THINGS, r))  # type: ignore[misc]
        yield Row(f"{database}: {what}, list with count", count, listing, look_up, scan, "LIKE scan")


def _child(count: int, database: str) -> None:
    """One database at one size, in a process of its own."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, models

    from tests.kernel.things import Part, Thing

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Thing)
        editor.create_model(Part)
        editor.add_index(Thing, models.Index(fields=["name", "id"], name="thing_by_name"))
    tell(_rows(count, database))


def run(size: str) -> Iterable[Row]:
    """Every size on SQLite and on PostgreSQL."""
    for count in _SIZES[size]:
        yield from rows_of("search", count, "SQLite", None)
        with postgres.cluster() as url:
            yield from rows_of("search", count, "PostgreSQL", url)


if __name__ == "__main__":
    _child(int(sys.argv[1]), sys.argv[2])
