"""Workbooks are read as text cells, alike by both engines."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from tests.feeds.tables import Whole, read
from zhike.feeds.files.detect import detect
from zhike.feeds.files.messages import FileRefused
from zhike.feeds.files.options import Limits, TableOptions
from zhike.feeds.files.tabular import open_table

STREAMING = Limits(eager_sheet=0)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Two sheets; the second has junk above its header, every type of cell, and a blank row."""
    made = openpyxl.Workbook()
    made.active.title = "空表"
    sheet = made.create_sheet("客户")
    sheet.append(["2024年客户名单"])
    sheet.append(["姓名", "电话", "生日", "登记时间", "金额", "有效", "公式"])
    moment = dt.datetime.fromisoformat("2024-03-05 14:30")
    sheet.append(["王小明", 13800138000, dt.date(1990, 3, 5), moment, 1234.5, True, "=1+1"])
    sheet.append([])
    sheet.append(["李四", "+86 139 0013 9000", None, None, -0.1, False, None])
    sheet.append(["赵六", None, None, None, 1e-3, None, None, "多余"])
    made.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def whole(path: Path, limits: Limits = Limits()) -> Whole:
    return read(path, detect(path, limits=limits).options)


@pytest.mark.parametrize("limits", [Limits(), STREAMING])
def test_reads_typed_cells_as_text(book: Path, limits: Limits) -> None:
    found = detect(book, limits=limits)
    assert found.sheets == ("空表", "客户")
    assert (found.options.sheet, found.options.header_row) == ("客户", 2)
    table = whole(book, limits)
    assert table.columns == ["姓名", "电话", "生日", "登记时间", "金额", "有效", "公式"]
    assert table.rows == [
        (3, ["王小明", "13800138000", "1990-03-05", "2024-03-05 14:30:00", "1234.5", "TRUE", None]),
        (5, ["李四", "+86 139 0013 9000", None, None, "-0.1", "FALSE", None]),
    ]
    assert table.reasons == [(6, "row_too_many_cells")]


def test_the_sheet_is_chosen_by_name(book: Path) -> None:
    with pytest.raises(FileRefused) as caught:
        detect(book, sheet="没有")
    assert caught.value.reason.code == "file_no_sheet"
    assert detect(book, sheet="客户").options.sheet == "客户"
    with pytest.raises(FileRefused) as caught:
        detect(book, sheet="空表")
    assert caught.value.reason.code == "file_empty"


def test_both_engines_agree_on_many_rows_and_resume(tmp_path: Path) -> None:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet("t")
    sheet.append(["id", "name", "day", "value"])
    first = dt.date(2020, 1, 1)
    for at in range(3000):
        name = None if at % 11 == 0 else f"客户{at}"
        sheet.append([at, name, first + dt.timedelta(at), at / 7])
    made.save(tmp_path / "many.xlsx")
    eager, streaming = whole(tmp_path / "many.xlsx"), whole(tmp_path / "many.xlsx", STREAMING)
    assert eager == streaming
    assert len(eager.rows) == 3000
    with open_table(tmp_path / "many.xlsx", options=TableOptions(kind="spreadsheet")) as table:
        rest = [row for chunk in table.chunks(400, after=2500) for row in chunk.rows]
    assert rest == eager.rows[-501:]


def test_closing_early_ends_the_child(book: Path) -> None:
    table = open_table(book, options=TableOptions(kind="spreadsheet", header_row=2, sheet="客户"))
    table.close()
    table.close()
    with pytest.raises(FileRefused):
        list(open_table(book, options=TableOptions(kind="spreadsheet", header_row=99)).chunks())
