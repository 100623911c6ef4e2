"""Rows come into the warehouse exactly once, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.insight.lines import line, lines, many
from zhike.insight.warehouse import (
    PURCHASE,
    TABLES,
    Warehouse,
    WarehouseBusy,
    WarehouseError,
    WrongRows,
    append,
    compact,
    create,
    position,
    query,
    remove,
    replace,
    state,
    vacuum,
)
from zhike.insight.warehouse.store import opened


def rows(warehouse: Warehouse) -> int:
    return int(query(warehouse, "SELECT count(*) AS n FROM purchase", tables=(PURCHASE,))["n"][0].as_py())


def test_a_batch_sent_again_changes_nothing(warehouse: Warehouse) -> None:
    first = append(warehouse, PURCHASE, many(10), application="feed", version=3)
    again = append(warehouse, PURCHASE, many(10), application="feed", version=3)
    older = append(warehouse, PURCHASE, many(10), application="feed", version=2)
    assert (first.applied, again.applied, older.applied) == (True, False, False)
    assert (first.rows, again.rows, rows(warehouse)) == (10, 0, 10)


def test_the_control_without_a_transaction_doubles_rows(warehouse: Warehouse) -> None:
    for _ in range(2):
        write_deltalake(opened(warehouse, PURCHASE), many(10), mode="append")
    assert rows(warehouse) == 20


def test_applications_keep_their_own_positions(warehouse: Warehouse) -> None:
    append(warehouse, PURCHASE, many(4), application="feed:a", version=7)
    append(warehouse, PURCHASE, many(4, start=4), application="feed:b", version=1)
    assert position(warehouse, PURCHASE, "feed:a") == 7
    assert position(warehouse, PURCHASE, "feed:c") is None
    found = next(each for each in state(warehouse, ["feed:a", "feed:b"]) if each.name == "purchase")
    assert (found.rows, found.positions) == (8, {"feed:a": 7, "feed:b": 1})


def test_one_batch_sent_by_eight_at_once_arrives_once(warehouse: Warehouse) -> None:
    def send(_: int) -> str:
        try:
            return (
                "done"
                if append(warehouse, PURCHASE, many(50), application="feed", version=1).applied
                else "again"
            )
        except WarehouseBusy:
            return "busy"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(send, range(8)))
    assert outcomes.count("done") == 1
    assert rows(warehouse) == 50


def test_different_batches_sent_at_once_all_arrive(warehouse: Warehouse) -> None:
    def send(number: int) -> None:
        batch = many(50, start=number * 50)
        append(warehouse, PURCHASE, batch, application=f"import:{number}", version=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    assert rows(warehouse) == 400


def test_a_source_that_breaks_off_leaves_nothing(warehouse: Warehouse) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield from many(100).to_batches()
        raise ConnectionError("the source went away")

    reader = pa.RecordBatchReader.from_batches(PURCHASE.arrow, broken())
    with pytest.raises(OSError, match="the source went away"):
        append(warehouse, PURCHASE, reader, application="feed", version=1)
    assert rows(warehouse) == 0
    assert append(warehouse, PURCHASE, many(100), application="feed", version=1).applied


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (many(2).drop_columns(["document"]), "document is missing"),
        (many(2).append_column("phone", pa.array(["1", "2"])), "no column phone"),
        (
            lines([line(1, date(2025, 1, 1), 1)]).set_column(1, "document", pa.nulls(1, pa.string())),
            "purchase.document",
        ),
        (many(2).set_column(2, "line_no", pa.array(["one", "two"])), "purchase.line_no"),
        (many(1).set_column(11, "occurred_at", pa.array([0], pa.timestamp("us"))), "time zone"),
    ],
)
def test_rows_that_do_not_fit_are_refused_by_name(
    warehouse: Warehouse, table: pa.Table, message: str
) -> None:
    with pytest.raises(WrongRows, match=message):
        append(warehouse, PURCHASE, table, application="feed", version=1)
    assert rows(warehouse) == 0
    assert position(warehouse, PURCHASE, "feed") is None


def test_optional_columns_may_be_absent_and_whole_numbers_become_exact(warehouse: Warehouse) -> None:
    table = many(2).drop_columns(["description", "product"])
    table = table.set_column(
        table.schema.get_field_index("quantity"), "quantity", pa.array([3, 4], pa.int64())
    )
    append(warehouse, PURCHASE, table, application="feed", version=1)
    found = query(warehouse, "SELECT sum(quantity) AS pieces, count(product) AS named FROM purchase")
    assert found.to_pylist() == [{"pieces": 7, "named": 0}]


def test_more_places_than_are_kept_are_rounded_halves_away_from_zero(warehouse: Warehouse) -> None:
    amounts = pa.array(map(Decimal, ("1.00005", "-1.00005", "2.00004999")), pa.decimal128(38, 10))
    table = many(3).set_column(PURCHASE.names.index("amount"), "amount", amounts)
    append(warehouse, PURCHASE, table, application="feed", version=1)
    found = query(warehouse, "SELECT amount FROM purchase ORDER BY line_no")["amount"].to_pylist()
    assert found == [Decimal("1.0001"), Decimal("-1.0001"), Decimal("2")]


def test_undo_of_an_import_removes_its_rows_only(warehouse: Warehouse) -> None:
    append(warehouse, PURCHASE, many(30, job="a"), application="import:a", version=1)
    append(warehouse, PURCHASE, many(20, start=30, job="it's"), application="import:b", version=1)
    assert remove(warehouse, PURCHASE, "job", ["it's"]).rows == 20
    assert remove(warehouse, PURCHASE, "job", ["it's"]).rows == 0
    assert rows(warehouse) == 30
    with pytest.raises(WarehouseError, match="no column"):
        remove(warehouse, PURCHASE, "1=1 OR job", ["a"])


def test_creation_may_be_repeated_and_brings_new_columns(warehouse: Warehouse) -> None:
    older = next(table for table in TABLES if table.name == "purchase")
    root = Warehouse(warehouse.root.parent / "older")
    without = older.__class__(
        **{name: getattr(older, name) for name in older.__slots__}
        | {"columns": tuple(column for column in older.columns if column.name != "description")}
    )
    create(root, (without,))
    append(root, without, many(3).drop_columns(["description"]), application="feed", version=1)
    create(root)
    create(root)
    append(root, PURCHASE, many(2, start=3), application="feed", version=2)
    found = query(root, "SELECT count(*) AS n, count(description) AS told FROM purchase")
    assert found.to_pylist() == [{"n": 5, "told": 2}]


def test_compaction_keeps_every_row_also_those_that_come_meanwhile(warehouse: Warehouse) -> None:
    for version in range(5):
        append(warehouse, PURCHASE, many(40, start=40 * version), application="feed", version=version)
    snapshot = opened(warehouse, PURCHASE)
    append(warehouse, PURCHASE, many(7, start=500), application="feed", version=9)
    replace(warehouse, PURCHASE, many(200), application="rewrite", version=1, snapshot=snapshot)
    assert rows(warehouse) == 207
    assert compact(warehouse, PURCHASE).applied
    assert rows(warehouse) == 207
    assert len(opened(warehouse, PURCHASE).file_uris()) == 1
    assert not compact(warehouse, PURCHASE).applied
    keys = query(warehouse, "SELECT customer_key FROM purchase")["customer_key"].to_pylist()
    assert keys == sorted(keys)


def test_rows_removed_during_a_compaction_do_not_come_back(warehouse: Warehouse) -> None:
    append(warehouse, PURCHASE, many(40), application="feed", version=1)
    snapshot = opened(warehouse, PURCHASE)
    remove(warehouse, PURCHASE, "job", ["job-1"])
    with pytest.raises(WarehouseBusy):
        replace(warehouse, PURCHASE, many(40), application="rewrite", version=1, snapshot=snapshot)
    assert rows(warehouse) == 0


def test_vacuum_deletes_what_no_version_needs(warehouse: Warehouse) -> None:
    append(warehouse, PURCHASE, many(40), application="feed", version=1)
    append(warehouse, PURCHASE, many(40, start=40), application="feed", version=2)
    stray = warehouse.path(PURCHASE) / "part-of-a-killed-writer.parquet"
    stray.write_bytes(b"half")
    compact(warehouse, PURCHASE)
    assert stray in vacuum(warehouse, PURCHASE, keep_hours=0)
    assert rows(warehouse) == 80
    assert len(list(warehouse.path(PURCHASE).glob("*.parquet"))) == 1
