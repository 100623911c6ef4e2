"""Files that mean harm or are none: each is refused with its reason, in bounded memory."""

from __future__ import annotations

import gzip
import os
import resource
import threading
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.feeds.tables import read, read_text, text_cell, workbook
from zhike.feeds.files.delimited import DelimitedReader
from zhike.feeds.files.detect import detect
from zhike.feeds.files.messages import FileRefused
from zhike.feeds.files.options import Limits, TableOptions
from zhike.feeds.files.streams import decoded
from zhike.feeds.files.tabular import open_table

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
SPREADSHEET = TableOptions(kind="spreadsheet")


def refusal(path: Path, options: TableOptions | None = None) -> str:
    """The code of the reason for which a file is refused."""
    with pytest.raises(FileRefused) as caught:
        read(path, options)
    assert str(caught.value)
    return caught.value.reason.code


def written(folder: Path, name: str, body: bytes) -> Path:
    path = folder / name
    path.write_bytes(body)
    return path


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("empty.csv", b"", "file_empty"),
        ("blank.csv", b"\xef\xbb\xbf\r\n \r\n", "file_empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "file_not_table"),
        ("drawing.csv", b"<svg xmlns='x'><script>alert(1)</script></svg>", "file_not_table"),
        ("drawing2.csv", b"<?xml version='1.0'?>\n<!-- a --><svg onload='x'/>", "file_not_table"),
        ("page.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>", "file_web_page"),
        ("data.csv", b'{"a": 1}', "file_not_table"),
        ("paper.xlsx", b"%PDF-1.7\n" + bytes(50), "file_not_table"),
        ("program.csv", b"\x7fELF" + bytes(range(256)), "file_not_table"),
        ("noise.csv", bytes(range(1, 256)) * 40, "file_binary"),
        ("nul.csv", bytes(5000), "file_empty"),
        ("twice.csv.gz", gzip.compress(gzip.compress(b"a,b\n1,2\n")), "file_compressed_twice"),
        ("cut.csv.gz", gzip.compress(os.urandom(1000).hex().encode())[:-300], "file_damaged"),
        ("broken.xlsx", b"PK\x03\x04" + bytes(200), "file_damaged"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file_damaged"),
    ],
)
def test_what_is_no_table_is_refused_by_content(tmp_path: Path, name: str, body: bytes, code: str) -> None:
    assert refusal(written(tmp_path, name, body)) == code


def test_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv") == "file_missing"


def test_the_content_decides_not_the_extension(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "电话"])
    book.active.append(["王小明", "13800138000"])
    book.save(tmp_path / "really_a_workbook.csv")
    assert read(tmp_path / "really_a_workbook.csv").cells == [["王小明", "13800138000"]]
    assert read(written(tmp_path, "really_text.xlsx", "姓名,电话\n王小明,1\n".encode())).columns == [
        "姓名",
        "电话",
    ]


def test_only_a_header(tmp_path: Path) -> None:
    table = read(written(tmp_path, "header.csv", "姓名,电话,邮箱".encode()))
    assert (table.columns, table.rows) == (["姓名", "电话", "邮箱"], [])


def test_nul_characters_refuse_their_row(tmp_path: Path) -> None:
    table = read_text(tmp_path, b"a,b\n1,2\n3,\x004\n5,6\n")
    assert table.reasons == [(3, "row_nul")]
    assert len(table.rows) == 2


def test_a_million_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "wide.csv", b",".join(b"c" for _ in range(500_000)) + b"\n")
    assert refusal(path, TableOptions()) == "file_columns"
    path = written(tmp_path, "wider.csv", b"," * 3_000_000 + b"\n1,2\n")
    assert refusal(path, TableOptions()) == "file_no_header"


def test_a_row_of_a_million_cells_is_one_refused_row(tmp_path: Path) -> None:
    table = read_text(tmp_path, "a,b\n" + "1," * 500_000 + "\n3,4\n")
    assert table.cells == [["3", "4"]]
    assert len(table.refused) == 0 or table.reasons == [(2, "row_too_many_cells")]


def test_a_long_line_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    table = read_text(tmp_path, "a,b\n1,2\n" + "x" * 3_000_000 + ",y\n3,4\n")
    assert table.cells == [["1", "2"], ["3", "4"]]
    assert table.reasons == [(3, "row_too_long")]


