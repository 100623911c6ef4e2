"""The encoding of a file is found from its bytes."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from tests.feeds.tables import read
from tests.real_data import real_data
from zhike.feeds.files.detect import detect
from zhike.feeds.files.encodings import guess_encodings

TRADITIONAL = """客戶編號,姓名,電話,地址
1,陳大文,0912345678,臺北市信義區忠孝東路五段
2,林美麗,0922333444,高雄市前鎮區中山路
3,李國強股份有限公司,02-23456789,臺中市西屯區臺灣大道
4,張淑芬,0955777888,服務態度很好，送貨速度快，下次還會再來購買
"""
SIMPLIFIED = """客户编号,姓名,电话,地址
1,欧阳娜娜,13800138000,上海市浦东新区世纪大道100号
2,王小明,13900139000,北京市朝阳区建国路
3,深圳市腾讯计算机系统有限公司,0755-86013388,广东省深圳市南山区
"""
WESTERN = "name,city\nMüller GmbH,Köln\nJosé García,Málaga\nFrançois Lefèvre,Orléans\n"


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "utf-16", "utf-16-le"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (SIMPLIFIED, "utf-32", "utf-32-le"),
        (TRADITIONAL, "big5", "big5hkscs"),
        (TRADITIONAL, "cp950", "big5hkscs"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "utf-8", "utf-8"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN, "latin-1", "cp1252"),
        (WESTERN, "utf-16-be", "utf-16-be"),
        ("a,b\n1,2\n", "ascii", "utf-8"),
    ],
)
def test_finds_the_encoding_and_reads_the_same_text(
    tmp_path: Path, text: str, encoding: str, expected: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    found = detect(path).options
    assert found.encoding == expected
    table = read(path, found)
    lines = [line.split(",") for line in text.splitlines()]
    assert [table.columns, *table.cells] == lines


def test_finds_chinese_that_begins_late(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes(b"id,name\n" + b"1,Smith\n" * 200_000 + "2,欧阳娜娜\n3,王小明\n".encode("gbk"))
    assert detect(path).options.encoding == "gb18030"
    assert read(path).cells[-2:] == [["2", "欧阳娜娜"], ["3", "王小明"]]


def test_bytes_of_another_encoding_refuse_their_row_only(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_bytes(SIMPLIFIED.encode() + "4,王五,1,武汉\n".encode("gbk") + "5,赵六,2,长沙\n".encode())
    table = read(path)
    assert table.reasons == [(5, "row_bad_bytes")]
    assert table.cells[-1] == ["5", "赵六", "2", "长沙"]


def test_the_euro_sign_of_windows_in_gbk(tmp_path: Path) -> None:
    path = tmp_path / "euro.csv"
    path.write_bytes("姓名,价格\n王小明,".encode("gbk") + b"\x80" + b"5\n")
    assert read(path).cells == [["王小明", "€5"]]


def test_rare_characters_and_emoji_survive(tmp_path: Path) -> None:
    path = tmp_path / "rare.csv"
    path.write_bytes("姓名,备注\n𬎆䶮,好吃😀，味道足\n".encode("gb18030"))
    assert read(path, encoding="gb18030").cells == [["𬎆䶮", "好吃😀，味道足"]]


def test_gzip_is_read_through(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(SIMPLIFIED.encode("gbk")))
    assert detect(path).packed
    assert read(path).cells[0][1] == "欧阳娜娜"


DERIVED = {
    "waimai500_gb18030.csv": "gb18030",
    "waimai500_gbk.csv": "gb18030",
    "waimai500_semicolon_quoted_utf8.csv": "utf-8",
    "waimai500_utf16_bom_le.csv": "utf-16-le",
    "waimai500_utf16be_nobom.csv": "utf-16-be",
    "waimai500_utf8_bom.csv": "utf-8",
}


def test_every_derived_encoding_reads_equal() -> None:
    folder = real_data("messy_csv") / "derived_encodings"
    tables = {name: read(folder / name) for name in DERIVED}
    for name, encoding in DERIVED.items():
        assert detect(folder / name).options.encoding == encoding
    reference = tables.pop("waimai500_utf8_bom.csv")
    assert len(reference.rows) == 500
    for name, table in tables.items():
        assert table.columns == reference.columns
        assert not table.refused
        differing = [
            (found, wanted)
            for found, wanted in zip(table.cells, reference.cells, strict=True)
            if found != wanted
        ]
        if name == "waimai500_gbk.csv":
            # GBK has no emoji: when the file was made they became question marks.
            assert all("?" in str(found[1]) for found, _ in differing)
            assert len(differing) < 5
        else:
            assert not differing, name


def test_real_gbk_lists_have_all_their_rows() -> None:
    folder = real_data("messy_csv") / "gbk_real"
    rows = {path.name: len(read(path).rows) for path in folder.iterdir()}
    assert rows == {
        "tushare_stock_basic_gbk.csv": 4347,
        "tushare_stock_concept_gbk.csv": 11402,
        "baostock_stock_basic_gbk.csv": 4732,
    }


def test_wrong_guesses_on_short_pieces_of_real_text_are_rare() -> None:
    """One to five lines at a time, in every encoding: fewer than 1 in 200 may be taken for another."""
    folder = real_data("messy_csv") / "gbk_real"
    lines = [
        line
        for path in sorted(folder.iterdir())
        for line in path.read_text("gb18030").splitlines()
        if not line.isascii()
    ]
    chance = random.Random(7)
    wrong = tried = 0
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        for _ in range(300):
            text = "\n".join(chance.choices(lines, k=chance.randint(1, 5))) + "\n"
            tried += 1
            wrong += guess_encodings(text.encode(encoding))[0].encoding != encoding
    assert wrong * 200 < tried
