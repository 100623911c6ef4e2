"""Names of firms: place, brand, trade and legal form, with the English that goes with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from zhike.feeds.demo.dice import Weighted
from zhike.feeds.demo.words import words


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade: its words in names, its label, what such firms make or do."""

    chinese: str
    english: str
    industry: str
    products: str


TRADES = Weighted.of(
    [
        Trade("酒店管理", "Hotel Management", "住宿和餐饮业", "酒店经营、客房用品采购"),
        Trade("餐饮管理", "Catering", "住宿和餐饮业", "连锁餐饮、团餐"),
        Trade("商贸", "Trading", "批发和零售业", "日用百货批发"),
        Trade("贸易", "Trade", "批发和零售业", "家居用品进出口"),
        Trade("百货", "Department Store", "批发和零售业", "百货零售"),
        Trade("电子商务", "E-Commerce", "批发和零售业", "网上零售"),
        Trade("科技", "Technology", "信息传输、软件和信息技术服务业", "企业软件、系统集成"),
        Trade("信息技术", "Information Technology", "信息传输、软件和信息技术服务业", "软件开发"),
        Trade("物业管理", "Property Management", "房地产业", "小区与写字楼物业服务"),
        Trade("装饰工程", "Decoration", "建筑业", "室内装修、软装设计"),
        Trade("建筑工程", "Construction", "建筑业", "房屋建筑施工"),
        Trade("机械制造", "Machinery", "制造业", "通用机械、零部件"),
        Trade("纺织", "Textile", "制造业", "家纺面料"),
        Trade("食品", "Foods", "制造业", "休闲食品"),
        Trade("教育科技", "Education", "教育", "培训与学习用品"),
        Trade("文化传媒", "Media", "文化、体育和娱乐业", "活动策划、礼品"),
        Trade("健康管理", "Health Management", "卫生和社会工作", "体检、健康咨询"),
        Trade("物流", "Logistics", "交通运输、仓储和邮政业", "干线运输、仓储"),
        Trade("广告", "Advertising", "租赁和商务服务业", "广告设计、礼品定制"),
        Trade("人力资源", "Human Resources", "租赁和商务服务业", "劳务派遣、员工福利"),
    ],
    [7, 8, 13, 9, 4, 6, 12, 6, 6, 7, 5, 7, 3, 4, 4, 5, 3, 4, 4, 3],
)
_FORMS = Weighted.of(
    [
        ("有限公司", "Co., Ltd."),
        ("有限责任公司", "Co., Ltd."),
        ("股份有限公司", "Corp."),
        ("集团有限公司", "Group Co., Ltd."),
    ],
    [82, 7, 6, 5],
)
_SHOPS = Weighted.of(
    ["便利店", "家居馆", "生活馆", "茶餐厅", "民宿", "客栈", "火锅店", "幼儿园", "美容院", "工作室"],
    [9, 8, 8, 6, 8, 5, 6, 5, 4, 4],
)
_ABROAD = Weighted.of(
    ["Ltd.", "GmbH", "Inc.", "Pte. Ltd.", "K.K.", "B.V."], [4, 2, 4, 2, 2, 1]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm: the name people use, its legal name, its English name, its brand and its trade."""

    name: str
    legal_name: str
    english_name: str
    brand: str
    trade: Trade
    form: str


def brand(by: Random) -> str:
    """Two or three characters that sound like a firm."""
    third = by.choice(words("brand_third"))[0] if by.random() < 0.16 else ""
    return by.choice(words("brand_first"))[0] + by.choice(words("brand_second"))[0] + third


def latin(text: str) -> str:
    """The brand in Latin letters."""
    return "".join(_syllables()[character] for character in text).capitalize()


@lru_cache(maxsize=1)
def _syllables() -> dict[str, str]:
    every = (*words("brand_first"), *words("brand_second"), *words("brand_third"))
    return {word[0]: word[1:] for word in every}


def firm(by: Random, city: str) -> Firm:
    """A Chinese firm of a city."""
    name, trade = brand(by), TRADES.draw(by)
    form, english = _FORMS.draw(by)
    bracketed = by.random() < 0.12
    legal = f"{name}{trade.chinese}（{city}）{form}" if bracketed else f"{city}{name}{trade.chinese}{form}"
    in_english = f"{latin(name)} {trade.english} {english}" if by.random() < 0.25 else ""
    return Firm(legal, legal, in_english, name, trade, form)


def shop(by: Random, city: str) -> Firm:
    """A small shop or guest house, known by its sign."""
    name, sign = brand(by), _SHOPS.draw(by)
    trade = TRADES.draw(by)
    return Firm(f"{name}{sign}", f"{city}{name}{sign}", "", name, trade, "个体工商户")


def foreign_firm(by: Random) -> Firm:
    """A firm from abroad."""
    name = f"{by.choice(words('abroad_names'))} {by.choice(words('abroad_trades'))} {_ABROAD.draw(by)}"
    return Firm(name, name, name, name.split()[0], TRADES.items[3], "Ltd.")