def test_an_endless_line_stops_in_bounded_memory(tmp_path: Path) -> None:
    """10 GB of one line, as a file with a hole: reading it stops at the limit and says at which line."""
    path = tmp_path / "endless.csv"
    with path.open("wb") as handle:
        handle.write(b"a,b\n1,2\n")
        handle.truncate(10 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_table(path, options=TableOptions()) as table, pytest.raises(FileRefused) as caught:
        list(table.chunks())
    assert caught.value.reason.code == "file_endless_line"
    assert caught.value.reason.params["row"] == 3
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


def test_an_endless_line_through_a_pipe() -> None:
    """A writer that never ends a line is left alone after 64 MB."""
    source, sink = os.pipe()

    def pour() -> None:
        with os.fdopen(sink, "wb") as handle:
            try:
                handle.write(b"a,b\n")
                for _ in range(10_000):
                    handle.write(b"x" * (1 << 20))
            except BrokenPipeError:
                return

    writer = threading.Thread(target=pour)
    writer.start()
    with os.fdopen(source, "rb") as handle:
        blocks = iter(lambda: handle.read(1 << 18), b"")
        with pytest.raises(FileRefused, match="2"):
            list(DelimitedReader(decoded(blocks, "utf-8"), TableOptions()).pieces())
    writer.join(timeout=30)
    assert not writer.is_alive()


def test_a_gzip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as handle:
        handle.write(b"a,b\n")
        handle.write(b"\n" * (3 << 20))
    assert refusal(path, TableOptions(limits=Limits(ratio_from=1 << 20))) == "file_ratio"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = workbook(tmp_path / "bomb.xlsx", "", more={"xl/worksheets/sheet2.xml": b" " * (300 << 20)})
    assert refusal(path, SPREADSHEET) == "file_ratio"
    assert refusal(path) == "file_ratio"


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path) -> None:
    path = workbook(tmp_path / "large.xlsx", "", more={"xl/media/a.bin": os.urandom(1 << 20) * 3})
    assert refusal(path, TableOptions(kind="spreadsheet", limits=Limits(unpacked=2 << 20))) == "file_bomb"


def test_an_archive_of_very_many_parts(tmp_path: Path) -> None:
    path = workbook(tmp_path / "parts.xlsx", "", more={f"xl/p{at}": b"" for at in range(3000)})
    assert refusal(path) == "file_entries"


@pytest.mark.parametrize("doctype", [LAUGHS, EXTERNAL])
def test_entities_in_a_workbook(tmp_path: Path, doctype: str) -> None:
    rows = f"<row>{text_cell('&a;')}</row>"
    assert refusal(workbook(tmp_path / "xxe.xlsx", rows, doctype=doctype)) == "file_doctype"


def test_entities_hidden_by_utf16(tmp_path: Path) -> None:
    hidden = ('<?xml version="1.0" encoding="utf-16"?>' + LAUGHS + "<a/>").encode("utf-16")
    assert refusal(workbook(tmp_path / "x.xlsx", "", more={"xl/styles.xml": hidden})) == "file_doctype"


def test_names_that_climb_out(tmp_path: Path) -> None:
    path = workbook(tmp_path / "climb.xlsx", "", more={"../../etc/cron.d/x": b"1"})
    assert refusal(path) == "file_part_name"


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "tables.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    assert refusal(path) == "file_archive"


def test_a_truncated_workbook(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "whole.xlsx", f"<row>{text_cell('a')}</row>" * 100).read_bytes()
    assert refusal(written(tmp_path, "cut.xlsx", whole[: len(whole) // 2])) == "file_damaged"


def test_a_workbook_whose_sheet_is_rubbish(tmp_path: Path) -> None:
    path = workbook(tmp_path / "rubbish.xlsx", "<row><c></row></wrong>")
    assert refusal(path) == "file_damaged"


def test_the_child_ends_at_its_memory_limit(tmp_path: Path) -> None:
    path = workbook(tmp_path / "fat.xlsx", f"<row>{text_cell('x' * (60 << 20))}</row>")
    tight = Limits(child_memory=200 << 20, ratio=1 << 20)
    assert refusal(path, TableOptions(kind="spreadsheet", limits=tight)) == "file_memory"


def test_the_child_ends_at_its_time_limit(tmp_path: Path) -> None:
    rows = "".join(f"<row>{text_cell(str(at))}</row>" for at in range(400_000))
    path = workbook(tmp_path / "slow.xlsx", rows)
    hasty = Limits(child_cpu=1, eager_sheet=0)
    assert refusal(path, TableOptions(kind="spreadsheet", limits=hasty)) == "file_time"


def test_a_silent_child_is_not_waited_for(tmp_path: Path) -> None:
    path = workbook(tmp_path / "one.xlsx", f"<row>{text_cell('a')}</row>")
    silent = Limits(child_silence=0.0)
    assert refusal(path, TableOptions(kind="spreadsheet", limits=silent)) == "file_time"


def test_a_cell_far_away_does_not_fill_the_memory(tmp_path: Path) -> None:
    rows = f'<row r="1">{text_cell("name")}</row><row r="2"><c r="A2"><v>1</v></c></row>'
    rows += '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = workbook(tmp_path / "far.xlsx", rows)
    table = read(path, TableOptions(kind="spreadsheet", limits=Limits(child_memory=700 << 20)))
    assert table.cells == [["1"]]
    assert table.reasons == [(1_048_576, "row_too_many_cells")]


def test_detection_reads_no_more_than_it_must(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as handle:
        handle.write("姓名,电话\n".encode())
        handle.truncate(20 << 30)
    with pytest.raises(FileRefused) as caught:
        detect(path)
    assert caught.value.reason.code == "file_binary"
