"""The history of customers is the same whatever order the reports come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.lines import line, lines
from zhike.insight.warehouse import (
    CHANGE,
    CUSTOMER,
    PURCHASE,
    Warehouse,
    append,
    create,
    customers_as_of,
    forget_customers,
    merge_customers,
    query,
)
from zhike.insight.warehouse import history as history_module

START = datetime(2025, 1, 1, tzinfo=UTC)
Report = tuple[int, int, int, str | None]  # customer, day, sequence, grade

reports = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 6), st.sampled_from(["A", "B", None])),
    min_size=1,
    max_size=14,
).map(lambda found: [(key, day, at, grade) for at, (key, day, grade) in enumerate(found)])


def changes(found: list[Report]) -> pa.Table:
    rows = [
        {"customer_key": key, "grade": grade, "at": START + timedelta(days=day), "sequence": sequence}
        for key, day, sequence, grade in found
    ]
    return pa.Table.from_pylist(rows, schema=CHANGE.arrow)


def table(warehouse: Warehouse) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = query(
        warehouse, "SELECT * FROM customer ORDER BY customer_key, valid_from", tables=(CUSTOMER,)
    ).to_pylist()
    return rows


def expected(found: list[Report]) -> list[tuple[int, str | None, datetime, datetime | None]]:
    """The history told plainly: the last word on each moment, one row for each change."""
    said = {(key, day): grade for key, day, _, grade in sorted(found, key=lambda report: report[2])}
    rows: list[tuple[int, str | None, datetime, datetime | None]] = []
    for key, day in sorted(said):
        at = START + timedelta(days=day)
        if rows and rows[-1][0] == key:
            if rows[-1][1] == said[key, day]:
                continue
            rows[-1] = (*rows[-1][:3], at)
        rows.append((key, said[key, day], at, None))
    return rows


def short(rows: list[dict[str, Any]]) -> list[tuple[int, str | None, datetime, datetime | None]]:
    return [(row["customer_key"], row["grade"], row["valid_from"], row["valid_to"]) for row in rows]


def load(folder: Path, batches: list[list[Report]]) -> list[dict[str, Any]]:
    warehouse = Warehouse(folder, threads=1, memory="512MB")
    create(warehouse, (CUSTOMER,))
    for version, batch in enumerate(batches, 1):
        for _ in range(2):
            merge_customers(warehouse, changes(batch), application="feed", version=version)
    return table(warehouse)


@settings(max_examples=25)
@given(found=reports, order=st.randoms(use_true_random=False), size=st.integers(1, 5), many=st.booleans())
def test_batches_in_any_order_end_where_one_load_does(
    found: list[Report], order: Any, size: int, many: bool
) -> None:
    shuffled = list(found)
    order.shuffle(shuffled)
    batches = [shuffled[at : at + size] for at in range(0, len(shuffled), size)]
    limit = history_module._MANY
    try:
        # Both ways of writing: only the rows of the customers reported, and the whole table.
        history_module._MANY = 0 if many else limit
        with TemporaryDirectory() as folder:
            grown = load(Path(folder) / "grown", batches)
            rebuilt = load(Path(folder) / "rebuilt", [found])
    finally:
        history_module._MANY = limit
    assert grown == rebuilt
    assert short(grown) == expected(found)


def test_a_late_report_between_two_equal_ones_parts_them(warehouse: Warehouse) -> None:
    merge_customers(warehouse, changes([(1, 0, 1, "A"), (1, 4, 2, "A")]), application="feed", version=1)
    assert len(table(warehouse)) == 1
    merge_customers(warehouse, changes([(1, 2, 3, "B")]), application="feed", version=2)
    assert [row["grade"] for row in table(warehouse)] == ["A", "B", "A"]
    assert [row["is_current"] for row in table(warehouse)] == [False, False, True]


def test_customers_are_read_as_they_were(warehouse: Warehouse) -> None:
    found: list[Report] = [(1, 0, 1, "A"), (1, 3, 2, "B"), (2, 5, 3, "C")]
    merge_customers(warehouse, changes(found), application="feed", version=1)
    day = START.date()

    def grades(when: date | datetime) -> dict[int, str]:
        rows = customers_as_of(warehouse, when).to_pylist()
        return {row["customer_key"]: row["grade"] for row in rows}

    assert grades(day - timedelta(days=1)) == {}
    assert grades(day + timedelta(days=2)) == {1: "A"}
    assert grades(START + timedelta(days=3) - timedelta(microseconds=1)) == {1: "A"}
    assert grades(day + timedelta(days=3)) == {1: "B"}
    assert grades(day + timedelta(days=9)) == {1: "B", 2: "C"}


def test_a_forgotten_customer_leaves_purchases_of_an_unknown_buyer(warehouse: Warehouse) -> None:
    merge_customers(warehouse, changes([(1, 0, 1, "A"), (2, 0, 2, "A")]), application="feed", version=1)
    rows = lines([line(1, date(2025, 1, 1), 5, "A"), line(2, date(2025, 1, 1), 6, "B")])
    append(warehouse, PURCHASE, rows, application="import:1", version=1)
    for _ in range(2):
        forget_customers(warehouse, [1])
    assert [row["customer_key"] for row in table(warehouse)] == [2]
    found = query(
        warehouse, "SELECT customer_key, source_customer, amount FROM purchase ORDER BY amount"
    ).to_pylist()
    assert [(row["customer_key"], row["source_customer"]) for row in found] == [(None, None), (2, "2")]
