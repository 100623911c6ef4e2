"""Names of people: surnames by how common they are, given names by generation and sex."""

from __future__ import annotations

from random import Random

from zhike.feeds.demo.dice import Weighted
from zhike.feeds.demo.words import words

_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆"
    "金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严武戚单葛覃翟查仇区"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "司徒", "皇甫", "尉迟", "令狐", "端木", "慕容")
_SURNAMES: Weighted[str] = Weighted.of(
    [*_SINGLE, *_COMPOUND],
    [*(760 / (rank + 6) for rank in range(len(_SINGLE))), 2.6, 0.9, 0.8, 0.8, 0.8, 0.5, 0.4, 0.3, 0.3, 0.3],
)
# Characters in fashion when somebody was born: (until year, men, women).
_FASHIONS = (
    (1959, "国建德福荣贵明生光志文金玉学春永宝庆祥树清海山根", "秀英桂兰玉珍凤梅春花淑芳素美菊莲香翠爱云"),
    (1969, "建军国卫东文志明华强平民红兵永胜利新生伟忠林义", "秀英玉兰红梅丽华芳桂霞燕萍爱淑珍云琴敏惠"),
    (1979, "伟勇军强建国志华明平波辉斌刚峰鹏海涛杰永东林", "丽敏静艳芳红燕霞娟玲萍英华梅莉秀娜琳慧"),
    (1989, "伟强磊超鹏涛杰波辉斌浩飞宇亮凯俊峰洋健晨旭东", "静婷丽娜敏燕雪莉娟倩颖琳慧佳晶洁丹琴玲艳"),
    (1999, "鑫浩宇俊杰天翔晨阳博文志豪家豪子健明轩嘉伟凯瑞泽", "婷雪倩欣怡佳慧雨颖思琪梦瑶诗雅静文馨悦晓晴"),
    (2100, "子轩浩然宇泽梓睿俊熙博文皓铭奕辰嘉逸一诺思源", "欣怡梓涵诗语雨桐子涵一诺可馨思彤若曦语嫣佳琪"),
)
_COMMON = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
    "平",
)


def chinese_name(by: Random, born: int, female: bool) -> str:
    """A name as it was in fashion in the year of birth."""
    surname = _SURNAMES.draw(by)
    men, women = next((m, w) for until, m, w in _FASHIONS if born <= until)
    characters: str = women if female else men
    single = by.random() < (0.1 if born < 1960 else 0.3 if born < 1990 else 0.14)
    if single and len(surname) == 1:
        return surname + by.choice(characters if by.random() < 0.8 else _COMMON)
    first, second = by.choice(characters), by.choice(characters)
    return surname + first + second


def foreign_name(by: Random, female: bool) -> str:
    """The name of a customer from abroad."""
    given = words("english_women" if female else "english_men")
    return f"{by.choice(given)} {by.choice(words('english_surnames'))}"
