"""How names are read and sorted."""

from __future__ import annotations

import pytest

from zhike.kernel.numbers import format_number, next_numbers
from zhike.kernel.pinyin import reading


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("张伟", "zhang wei", "zw"), ("单雄信", "shan xiong xin", "sxx"), ("仇英", "qiu ying", "qy"),
        ("曾国藩", "zeng guo fan", "zgf"), ("解晓东", "xie xiao dong", "xxd"), ("区志强", "ou zhi qiang", "ozq"),
        ("查良镛", "zha liang yong", "zly"), ("朴树", "piao shu", "ps"), ("尉迟恭", "yu chi gong", "ycg"),
        ("长孙无忌", "zhang sun wu ji", "zswj"), ("万俟卨", "mo qi xie", "mqx"), ("吕布", "lv bu", "lb"),
        ("José García", "jose garcia", "jg"), ("", "", ""), ("🙂", "", ""),
    ],
)  # fmt: skip
def test_persons(name: str, pinyin: str, initials: str) -> None:
    read = reading(name, True)
    assert (read.pinyin, read.initials) == (pinyin, initials)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("重庆银行", "chong qing yin hang", "cqyh"), ("厦门音乐厅", "xia men yin yue ting", "xmyyt"),
        ("成都长江会计师事务所", "cheng du chang jiang kuai ji shi shi wu suo", "cdcjkjssws"),
        ("TCL集团", "tcl ji tuan", "tcljt"), ("ＡＢＣ公司", "abc gong si", "abcgs"), ("单位", "dan wei", "dw"),
    ],
)  # fmt: skip
def test_firms(name: str, pinyin: str, initials: str) -> None:
    read = reading(name)
    assert (read.pinyin, read.initials) == (pinyin, initials)


def test_names_of_both_scripts_sort_together() -> None:
    names = ["章三", "Zhao Wei", "张伟", "张三", "Adam", "阿里", "李四", "zebra", "章伟"]
    ordered = sorted(names, key=lambda name: reading(name, True).sort_key)
    assert ordered == ["阿里", "Adam", "李四", "zebra", "张三", "章三", "张伟", "章伟", "Zhao Wei"]


def test_numbers_rise_and_are_given_once(db: None) -> None:
    first, second, other = next_numbers("tests"), next_numbers("tests", 3), next_numbers("others")
    assert first + second == [1, 2, 3, 4]
    assert other == [1]
    assert format_number("C", 123) == "C-000123"
