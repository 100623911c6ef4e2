"""What is written is read back equal, and no spreadsheet finds a formula in it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Literal

import openpyxl
import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.feeds.tables import Whole, read
from zhike.feeds.files.detect import detect
from zhike.feeds.files.escapes import bare, harmless
from zhike.feeds.files.headers import REASON_COLUMN, ROW_COLUMN
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.reasons import reason
from zhike.feeds.files.refused import RefusedFile
from zhike.feeds.files.writers import CsvWriter, XlsxWriter

HARMFUL = [
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    " =1+1",
    "'=1+1",
    "''=1+1",
    "+86x",
    "-",
    "=",
]
HARMLESS = [
    "+8613800138000",
    "+86 138 0013 8000",
    "+1 (212) 555-0100",
    "-12.5",
    "-1,234.50",
    "+5",
    "-3%",
    "a=b",
    "'quoted'",
    "王",
]
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
active = st.sampled_from(["=", "+", "-", "@", "'", "''", "\t", "\r", "＝", " =", "+86 138", ""])
cell = st.tuples(active, text).map("".join)
tables = st.lists(st.tuples(cell, cell, cell).map(list), max_size=8)


@pytest.mark.parametrize("value", HARMFUL)
def test_formulas_are_guarded_in_csv(value: str) -> None:
    assert harmless(value).startswith("'")
    assert bare(harmless(value)) == value


@pytest.mark.parametrize("value", HARMLESS)
def test_phones_and_numbers_stay_as_they_are(value: str) -> None:
    assert harmless(value) == value
    assert bare(value) == value


@given(cell)
def test_guarding_is_undone_exactly(value: str) -> None:
    assert bare(harmless(value)) == value


def read_back(path: Path, encoding: str) -> Whole:
    return read(path, TableOptions(encoding=encoding))


def write_csv(
    path: Path, rows: list[list[str]], encoding: Literal["utf-8", "gb18030"], *, bom: bool = True
) -> int:
    with path.open("wb") as stream:
        writer = CsvWriter(stream, ["姓名", "=电话", "备注"], encoding=encoding, bom=bom)
        writer.write(rows)
        writer.close()
    return writer.rows


@pytest.mark.parametrize(("encoding", "bom"), [("utf-8", True), ("utf-8", False), ("gb18030", False)])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=tables)
def test_csv_comes_back_equal(
    tmp_path: Path, encoding: Literal["utf-8", "gb18030"], bom: bool, rows: list[list[str]]
) -> None:
    path = tmp_path / "out.csv"
    assert write_csv(path, rows, encoding, bom=bom) == len(rows)
    table = read_back(path, encoding)
    assert not table.refused
    assert table.cells == [row for row in rows if any(row)]


def test_detection_reads_our_own_csv(tmp_path: Path) -> None:
    rows = [["王小明", "+8613800138000", "=1+1"], ["李四", "-12.5", "，;|\t\"'\r\n"]] * 3
    encodings: tuple[Literal["utf-8", "gb18030"], ...] = ("utf-8", "gb18030")
    for encoding in encodings:
        write_csv(tmp_path / "out.csv", rows, encoding)
        assert read(tmp_path / "out.csv").cells == rows


def test_typed_values_in_csv() -> None:
    stream = io.BytesIO()
    writer = CsvWriter(stream, ["a", "b", "c", "d", "e", "f"], bom=False)
    writer.write([[1, -2.5, Decimal("1E+3"), dt.date(2024, 3, 5), None, True]])
    writer.close()
    assert stream.getvalue() == b"a,b,c,d,e,f\r\n1,-2.5,1000,2024-03-05,,TRUE\r\n"


def test_workbooks_hold_texts_not_formulas(tmp_path: Path) -> None:
    rows = [[value] for value in HARMFUL + HARMLESS]
    writer = XlsxWriter(["=名"])
    writer.write(rows)
    with (tmp_path / "out.xlsx").open("wb") as stream:
        writer.save(stream)
    assert writer.rows == len(rows)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    cells = [row[0] for row in sheet.iter_rows()]
    assert {found.data_type for found in cells} == {"s"}
    table = read(tmp_path / "out.xlsx", TableOptions(kind="spreadsheet"))
    kept = [value.replace("\r", "\n") for value in HARMFUL + HARMLESS]
    assert [(row[0] or "").replace("\r", "\n") for row in table.cells] == kept


def test_workbooks_keep_types_and_say_what_they_shorten(tmp_path: Path) -> None:
    writer = XlsxWriter(["数", "日", "文"], sheet="客户")
    writer.write(
        [
            [Decimal("1.5"), dt.date(2024, 3, 5), "长" * 40_000],
            [2, dt.datetime.fromisoformat("2024-03-05 08:00"), "a\0b\x07"],
        ]
    )
    with (tmp_path / "out.xlsx").open("wb") as stream:
        writer.save(stream)
    assert (writer.rows, writer.shortened) == (2, 1)
    table = read(tmp_path / "out.xlsx")
    assert table.columns == ["数", "日", "文"]
    assert table.cells[0][:2] == ["1.5", "2024-03-05"]
    assert len(table.cells[0][2] or "") == 32_767
    assert table.cells[1] == ["2", "2024-03-05 08:00:00", "a\ufffdb\ufffd"]


def refuse_file(path: Path, folder: Path) -> Path:
    """The refused rows of a file, as an import would write them."""
    table = read(path)
    out = folder / "refused.csv"
    with out.open("wb") as stream:
        refused = RefusedFile(stream, table.columns)
        for number, cells in table.rows:
            refused.write(number, cells, [reason("value_empty"), reason("value_date", text="x")])
        for row in table.refused:
            refused.add(row)
        refused.close()
        assert refused.rows == len(table.rows) + len(table.refused)
    return out


def test_refused_rows_come_back_without_our_columns(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('姓名,电话,备注\n王,+86138,=1+1\n李,"a\nb",\'x\n赵,1,2,3\n钱,1\n孙,"1,2\n')
    out = refuse_file(path, tmp_path)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream))
    assert lines[0][:2] == [REASON_COLUMN, ROW_COLUMN]
    assert lines[1][1:] == ["2", "王", "+86138", "'=1+1"]
    again = read(out)
    first = read(path)
    assert detect(out).options.header_row == 1
    assert again.columns == first.columns
    assert again.cells == first.cells
    assert again.refused[0].cells == ("赵", "1", "2", "3")
    assert len(again.rows) + len(again.refused) == len(first.rows) + len(first.refused)


def test_reasons_are_written_in_the_language_of_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("a,b\n1\n")
    with override("en"):
        assert "only 1 cells" in refuse_file(path, tmp_path).read_text("utf-8-sig")


def test_bad_bytes_and_nuls_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes("姓名,电话\n王,1\n李,2\n赵,".encode() + b"\xff\xfe\n\x00,2\n")
    assert "\\xff\\xfe" in (shown := refuse_file(path, tmp_path).read_text("utf-8-sig"))
    assert "\\x00" in shown
