"""Importing purchases: each line once, returns and unknown customers kept, refused rows told, all of it undone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from tests.feeds.purchase_files import LINES, begin, csv_of, many_lines, stored, take_in
from tests.feeds.purchase_files import house as house
from tests.real_data import real_data
from tests.world import World
from zhike.customers.actions import update
from zhike.customers.queries import CUSTOMERS, ids_by_external
from zhike.customers.types import CustomerChanges
from zhike.feeds.files import purchases
from zhike.feeds.knowledge import import_run
from zhike.feeds.knowledge.import_actions import read_import, undo_purchases
from zhike.feeds.knowledge.import_files import refused_name
from zhike.kernel.errors import Invalid, NotAllowed, NotFound
from zhike.kernel.job_doors import read_job
from zhike.kernel.reading import ListRequest, list_records
from zhike.kernel.worker import work_on


def test_lines_customers_and_report(world: World, house: Path) -> None:
    job = take_in(world.context(world.director), csv_of())
    assert (job.state, job.error) == ("done", "")
    assert job.result == {
        "rows": 6, "customers": 3, "linked_customers": 3, "lines_without_customer": 1, "unlinked_lines": 0,
        "negative_quantity": 1, "amount": 381.5, "refused": 1,
    }  # fmt: skip
    rows = stored()
    assert [(row["document"], row["line_no"]) for row in rows][:2] == [("A1", 1), ("A1", 2)]
    assert sum(row["amount"] for row in rows) == Decimal("381.5")
    assert [row["document"] for row in rows if row["is_return"]] == ["A4"]
    assert [row["document"] for row in rows if row["customer_key"] is None] == ["A3"]
    known = ids_by_external("shop", ["100", "200", "300"])
    found = list_records(world.context(world.director), CUSTOMERS, ListRequest(fields=("name", "owner"))).rows
    assert {row.id for row in found} == set(known.values())
    assert {row.values["owner"] for row in found} == {world.director.id}


def test_refused_rows_can_be_sent_again(world: World, house: Path) -> None:
    context = world.context(world.director)
    started = begin(context, csv_of())
    work_on(started.job)
    assert read_import(context, started.id).refused_file == refused_name(started.id)
    text = default_storage.open(refused_name(started.id)).read().decode("utf-8-sig")
    assert "A6,300,yesterday" in text.splitlines()[1]
    corrected = csv_of(["A6,300,2026-03-02,pot,1,100"])
    assert take_in(context, corrected).result["rows"] == 1
    assert len(stored()) == 7


def test_the_same_file_twice_is_refused(world: World, house: Path) -> None:
    context = world.context(world.director)
    take_in(context, csv_of())
    with pytest.raises(Invalid) as refusal:
        begin(context, csv_of())
    assert "upload" in refusal.value.fields
    assert take_in(context, csv_of(), again=True).state == "done"
    assert len(stored()) == 12


def test_known_customers_are_found_not_made(world: World, house: Path) -> None:
    context = world.context(world.director)
    take_in(context, csv_of())
    before = ids_by_external("shop", ["100"])
    take_in(context, csv_of(["B1,100,2026-04-01,tea,1,1"]))
    assert ids_by_external("shop", ["100"]) == before
    assert len({row["customer_key"] for row in stored(where="source_customer = '100'")}) == 1


def test_undo_takes_everything_back(world: World, house: Path) -> None:
    context = world.context(world.director)
    take_in(context, csv_of(["B1,300,2026-04-01,tea,1,1"]))
    started = begin(context, csv_of())
    work_on(started.job)
    touched = ids_by_external("shop", ["200"])["200"]
    update(context, touched, CustomerChanges(industry="茶业"))
    undone = undo_purchases(context, started.id)
    work_on(undone.job)
    assert read_job(context, undone.job).result == {"lines": 6, "customers_removed": 1, "customers_kept": 1}
    assert [row["document"] for row in stored()] == ["B1"]
    assert set(ids_by_external("shop", ["100", "200", "300"])) == {"200", "300"}
    assert take_in(context, csv_of()).result["customers"] == 3


def test_who_may_not_make_customers_keeps_lines_of_unknown_ones(world: World, house: Path) -> None:
    job = take_in(world.context(world.analyst), csv_of())
    assert (job.result["linked_customers"], job.result["unlinked_lines"]) == (0, 5)
    assert not ids_by_external("shop", ["100"])


def test_rights(world: World, house: Path) -> None:
    with pytest.raises(NotAllowed):
        begin(world.context(world.rep), csv_of())
    started = begin(world.context(world.manager), csv_of())
    with pytest.raises(NotFound):
        read_import(world.context(world.analyst), started.id)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"mapping": None}, "mapping"),
        ({"mapping": {"fields": {}}}, "mapping"),
        ({"mapping": None, "preset": "no-such"}, "preset"),
    ],
)
def test_a_wrong_reading_names_the_field(
    world: World, house: Path, options: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        begin(world.context(world.director), csv_of(), **options)
    assert field in refusal.value.fields


def test_a_missing_column_fails_with_its_name(world: World, house: Path) -> None:
    job = take_in(world.context(world.director), b"invoice,customer\n1,2\n")
    assert job.state == "failed"
    assert any(name in job.error for name in ("day", "product", "quantity", "price"))
    assert stored() == []


def test_amounts_beyond_the_warehouse_are_refused(world: World, house: Path) -> None:
    job = take_in(
        world.context(world.director), csv_of([*LINES[:1], "Z1,9,2026-01-01,x,99999999999,99999999999"])
    )
    assert (job.result["rows"], job.result["refused"]) == (1, 1)


def test_chunks_agree_with_one_piece(world: World, house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = many_lines(30_000)
    whole = take_in(world.context(world.director), csv_of(lines), source="whole").result
    monkeypatch.setattr(import_run, "CHUNK", 7_000)
    monkeypatch.setattr(purchases, "_BLOCK", 50_000)
    parts = take_in(world.context(world.director), csv_of(lines), source="parts").result
    assert parts == whole
    each = "document, line_no, source_customer, product, quantity, amount, occurred_at"
    assert stored(each, "source = 'parts'") == stored(each, "source = 'whole'")


def test_online_retail(world: World, house: Path) -> None:
    content = (real_data("online_retail") / "online_retail.csv.gz").read_bytes()
    job = take_in(world.context(world.director), content, preset="online-retail", source="", mapping=None)
    expected = {
        "rows": 541_909, "customers": 4_372, "lines_without_customer": 135_080, "negative_quantity": 10_624,
        "amount": 9_747_747.93, "refused": 0,
    }  # fmt: skip
    assert {name: job.result[name] for name in expected} == expected


def test_cdnow(world: World, house: Path) -> None:
    content = (real_data("cdnow") / "CDNOW_master.txt").read_bytes()
    job = take_in(world.context(world.director), content, preset="cdnow", source="", mapping=None)
    assert (job.result["rows"], job.result["customers"]) == (69_659, 23_570)
