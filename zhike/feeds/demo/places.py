"""Where the customers live: Chinese cities with their districts, dialling codes and division codes (GB/T 2260)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from zhike.feeds.demo.dice import Weighted
from zhike.feeds.demo.words import DATA, words

_TABLE = DATA / "cities.csv"
_SIDES = ("东路", "西路", "南路", "北路", "中路", "路", "路", "路", "街", "大道", "巷")


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
    return f"{by.choice(words('roads'))}{by.choice(_SIDES)}{by.randint(1, 899)}号"


def home_address(place: Place, by: Random) -> str:
    """Where somebody lives, written in one of the ways people write it."""
    flat = f"{by.randint(1, 28)}幢{by.randint(1, 4)}单元{by.randint(1, 26)}0{by.randint(1, 4)}室"
    return f"{_written(place, by)}{street(by)}{by.choice(words('homes'))}{flat}"


def office_address(place: Place, by: Random) -> str:
    """Where a firm has its office."""
    tower = f"{by.choice(words('homes'))[:2]}{by.choice(words('towers'))}"
    block = f"{by.choice('ABCD')}座" if by.random() < 0.4 else ""
    return f"{_written(place, by)}{street(by)}{tower}{block}{by.randint(1, 32)}{by.randint(1, 20):02d}室"


def _written(place: Place, by: Random) -> str:
    city = place.city
    whole = city.province == city.full_name
    way = by.random()
    if way < 0.62:
        return f"{'' if whole else city.province}{city.full_name}{place.district}"
    return f"{city.full_name}{place.district}" if way < 0.9 else f"{city.name}{place.district}"
