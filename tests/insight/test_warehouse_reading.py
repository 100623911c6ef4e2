"""What is read from the warehouse: purchases of a customer, merged customers, catalogue, Ibis."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

from tests.insight.lines import line, lines, many
from zhike.insight.types import Days
from zhike.insight.warehouse import (
    CHANGE,
    PURCHASE,
    TABLES,
    Warehouse,
    append,
    backend,
    catalogue,
    compact,
    is_scattered,
    merge_customers,
    purchase_documents,
    purchases,
    purchases_of,
    query,
)

DAY = date(2025, 6, 1)


def merged(warehouse: Warehouse, pairs: dict[int, int | None], version: int) -> None:
    rows = [
        {
            "customer_key": key,
            "merged_into": into,
            "at": datetime(2025, 1, version, tzinfo=UTC),
            "sequence": version,
        }
        for key, into in pairs.items()
    ]
    changes = pa.Table.from_pylist(rows, schema=CHANGE.arrow)
    merge_customers(warehouse, changes, application="feed", version=version)


def test_an_empty_warehouse_answers(warehouse: Warehouse) -> None:
    assert purchases_of(warehouse, [1]).num_rows == 0
    assert purchases(warehouse).to_arrow_table().num_rows == 0
    assert purchase_documents(warehouse).to_arrow_table().num_rows == 0
    assert query(warehouse, "SELECT * FROM purchase").schema.names == list(PURCHASE.names)


def test_the_newest_purchases_of_a_customer_come_first(warehouse: Warehouse) -> None:
    rows = [line(key, date(2025, 1, day), day, f"D{key}-{day}") for key in (1, 2) for day in range(1, 29)]
    append(warehouse, PURCHASE, lines(rows), application="feed", version=1)
    first = purchases_of(warehouse, [1], limit=10)
    assert first["occurred_date"].to_pylist() == [date(2025, 1, day) for day in range(28, 18, -1)]
    last = first["occurred_at"][-1].as_py()
    following = purchases_of(warehouse, [1], limit=10, before=last)
    assert following["occurred_date"][0].as_py() == date(2025, 1, 18)
    assert set(following["customer_key"].to_pylist()) == {1}


def test_only_files_that_may_hold_the_customer_are_read(warehouse: Warehouse) -> None:
    from zhike.insight.warehouse.read import _holding
    from zhike.insight.warehouse.store import opened

    for version in range(4):
        rows = lines([line(version * 10 + at, DAY, 1, f"D{version}-{at}") for at in range(10)])
        append(warehouse, PURCHASE, rows, application="feed", version=version)
    delta = opened(warehouse, PURCHASE)
    assert len(_holding(delta, [15])) == 1
    assert len(_holding(delta, [5, 15])) == 2
    assert _holding(delta, [99]) == []
    assert is_scattered(warehouse, PURCHASE, files=3)
    compact(warehouse, PURCHASE)
    assert not is_scattered(warehouse, PURCHASE, files=3)
    assert purchases_of(warehouse, [15]).num_rows == 1


def test_purchases_follow_a_merge_and_its_taking_back(warehouse: Warehouse) -> None:
    rows = [line(key, DAY, key, f"D{key}") for key in (1, 2, 3)]
    append(warehouse, PURCHASE, lines(rows), application="feed", version=1)
    merged(warehouse, {1: None, 2: 1, 3: 2}, 1)

    def worth() -> dict[int, Decimal]:
        sums: dict[int, Decimal] = {}
        for row in purchase_documents(warehouse).to_arrow_table().to_pylist():
            sums[row["customer_key"]] = sums.get(row["customer_key"], Decimal(0)) + row["amount"]
        return sums

    assert worth() == {1: Decimal(6)}
    assert purchases_of(warehouse, [1]).num_rows == 3
    assert set(purchases(warehouse).to_arrow_table()["customer_key"].to_pylist()) == {1}
    merged(warehouse, {2: None, 3: None}, 2)
    assert worth() == {1: Decimal(1), 2: Decimal(2), 3: Decimal(3)}
    assert purchases_of(warehouse, [1]).num_rows == 1


def test_merges_that_run_in_a_circle_do_not_hang(warehouse: Warehouse) -> None:
    append(warehouse, PURCHASE, lines([line(1, DAY, 1)]), application="feed", version=1)
    merged(warehouse, {1: 2, 2: 1}, 1)
    assert purchases(warehouse).to_arrow_table().num_rows == 1


def test_documents_agree_with_the_lines_they_sum(warehouse: Warehouse) -> None:
    rows = [
        line(1, DAY, 10, "A", line_no=1),
        line(1, DAY, -4, "A", line_no=2),
        line(1, date(2025, 7, 1), 5, "A", line_no=3),
        line(None, DAY, 99, "B"),
    ]
    append(warehouse, PURCHASE, lines(rows), application="feed", version=1)
    june = purchase_documents(warehouse, Days(DAY, date(2025, 7, 1))).to_arrow_table().to_pylist()
    assert [(row["amount"], row["lines"]) for row in june] == [(Decimal(6), 2)]
    append(warehouse, PURCHASE, lines([line(2, DAY, 1, "C")]), application="feed", version=2)
    assert purchase_documents(warehouse).to_arrow_table().num_rows == 3
    for version in range(3, 9):
        append(warehouse, PURCHASE, many(1, start=version), application="feed", version=version)
        purchase_documents(warehouse)
    assert len(list((warehouse.root / "_summaries").iterdir())) == 3


def test_the_catalogue_describes_every_column_and_names_no_person() -> None:
    told = catalogue(TABLES)
    for table in TABLES:
        assert f"## {table.name} {table.zh}" in told
        assert set(table.key) | set(table.sort) | set(table.statistics) <= set(table.names)
        for column in table.columns:
            assert column.en
            assert column.zh
            assert f"| {column.name} | {column.type} |" in told
            assert not {"name", "phone", "email", "certificate", "address"} & set(column.name.split("_"))


def test_ibis_sees_the_tables(warehouse: Warehouse) -> None:
    append(warehouse, PURCHASE, many(20, customers=4), application="feed", version=1)
    purchase = backend(warehouse).table("purchase")
    found = (
        purchase.group_by("customer_key").agg(lines=purchase.count()).order_by("customer_key").to_pyarrow()
    )
    assert found.to_pylist() == [{"customer_key": key, "lines": 5} for key in range(4)]
