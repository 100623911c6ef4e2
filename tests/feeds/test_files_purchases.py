"""Purchase lines become Arrow batches, by the fast way and the tolerant one alike."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.real_data import real_data
from zhike.feeds.files import purchases
from zhike.feeds.files.messages import FileRefused
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.presets import load_preset, preset_names
from zhike.feeds.files.purchase_mapping import PurchaseMapping
from zhike.feeds.files.purchases import PurchaseTotals, open_purchases

MAPPING = PurchaseMapping.from_json(
    {
        "zone": "Asia/Shanghai",
        "fields": {
            "document": {"column": "单号"},
            "customer": {"column": "客户", "form": "whole"},
            "product": {"column": "商品"},
            "quantity": {"column": "数量"},
            "unit_price": {"column": "单价"},
            "occurred_at": {"column": "时间"},
            "currency": {"value": "CNY"},
        },
    }
)
HEADER = "单号,客户,商品,数量,单价,时间\n"


def loaded(
    path: Path, mapping: PurchaseMapping = MAPPING, options: TableOptions | None = None, after: int = 0
) -> tuple[list[dict[str, Any]], list[Any], PurchaseTotals]:
    with open_purchases(path, mapping, options=options or TableOptions()) as table:
        lines: list[dict[str, Any]] = []
        refused: list[Any] = []
        for batch in table.batches(after=after):
            lines += batch.lines.to_pylist()
            refused += batch.refused
        return lines, refused, table.totals


def test_online_retail_has_its_published_totals() -> None:
    preset = load_preset("online-retail")
    path = real_data("online_retail") / "online_retail.csv.gz"
    customers: set[str | None] = set()
    with open_purchases(path, preset.mapping, options=preset.options) as table:
        for batch in table.batches():
            customers.update(batch.lines["source_customer"].unique().to_pylist())
            assert not batch.refused
    totals = table.totals
    assert (totals.rows, totals.refused) == (541_909, 0)
    assert totals.lines_without_customer == 135_080
    assert totals.negative_quantity == 10_624
    assert round(totals.amount, 2) == Decimal("9747747.93")
    assert len(customers - {None}) == 4372
    assert "17850" in customers


def test_cdnow_has_its_published_totals() -> None:
    preset = load_preset("cdnow")
    lines, refused, totals = loaded(real_data("cdnow") / "CDNOW_master.txt", preset.mapping, preset.options)
    assert (totals.rows, len(refused)) == (69_659, 0)
    assert round(totals.amount, 2) == Decimal("2500315.63")
    assert sum(line["quantity"] for line in lines) == 167_881
    assert len({line["source_customer"] for line in lines}) == 23_570
    assert lines[0]["document"] == "00001-19970101"
    assert len({(line["document"], line["line_no"]) for line in lines}) == len(lines)


def test_a_line_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(HEADER + "D1,17850.0,茶,-2,￥1.50,2024年3月5日 08:00\nD1,,杯,1,2,2024-03-05 08:00:00\n")
    lines, refused, totals = loaded(path)
    assert not refused
    assert lines[0] == {
        "source_row": 2,
        "document": "D1",
        "line_no": 1,
        "source_customer": "17850",
        "product": "茶",
        "description": None,
        "quantity": Decimal("-2.0000"),
        "unit_price": Decimal("1.500000"),
        "amount": Decimal("-3.0000000000"),
        "occurred_at": dt.datetime(2024, 3, 5, tzinfo=dt.UTC),
        "currency": "CNY",
    }
    assert (lines[1]["line_no"], lines[1]["source_customer"]) == (2, None)
    assert totals == PurchaseTotals(2, 0, 1, 1, Decimal(-1))


def test_bad_lines_are_refused_with_the_column(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(HEADER + "D1,1,茶,x,1,2024-03-05\nD2,1,茶,1,1,\n\nD3,1\n,,,,,\nD4,1,茶,1,1,2024-03-05\n")
    lines, refused, totals = loaded(path)
    assert [line["source_row"] for line in lines] == [7]
    assert [(row.source_row, row.reason.code, row.column) for row in refused] == [
        (2, "value_number", "数量"),
        (3, "value_empty", "时间"),
        (5, "row_too_few_cells", None),
    ]
    assert refused[0].cells == ("D1", "1", "茶", "x", "1", "2024-03-05")
    assert "数量" in str(refused[0])
    assert (totals.rows, totals.refused) == (1, 3)


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FileRefused, match="单号"):
        open_purchases(path, MAPPING, options=TableOptions())


def test_purchases_from_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append(["D1", 17850, "茶", 2, 1.5, dt.datetime.fromisoformat("2024-03-05 08:00")])
    book.save(tmp_path / "p.xlsx")
    [line], refused, _ = loaded(tmp_path / "p.xlsx", options=TableOptions(kind="spreadsheet"))
    assert not refused
    assert (line["source_customer"], line["amount"]) == ("17850", Decimal(3))
    assert line["occurred_at"] == dt.datetime(2024, 3, 5, tzinfo=dt.UTC)


def test_resuming_gives_what_was_left(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    rows = [
        f"D{at // 3},{at % 50},茶{'，' * 40},{at % 9 - 1},1.25,2024-03-05 08:00:00\n" for at in range(30_000)
    ]
    path.write_text(HEADER + "".join(rows))
    lines, _, totals = loaded(path)
    assert totals.rows == 30_000
    for after in (0, 1, 2, 12_345, 30_000, 30_001):
        rest, _, left = loaded(path, after=after)
        assert rest == [line for line in lines if line["source_row"] > after]
        assert left.rows == len(rest)


def test_local_times_that_a_change_of_clocks_repeats_or_skips(tmp_path: Path) -> None:
    london = PurchaseMapping.from_json({**MAPPING.to_json(), "zone": "Europe/London"})
    stamps = ["2011-10-30 01:30:00", "2011-03-27 01:30:00", "2011-07-01 12:00:00"]
    path = tmp_path / "p.csv"
    path.write_text(HEADER + "".join(f"D,1,x,1,1,{stamp}\n" for stamp in stamps))
    lines, refused, _ = loaded(path, london)
    assert not refused
    assert [f"{line['occurred_at']:%m-%d %H:%M}" for line in lines] == [
        "10-30 00:30",
        "03-27 01:30",
        "07-01 11:00",
    ]


cell = st.text(alphabet="ab1.\"'\r ", max_size=5)
line = st.one_of(
    st.tuples(
        cell,
        cell,
        cell,
        st.sampled_from(["1", "-2", "1.5", "x", "", "１"]),
        st.sampled_from(["1", "2.25", "¥3", ""]),
    ).map(lambda cells: ",".join([*cells, "2024-03-05 08:00:00"])),
    st.text(alphabet='a,"1', max_size=12),
    st.just('D,1,"a,b",1,2,2024-03-05'),
    st.just('D,1,"a\nb",1,2,2024/3/5'),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(line, max_size=12))
def test_the_fast_way_and_the_tolerant_one_agree(tmp_path: Path, rows: list[str]) -> None:
    path = tmp_path / "p.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", newline="")
    fast = loaded_by_arrow(path, allowed=True)
    assert fast == loaded_by_arrow(path, allowed=False)


def loaded_by_arrow(path: Path, *, allowed: bool) -> tuple[object, ...]:
    """Lines, refusals and totals, with or without the fast way: an escape character that never occurs forbids it."""
    options = TableOptions(escape=None if allowed else "\x1f")
    lines, refused, totals = loaded(path, options=options)
    return lines, refused, totals


def test_presets_are_whole() -> None:
    assert preset_names() == ["cdnow", "online-retail"]
    for name in preset_names():
        preset = load_preset(name)
        assert set(preset.title) == {"zh", "en"}
        assert PurchaseMapping.from_json(preset.mapping.to_json()) == preset.mapping
        assert TableOptions.from_json(preset.options.to_json()) == preset.options
    with pytest.raises(FileRefused):
        load_preset("../x")


@pytest.mark.parametrize(
    "broken",
    [
        {"fields": {}},
        {"fields": {"colour": {"column": "a"}}},
        {"fields": {"quantity": {}}},
        {
            "fields": {
                "quantity": {"column": "a"},
                "occurred_at": {"column": "b"},
                "currency": {"value": "CNY"},
            }
        },
    ],
)
def test_a_mapping_that_cannot_work_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="field"):
        PurchaseMapping.from_json(broken)


def test_the_schema_is_what_others_rely_on() -> None:
    assert purchases.SCHEMA.names[0] == "source_row"
    assert str(purchases.SCHEMA.field("amount").type) == "decimal128(38, 10)"
