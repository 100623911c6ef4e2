"""How names, phones and addresses are folded before they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.insight.duplicates import text

FOLDERS = (
    text.fold,
    text.squeeze,
    text.spaced,
    text.core_of_organisation,
    text.core_of_person,
    text.code,
    text.pinyin,
    text.sound,
    text.place,
    text.address,
    text.phone,
    text.email,
    text.date,
)


@pytest.mark.parametrize(
    "written",
    [
        "+8613800138000",
        "13800138000",
        "138-0013-8000",
        "0086 138 0013 8000",
        "8613800138000",
        "+86 (138) 0013 8000",
        "１３８００１３８０００",
    ],
)
def test_one_mobile_phone_however_written(written: str) -> None:
    assert text.phone(text.fold(written)) == "13800138000"


def test_a_line_in_shanghai_with_and_without_country_and_trunk() -> None:
    lines = "+862168888888\n021-68888888\n(021) 6888 8888 转 302\n+86 021 68888888"
    assert set(text.phone(text.fold(lines)).split("\n")) == {"2168888888"}


def test_a_foreign_phone_is_not_taken_for_a_chinese_one() -> None:
    assert text.phone("+16502530000") == "+16502530000"
    assert text.phone("001 650 253 0000") == "+16502530000"
    assert text.phone("16502530000") == "16502530000"


@pytest.mark.parametrize("written", ["", "-", "110", "none", "+"])
def test_what_is_no_phone_is_empty(written: str) -> None:
    assert text.phone(written) == ""


@pytest.mark.parametrize(
    "written",
    [
        "上海华信科技有限公司",
        "华信科技股份有限公司",
        "华信科技",
        "上海市华信科技有限责任公司",
        "上海華信科技有限公司",
        "华信科技集团",
    ],
)
def test_one_company_whatever_its_legal_form_and_place(written: str) -> None:
    assert text.core_of_organisation(text.fold(written)) == "华信科技"


@pytest.mark.parametrize(
    "written", ["Huaxin Tech Co., Ltd.", "Huaxin Tech Limited", "HUAXIN TECH", "Shanghai Huaxin Tech Inc"]
)
def test_one_foreign_company_whatever_its_legal_form(written: str) -> None:
    assert text.core_of_organisation(text.fold(written)) == "huaxintech"


@pytest.mark.parametrize("name", ["上海银行", "北京大学", "公司", "广州酒店"])
def test_a_name_is_not_cut_down_to_a_common_word(name: str) -> None:
    assert text.core_of_organisation(text.fold(name)) == name


def test_traditional_characters_width_case_and_accents_fold_away() -> None:
    assert text.squeeze(text.fold("張 偉")) == "张伟"
    assert text.squeeze(text.fold("Ｍüller–Ｏ'Brien")) == "mullerobrien"


def test_a_form_of_address_is_no_part_of_a_name() -> None:
    assert text.core_of_person(text.fold("张伟明先生")) == "张伟明"
    assert text.core_of_person(text.fold("Dr. Anna Smith")) == "anna smith"


def test_sounds_that_speakers_do_not_part() -> None:
    assert text.sound("zhangsheng") == text.sound("zansen")


def test_an_address_without_its_leading_places() -> None:
    assert text.address(text.fold("广东省深圳市南山区科技园路 1 号")) == "科技园路1号"
    assert text.address("深圳市阳光小区3号楼") == "阳光小区3号楼"


@pytest.mark.parametrize("unknown", ["1900-01-01", "1970-01-01", "1980", "soon", ""])
def test_a_day_that_means_unknown_is_empty(unknown: str) -> None:
    assert text.date(unknown) == ""


@pytest.mark.parametrize("fold", FOLDERS, ids=lambda function: function.__name__)
@given(
    values=st.lists(
        st.text(max_size=40)
        | st.sampled_from(
            ["有限公司", "Acme Co., Ltd. ", "co ", "Mr ", "Shanghai", "+86", "a@b", "\x00", "上海市"]
        ),
        min_size=1,
        max_size=6,
    )
)
def test_lines_do_not_see_each_other(fold: text.Folder, values: list[str]) -> None:
    lines = text.fold(text.lines_of(values))
    together = fold(lines).split("\n")
    assert together == [fold(line) for line in lines.split("\n")]
    assert len(together) == len(values)
