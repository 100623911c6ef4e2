"""Delimited text is split without losing a row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.tables import read, read_text
from tests.real_data import real_data
from zhike.feeds.files.delimited import DelimitedReader
from zhike.feeds.files.detect import detect
from zhike.feeds.files.options import BLANKS, Limits, TableOptions
from zhike.feeds.files.tabular import open_table


def test_csv_spectrum() -> None:
    folder = real_data("messy_csv") / "csv-spectrum"
    checked = 0
    for path in sorted((folder / "csvs").iterdir()):
        expected = json.loads((folder / "json" / f"{path.stem}.json").read_text())
        table = read(path)
        found = [dict(zip(table.columns, row, strict=True)) for row in table.cells]
        if "crlf" in path.name:
            # The stored copies lost their CRLF to the repository they lay in.
            expected = json.loads(json.dumps(expected).replace("\\r\\n", "\\n"))
        assert found == expected, path.name
        assert not table.refused
        checked += 1
    assert checked == 11


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_delimiter_and_line_end(tmp_path: Path, delimiter: str, end: str) -> None:
    rows = [
        ["姓名", "电话", "备注"],
        ["王小明", "13800138000", "老客户，1,5 折; 好"],
        ["李四", "010-88886666", ""],
    ]
    path = tmp_path / "table.txt"
    quoted = [delimiter.join(f'"{cell}"' for cell in row) for row in rows]
    path.write_text(end.join(quoted) + end, newline="")
    found = detect(path)
    assert (found.options.delimiter, found.line_end) == (delimiter, end)
    assert read(path).cells == rows[1:]


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a;b\n1,5;2,5\n1,7;2,8\n3,1;4,4\n")
    assert read(path).cells[0] == ["1,5", "2,5"]


def test_junk_before_the_header_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "客户名单,,\n导出时间：2024-03-05\n\n姓名,电话,城市\n王小明,13800138000,上海\n李四,13900139000,北京\n"
    )
    found = detect(path).options
    assert (found.header_row, found.first_row) == (4, 5)
    table = read(path)
    assert table.columns == ["姓名", "电话", "城市"]
    assert table.rows == [(5, ["王小明", "13800138000", "上海"]), (6, ["李四", "13900139000", "北京"])]


def test_a_file_without_a_header_keeps_its_first_row(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("1,13800138000,a@b.cn\n2,13900139000,c@d.cn\n")
    table = read(path)
    assert table.columns == ["A", "B", "C"]
    assert [number for number, _ in table.rows] == [1, 2]


def test_names_of_columns_are_unique(tmp_path: Path) -> None:
    assert read_text(tmp_path, "电话,电话,,电话\n1,2,3,4\n").columns == ["电话", "电话 (2)", "C", "电话 (3)"]


def test_rows_of_the_wrong_width_are_refused_with_their_cells(tmp_path: Path) -> None:
    table = read_text(tmp_path, "a,b\n1,2\n1,2,3\n1\n\n,\n1,2,,\n5,6\n")
    assert table.rows == [(2, ["1", "2"]), (7, ["1", "2"]), (8, ["5", "6"])]
    assert table.reasons == [(3, "row_too_many_cells"), (4, "row_too_few_cells")]
    assert table.refused[0].cells == ("1", "2", "3")


def test_short_rows_are_padded_when_told_so(tmp_path: Path) -> None:
    assert read_text(tmp_path, "a,b\n1\n", pad_short_rows=True).cells == [["1", None]]


def test_a_quotation_mark_that_stays_open_costs_its_own_line_only(tmp_path: Path) -> None:
    body = "".join(f"{number},ok\n" for number in range(30_000))
    table = read_text(tmp_path, 'a,b\n1,"two\n' + body + '3,"x ""y"" z"\n4,"end\n')
    assert table.reasons == [(2, "row_quote_open"), (30_004, "row_quote_open")]
    assert len(table.rows) == 30_001
    assert table.refused[0].cells == ('1,"two',)
    assert table.cells[-1] == ["3", 'x "y" z']


def test_quotation_marks_within_a_cell(tmp_path: Path) -> None:
    table = read_text(tmp_path, 'a,b\n5" nail,2\n"ABC" Ltd,3\n"A","B"x,"C"\n')
    assert table.cells == [['5" nail', "2"], ["ABC Ltd", "3"]]
    assert table.reasons == [(4, "row_quote_inside")]


def test_a_quoted_cell_may_span_blocks(tmp_path: Path) -> None:
    long = "行\r\n" * 200_000
    table = read_text(tmp_path, f'a,b\n1,"{long}"\n2,x\n', limits=Limits(line=4 << 20))
    assert table.cells == [["1", long], ["2", "x"]]
    assert [number for number, _ in table.rows] == [2, 3]


def test_blanks_align_columns(tmp_path: Path) -> None:
    table = read_text(tmp_path, " id  date   n \n 1 19970101  2\n 2   19970102 3\n", delimiter=BLANKS)
    assert (table.columns, table.cells) == (
        ["id", "date", "n"],
        [["1", "19970101", "2"], ["2", "19970102", "3"]],
    )


def test_chunks_resume_after_a_row(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "".join(f"{n},{'x,' * (n % 7 == 0)}y\n" for n in range(20_000)))
    options = TableOptions()
    with open_table(path, options=options) as table:
        chunks = list(table.chunks(700))
    assert [len(chunk.rows) for chunk in chunks[:-1]] == [700] * (len(chunks) - 1)
    assert chunks[-1].last_row == 20_001
    assert sum(len(chunk.rows) + len(chunk.refused) for chunk in chunks) == 20_000
    for at in (0, 5, 16):
        with open_table(path, options=options) as table:
            rest = list(table.chunks(700, after=chunks[at].last_row))
        later = chunks[at + 1 :]
        assert [row for chunk in rest for row in chunk.rows] == [row for chunk in later for row in chunk.rows]
        assert [row for c in rest for row in c.refused] == [row for c in later for row in c.refused]


@given(st.text(alphabet="ab,\"\n\r\0'= ", max_size=200), st.integers(min_value=1, max_value=20))
def test_any_text_in_any_blocks_gives_the_same_rows(text: str, size: int) -> None:
    """Where the stream is cut must not matter, and every line is accounted for."""

    def rows(parts: list[str]) -> object:
        reader = DelimitedReader(parts, TableOptions(header_row=None))
        pieces = list(reader.pieces())
        return (
            [row for piece in pieces for row in piece.rows],
            [row for piece in pieces for row in piece.refused],
            reader.row,
        )

    cut = [text[at : at + size] for at in range(0, len(text), size)]
    assert rows([text]) == rows(cut)
