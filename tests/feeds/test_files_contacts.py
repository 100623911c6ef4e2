"""vCard 2.1, 3.0 and 4.0 become rows, and cards written come back equal."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.tables import read
from tests.real_data import real_data
from zhike.feeds.files.detect import detect
from zhike.feeds.files.options import Limits
from zhike.feeds.files.vcards import BrokenCard, Card, Entry, PostalAddress, read_cards
from zhike.feeds.files.writers import card_text, write_cards


def cards(text: str) -> list[Card | BrokenCard]:
    return list(read_cards([text], Limits()))


def only(text: str) -> Card:
    [card] = cards(text)
    assert isinstance(card, Card)
    return card


def test_the_chinese_cards_are_equal_in_both_encodings() -> None:
    folder = real_data("contacts") / "derived"
    new, old = read(folder / "metowolf_cn_v3_utf8.vcf"), read(folder / "metowolf_cn_v21_gb18030_qp.vcf")
    assert len(new.rows) == len(old.rows) == 314
    assert not new.refused
    assert not old.refused
    assert {"Full name", "Organisation", "Phone 1", "Phone 10"} <= set(old.columns) <= set(new.columns)
    places = [new.columns.index(column) for column in old.columns]
    assert [[row[at] for at in places] for row in new.cells] == old.cells


def test_old_cards_with_quoted_printable_in_gb18030() -> None:
    text = (
        "BEGIN:VCARD\r\nVERSION:2.1\r\n"
        "N;CHARSET=GB2312;ENCODING=QUOTED-PRINTABLE:=CD=F5;=D0=A1=C3=F7;;;\r\n"
        "FN;CHARSET=GB18030;QUOTED-PRINTABLE:=CD=F5=D0=A1=\r\n=C3=F7\r\n"
        "TEL;WORK;CELL:13800138000\r\nTEL;HOME;FAX:010-88886666\r\n"
        "ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=E4=B8=96=E7=BA=AA=E5=A4=A7=E9=81=93;"
        "=E4=B8=8A=E6=B5=B7;;200120;\r\n"
        "PHOTO;ENCODING=BASE64;TYPE=JPEG:/9j/4AAQ\r\n ZmFrZQ==\r\n\r\nEND:VCARD\r\n"
    )
    card = only(text)
    assert (card.full_name, card.family_name, card.given_name) == ("王小明", "王", "小明")
    assert card.phones == (Entry("13800138000", ("work", "cell")), Entry("010-88886666", ("home", "fax")))
    assert card.addresses == (PostalAddress("世纪大道", city="上海", postal_code="200120", kinds=("home",)),)


def test_new_cards_with_folds_groups_and_escapes() -> None:
    text = (
        "begin:vcard\nversion:4.0\nFN:王\n 小明\nORG:某某\\, 有限公司;技术部;一组\nitem1.TEL;VALUE=uri;"
        'TYPE="work,voice":tel:+86-21-5555\nitem1.X-ABLabel:_$!<Work>!$_\nNOTE:第一行\\n第二行\\; 完\n'
        "CATEGORIES:客户,重要\nEMAIL:mailto:a@b.cn\nEMAIL:a@b.cn\nEND:VCARD\n"
    )
    card = only(text)
    assert card.full_name == "王小明"
    assert (card.organisation, card.department) == ("某某, 有限公司", "技术部 / 一组")
    assert card.phones == (Entry("+86-21-5555", ("work",)),)
    assert card.emails == (Entry("a@b.cn"),)
    assert card.note == "第一行\n第二行; 完"
    assert card.categories == "客户, 重要"


def test_broken_cards_stand_in_their_place(tmp_path: Path) -> None:
    good = "BEGIN:VCARD\nVERSION:3.0\nFN:好\nEND:VCARD\n"
    path = tmp_path / "cards.vcf"
    path.write_text(
        good + "BEGIN:VCARD\nVERSION:3.0\nno property\nEND:VCARD\n" + good + "BEGIN:VCARD\nFN:x\n"
    )
    table = read(path)
    assert table.rows == [(1, ["好"]), (3, ["好"])]
    assert table.reasons == [(2, "card_broken"), (4, "card_without_end")]
    assert "no property" in str(table.refused[0].cells[0])


def test_cards_in_gb18030_are_detected(tmp_path: Path) -> None:
    path = tmp_path / "cards.vcf"
    path.write_bytes("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:欧阳娜娜\r\nEND:VCARD\r\n".encode("gb18030"))
    found = detect(path).options
    assert (found.kind, found.encoding) == ("vcard", "gb18030")
    assert read(path).cells == [["欧阳娜娜"]]


def test_an_oversized_card_is_refused_and_the_next_is_read() -> None:
    text = "BEGIN:VCARD\nFN:x\nNOTE:" + "n" * 50_000 + "\nEND:VCARD\nBEGIN:VCARD\nFN:y\nEND:VCARD\n"
    broken, card = read_cards([text], Limits(card=10_000))
    assert isinstance(broken, BrokenCard)
    assert broken.reason.code == "card_too_long"
    assert card == Card(full_name="y")


line = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=60
).filter(lambda text: text.strip() == text)
entries = st.lists(st.builds(Entry, line, st.sampled_from([(), ("work",), ("home", "cell")])), max_size=3)
unique = entries.map(lambda found: tuple(dict.fromkeys(found)))
made = st.builds(
    Card,
    full_name=line,
    family_name=line,
    given_name=line,
    organisation=line,
    title=line,
    note=line,
    phones=unique.map(lambda found: tuple(e for e in found if not e.value.lower().startswith("tel:"))),
    emails=unique.map(lambda found: tuple(e for e in found if not e.value.lower().startswith("mailto:"))),
    addresses=st.lists(st.builds(PostalAddress, line, line, line, line, line), max_size=2).map(tuple),
)


@pytest.mark.parametrize("version", ["3.0", "4.0"])
@given(card=made)
def test_cards_come_back_equal(version: Literal["3.0", "4.0"], card: Card) -> None:
    text = card_text(card, version=version)
    assert all(len(row.encode()) <= 75 for row in text.split("\r\n"))
    filled = ("full_name", "family_name", "given_name", "organisation", "title", "note")
    if any(not getattr(card, name).strip(" ;") for name in filled):
        return
    assert only(text) == card


def test_cards_are_written_as_a_stream() -> None:
    stream = io.BytesIO()
    assert write_cards(stream, (Card(full_name=f"客户{at}") for at in range(3))) == 3
    assert [card.full_name for card in cards(stream.getvalue().decode()) if isinstance(card, Card)] == [
        "客户0",
        "客户1",
        "客户2",
    ]
