"""Search: what finds a record, what must not, and in which order."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.kernel.things import Thing, rights
from tests.world import NOW
from zhike.kernel import search
from zhike.kernel.actor import SYSTEM_ID, Actor, ActorKind, Context
from zhike.kernel.fields import Resource, resource
from zhike.kernel.ids import uuid7
from zhike.kernel.reading import ListRequest, list_records
from zhike.kernel.rights import FieldRight, Rights, RowScope
from zhike.kernel.search import Entry

HUATENG = "上海华腾科技有限公司"


def actor(given: Rights) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=SYSTEM_ID, name="tester", rights=given)


def context(given: Rights | None = None) -> Context:
    return Context(actor=actor(given or rights()), now=NOW)


def add(name: str, entry: Entry | None = None, **values: object) -> UUID:
    thing = Thing.objects.create(name=name, **values)
    search.put("things", thing.id, entry or Entry(names=(name,)))
    return thing.id


def found(text: str, given: Rights | None = None) -> set[str]:
    of = resource("things")
    return set(
        Thing.objects.filter(search.search_filter(actor(given or rights()), of, text)).values_list(
            "name", flat=True
        )
    )


@pytest.fixture
def people(things: Resource) -> Resource:
    add(HUATENG, Entry(names=(HUATENG,), words=("C-000123",), emails=("Info@Huateng.cn",)))
    add(
        "张伟",
        Entry(
            names=("张伟",), person=True, words=("C-000042",), phones=("+8613812345678",), emails=("zw@example.com",),
            certificates=("310101199001011234",),
        ),
        phone="+8613812345678",
        email="zw@example.com",
    )  # fmt: skip
    add("单雄信", Entry(names=("单雄信",), person=True, phones=("02162345678",)))
    add("John Smith", Entry(names=("John Smith",), person=True, phones=("+442071838750",)))
    add("TCL集团", Entry(names=("TCL集团", "TCL Group")))
    return things


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("华腾", HUATENG), ("科技", HUATENG), ("腾", HUATENG), ("海华腾科", HUATENG), ("htkj", HUATENG),
        ("shht", HUATENG), ("kj", HUATENG), ("huateng", HUATENG), ("shanghaihua", HUATENG), ("C-000123", HUATENG),
        ("c123", HUATENG), ("c-000123", HUATENG), ("123", HUATENG), ("info@huateng.cn", HUATENG),
        ("@huateng.cn", HUATENG), ("info@", HUATENG), ("华腾 ht", HUATENG), ("华腾kj", HUATENG),
        ("张伟", "张伟"), ("张", "张伟"), ("伟", "张伟"), ("zw", "张伟"), ("zhangw", "张伟"), ("zhang wei", "张伟"),
        ("wei", "张伟"), ("5678 张", "张伟"), ("张 138", "张伟"), ("13812345678", "张伟"), ("138 1234 5678", "张伟"),
        ("+86 138-1234-5678", "张伟"), ("008613812345678", "张伟"), ("12345678", "张伟"),
        ("１３８１２３４５６７８", "张伟"),
        ("310101199001011234", "张伟"),
        ("shanx", "单雄信"), ("sxx", "单雄信"), ("021-62345678", "单雄信"), ("62345678", "单雄信"),
        ("smi", "John Smith"), ("john", "John Smith"), ("JOHN SM", "John Smith"), ("js", "John Smith"),
        ("020 7183 8750", "John Smith"),
        ("tcl", "TCL集团"), ("tcljt", "TCL集团"), ("jituan", "TCL集团"), ("集团", "TCL集团"), ("group", "TCL集团"),
    ],
)  # fmt: skip
def test_what_finds(people: Resource, text: str, name: str) -> None:
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    ["华伟", "danxiong", "9999", "31010119900101123", "1381234567", "!!", "   ", "'", '"', "\\", "zzz", "c124", "@x",
     "张 9999", "a:*", "张伟' | 'x", "NOT", "AND OR", "(", "*"],
)  # fmt: skip
def test_what_finds_nothing(people: Resource, text: str) -> None:
    wanted = {"张伟"} if text == "1381234567" else set()
    assert found(text) == wanted


def test_a_hidden_field_never_finds(people: Resource) -> None:
    hidden = rights(phone=FieldRight.HIDDEN, email=FieldRight.HIDDEN, certificate=FieldRight.HIDDEN)
    for text in ("5678", "13812345678", "zw@example.com", "@example.com", "310101199001011234", "138"):
        assert found(text, hidden) == set()
    assert found("张伟", hidden) == {"张伟"}
    assert found("张 138", hidden) == set()
    nameless = rights(name=FieldRight.HIDDEN)
    for text in ("张伟", "zhangw", "zhang", "华腾", "john"):
        assert found(text, nameless) == set()
    assert found("C-000042", nameless) == {"张伟"}


def test_a_masked_phone_is_found_by_its_last_four_or_the_whole_only(people: Resource) -> None:
    masked = rights(phone=FieldRight.MASKED, email=FieldRight.MASKED, certificate=FieldRight.MASKED)
    assert found("5678", masked) == {"张伟", "单雄信"}
    assert found("张 5678", masked) == {"张伟"}
    assert found("+86 138 1234 5678", masked) == {"张伟"}
    assert found("13812345678", masked) == {"张伟"}
    assert found("zw@example.com", masked) == {"张伟"}
    assert found("310101199001011234", masked) == {"张伟"}
    for text in (
        "45678",
        "345678",
        "12345678",
        "138",
        "1381234",
        "138123456",
        "zw@",
        "@example.com",
        "zw@example.co",
    ):
        assert found(text, masked) == set(), text


def test_an_entry_follows_its_record(people: Resource) -> None:
    thing = Thing.objects.get(name="张伟")
    search.put("things", thing.id, Entry(names=("李娜",), person=True))
    assert found("张伟") == set()
    assert found("ln") == {"张伟"}
    search.put("things", thing.id, Entry(names=("李娜",), person=True))
    assert found("lina") == {"张伟"}
    search.remove([thing.id])
    assert found("ln") == set()


def test_copied_entries_are_found_like_put_ones(things: Resource) -> None:
    rows = [Thing(name=f"批量{number}") for number in range(1200)]
    Thing.objects.bulk_create(rows)
    texts = ((row.id, search.tokens_text(Entry(names=(row.name,)))) for row in rows)
    assert search.copy_new("things", texts) == 1200
    assert len(found("批量")) == 1200
    assert found("批量1199") == {"批量1199"}
    add("批量后来")
    assert "批量后来" in found("plhl")


def test_a_list_searches_counts_and_filters(people: Resource) -> None:
    listing = list_records(context(), people, ListRequest(text="zw", fields=["name"]))
    assert [row.values["name"] for row in listing.rows] == ["张伟"]
    assert listing.count is not None
    assert (listing.count.number, listing.count.exact) == (1, True)


def test_everything_is_searched_in_one_statement_best_first(people: Resource) -> None:
    for name in ("张伟明", "大张伟", "张伟"):
        add(name, Entry(names=(name,), person=True))
    with CaptureQueriesContext(connection) as statements:
        hits = search.search_everything(context(), "张伟", among=["things"])
    assert [hit.title for hit in hits] == ["张伟", "张伟", "张伟明", "大张伟"]
    assert len(statements) == 2
    first = next(hit for hit in hits if hit.subtitle)
    assert first.subtitle == "+8613812345678 · zw@example.com"
    assert first.url == f"/things/{first.id}/"


def test_everything_keeps_to_rows_and_masks(people: Resource) -> None:
    mine = add(
        "张三",
        Entry(names=("张三",), person=True, phones=("+8613900001111",)),
        owner_id=SYSTEM_ID,
        phone="1111",
    )
    add("张四", Entry(names=("张四",), person=True), owner_id=uuid7())
    add("张五", Entry(names=("张五",), person=True), owner_id=SYSTEM_ID, binned=True)
    own = rights(RowScope.OWN, phone=FieldRight.MASKED)
    hits = search.search_everything(context(own), "张")
    assert [(hit.id, hit.subtitle) for hit in hits] == [(mine, "•••")]
    assert search.search_everything(context(replace(own, actions=frozenset())), "张") == []


def test_a_search_in_many_terms_stays_bounded(people: Resource) -> None:
    assert found(" ".join(f"词{number}" for number in range(500))) == set()
    assert found("张伟" * 500) == set()


def test_the_index_is_made_anew(people: Resource) -> None:
    search.remove(Thing.objects.values_list("id", flat=True))
    assert found("张伟") == set()
    search.entries_from(
        "things",
        lambda ids: {one.id: Entry(names=(one.name,)) for one in Thing.objects.filter(pk__in=ids)},
    )
    assert search.rebuild(people, batch=2) == 5
    assert found("张伟") == {"张伟"}
    search.tidy()
