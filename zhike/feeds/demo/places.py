"""Where the customers live: Chinese cities with their districts, dialling codes and division codes (GB/T 2260)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

from zhike.feeds.demo.dice import Weighted

_TABLE = Path(__file__).resolve().parent / "data" / "cities.csv"
_ROADS = ["中山", "人民", "解放", "建设", "和平", "文化", "新华", "学院", "长江", "黄河", "滨河", "滨江", "迎宾", "延安", "北京", "南京", "友谊", "胜利", "育才", "兴业", "科技", "创新", "金融", "体育场", "湖滨", "梧桐", "桂花", "银杏", "凤凰", "青年", "光明", "东风", "朝阳", "振兴", "民主", "工农", "花园", "翠竹", "玉泉", "紫荆", "莲花", "香樟", "望江", "文三", "环城", "天目山", "太平", "复兴", "幸福", "锦绣", "春晖", "嘉陵", "泰山", "华山", "天山", "珠江", "白云", "昆仑", "龙泉", "石桥", "灵隐", "丹桂"]
_SIDES = ("东路", "西路", "南路", "北路", "中路", "路", "路", "路", "街", "大道", "巷")
_HOMES = ["翠湖花园", "阳光家园", "金色水岸", "锦绣华庭", "东方雅苑", "绿洲新城", "御景湾", "万和家园", "梧桐公馆", "丽景名苑", "江南春晓", "星河湾", "书香门第", "和谐家园", "碧水云天", "紫金庭院", "城市之光", "滨江一品", "桃源里", "柳岸晓风", "时代新居", "云栖小筑", "映月台", "听涛苑", "明珠花园", "祥和里", "文景苑", "枫林晚"]
_TOWERS = ["国际大厦", "商务中心", "财富广场", "创业大厦", "科技园", "时代广场", "金融中心", "世贸大厦", "环球中心", "产业园", "信息大厦", "银座", "电子商务园", "总部基地"]


@dataclass(frozen=True, slots=True)
class City:
    """One city. `districts` are (division code, name)."""

    name: str
    full_name: str
    province: str
    region: str
    phone_code: str
    districts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A district of a city."""

    city: City
    code: str
    district: str


@lru_cache(maxsize=1)
def cities() -> Weighted[City]:
    """All cities, the large ones drawn more often."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = [
        City(
            row["city"], row["full_name"], row["province"], row["region"], row["phone_code"],
            tuple((part[:6], part[6:]) for part in row["districts"].split()),
        )
        for row in rows
    ]  # fmt: skip
    return Weighted.of(found, [float(row["weight"]) for row in rows])


@lru_cache(maxsize=16)
def cities_of(region: str) -> Weighted[City]:
    """The cities of a region."""
    every = cities()
    weights = [high - low for low, high in zip((0.0, *every.sums), every.sums, strict=False)]
    chosen = [
        (city, weight) for city, weight in zip(every.items, weights, strict=True) if city.region == region
    ]
    return Weighted.of([city for city, _weight in chosen], [weight for _city, weight in chosen])


def place_in(city: City, by: Random) -> Place:
    """A district of the city."""
    code, district = by.choice(city.districts)
    return Place(city, code, district)


def street(by: Random) -> str:
    """A street with a house number."""
    return f"{by.choice(_ROADS)}{by.choice(_SIDES)}{by.randint(1, 899)}号"


def home_address(place: Place, by: Random) -> str:
    """Where somebody lives, written in one of the ways people write it."""
    flat = f"{by.randint(1, 28)}幢{by.randint(1, 4)}单元{by.randint(1, 26)}0{by.randint(1, 4)}室"
    return f"{_written(place, by)}{street(by)}{by.choice(_HOMES)}{flat}"


def office_address(place: Place, by: Random) -> str:
    """Where a firm has its office."""
    tower = f"{by.choice(_HOMES)[:2]}{by.choice(_TOWERS)}"
    block = f"{by.choice('ABCD')}座" if by.random() < 0.4 else ""
    return f"{_written(place, by)}{street(by)}{tower}{block}{by.randint(1, 32)}{by.randint(1, 20):02d}室"


def _written(place: Place, by: Random) -> str:
    city = place.city
    whole = city.province == city.full_name
    way = by.random()
    if way < 0.62:
        return f"{'' if whole else city.province}{city.full_name}{place.district}"
    return f"{city.full_name}{place.district}" if way < 0.9 else f"{city.name}{place.district}"
