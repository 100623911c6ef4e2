"""Chinese addresses: from the text as written to province, city, district and the rest.

The table of divisions is `data/divisions.tsv`. Names are found in full (江苏省, 南京市) and in short (江苏, 南京);
what an address leaves out is filled in from what it says (南京市 → 江苏省). A short name that is part of a street
(南京东路) is not taken for a city.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).resolve().parent / "data" / "divisions.tsv"
_SHORT_PROVINCES = {
    "内蒙古自治区": "内蒙古", "广西壮族自治区": "广西", "西藏自治区": "西藏", "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆", "香港特别行政区": "香港", "澳门特别行政区": "澳门",
}  # fmt: skip
_PEOPLES = (
    "蒙古族|藏族|回族|哈萨克|柯尔克孜|土家族|苗族|彝族|壮族|布依族|侗族|白族|傣族|景颇族|傈僳族|哈尼族|朝鲜族|羌族|"
    "维吾尔|蒙古"
)
_LONG_CITY = re.compile(rf"(?:{_PEOPLES})*自治州$|地区$|盟$|市$")
_STREET = re.compile(
    r"[东西南北中]?[一二三四五六七八九十]?[路街巷弄道]|大道|大街|公路|国道|广场|大厦|饭店|酒店|银行|大学|[区县镇乡村]"
)
_NOISE = re.compile(r"[\s,，、。;；/|·]+")
_LATIN = re.compile(r"[A-Za-z]{3}")
_COUNTRY = re.compile(r"^(?:中华人民共和国|中国大陆|中国)")
_POSTCODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of an address; a part that is not known is empty. `street` is what is left."""

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""


@dataclass(frozen=True, slots=True)
class _Names:
    """Names, full and short, with what they stand for, and by their first two signs the lengths to try, longest
    first. No name is shorter."""

    known: dict[str, tuple[str, str, str]]
    lengths: dict[str, list[int]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, tuple[str, str, str]]]) -> _Names:
        """From (name, place) pairs; a name of several places is left out."""
        known: dict[str, tuple[str, str, str]] = {}
        several: set[str] = set()
        for name, place in rows:
            if known.setdefault(name, place) != place:
                several.add(name)
        for name in several:
            del known[name]
        lengths: dict[str, list[int]] = {}
        for length, head in sorted({(len(name), name[:2]) for name in known}, reverse=True):
            lengths.setdefault(head, []).append(length)
        return cls(known, lengths)

    def at_start(self, text: str) -> tuple[str, tuple[str, str, str]] | None:
        """The longest name that the text begins with. A short one before a street's ending does not count."""
        for length in self.lengths.get(text[:2], ()):
            name = text[:length]
            place = self.known.get(name)
            if place and (name in place or not _STREET.match(text, length)):
                return name, place
        return None


@dataclass(frozen=True, slots=True)
class _Divisions:
    provinces: _Names
    cities: _Names
    in_province: dict[str, _Names]
    districts: _Names
    in_city: dict[tuple[str, str], _Names]
    below: dict[str, _Names]


def _short_city(name: str) -> str:
    short = _LONG_CITY.sub("", name)
    return short if len(short) >= 2 else name


def _short_district(name: str) -> str:
    # 朝阳区 → 朝阳; 城区, 东区 and autonomous counties keep their whole name.
    short = name[:-1] if name[-1:] in "区县市旗" and "自治" not in name else name
    short = short.removesuffix("新") if name.endswith("新区") else short
    return short if len(short) >= 2 else name


def _both(name: str, short: str, place: tuple[str, str, str]) -> list[tuple[str, tuple[str, str, str]]]:
    return [(name, place)] if name == short else [(name, place), (short, place)]


@lru_cache(maxsize=1)
def _divisions() -> _Divisions:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = [tuple(line.split("\t")[1:]) for line in lines if not line.startswith("#")]
    provinces, cities, districts = [], [], []
    in_province: dict[str, list[tuple[str, tuple[str, str, str]]]] = {}
    in_city: dict[tuple[str, str], list[tuple[str, tuple[str, str, str]]]] = {}
    below: dict[str, list[tuple[str, tuple[str, str, str]]]] = {}
    for province, city, district in rows:
        place = (province, city, district)
        if district:
            names = _both(district, _short_district(district), place)
            districts.append((district, place))
            in_city.setdefault((province, city), []).extend(names)
            below.setdefault(province, []).append((district, place))
        elif city:
            names = _both(city, _short_city(city), place)
            if city.endswith("自治州"):
                names.append((f"{_short_city(city)}州", place))
            cities += names
            in_province.setdefault(province, []).extend(names)
        else:
            provinces += _both(province, _SHORT_PROVINCES.get(province, province[:-1]), place)
    return _Divisions(
        _Names.of(provinces),
        _Names.of(cities),
        {name: _Names.of(each) for name, each in in_province.items()},
        _Names.of(districts),
        {name: _Names.of(each) for name, each in in_city.items()},
        {name: _Names.of(each) for name, each in below.items()},
    )


_NONE = _Names({}, {})


def _is_whole(province: str) -> bool:
    """Whether the province is one city: a municipality or a special administrative region."""
    return province[-1:] == "市" or province.endswith("特别行政区")


def split_address(text: str) -> Place:
    """The parts of an address as written. A foreign or unreadable address comes back whole as `street`."""
    rest = unicodedata.normalize("NFKC", text).strip()
    if rest.isascii():
        return Place(street=rest)
    rest = _COUNTRY.sub("", _POSTCODE.sub("", rest, count=1).strip() or rest)
    rest = _NOISE.sub("", rest) if not _LATIN.search(rest) else rest
    found = ("", "", "")
    start = _divisions().provinces.at_start(rest)
    if start:
        rest, found = rest[len(start[0]) :], start[1]
    return _below(rest, *found)


def _below(rest: str, province: str, city: str, district: str) -> Place:
    known = _divisions()
    if province and _is_whole(province):
        city = province
        for name in (province, province[:-1], "市辖区", "市区"):
            if rest.startswith(name) and not _STREET.match(rest, len(name)):
                rest = rest[len(name) :]
    if not city:
        hit = (known.in_province.get(province, _NONE) if province else known.cities).at_start(rest)
        if hit:
            rest, (province, city, _none) = rest[len(hit[0]) :], hit[1]
            rest = rest.removeprefix("市辖区")
    if city:
        hit = known.in_city.get((province, city), _NONE).at_start(rest)
    else:
        hit = (known.below.get(province, _NONE) if province else known.districts).at_start(rest)
    if hit:
        rest, (province, city, district) = rest[len(hit[0]) :], hit[1]
    return Place(province, city, district, rest.strip())


@lru_cache(maxsize=20_000)
def find_place(province: str, city: str, district: str) -> Place:
    """Full names for parts given apart (江苏, 南京, 玄武 → 江苏省, 南京市, 玄武区).

    What is not in the table stays as it was given.
    """
    parts = [unicodedata.normalize("NFKC", part).strip() for part in (province, city, district)]
    known = _divisions()
    top = known.provinces.known.get(parts[0])
    full_province = top[0] if top else parts[0]
    if full_province and _is_whole(full_province) and top:
        full_city: str = full_province
        parts[2] = parts[2] or ("" if parts[1] in (full_province, full_province[:-1]) else parts[1])
    else:
        hit = (known.in_province.get(full_province, _NONE) if top else known.cities).known.get(parts[1])
        whole = known.provinces.known.get(parts[1])
        if not hit and whole and _is_whole(whole[0]) and not top:
            hit = (whole[0], whole[0], "")
        full_province, full_city = (hit[0], hit[1]) if hit else (full_province, parts[1])
    low = known.in_city.get((full_province, full_city), _NONE).known.get(parts[2])
    return Place(full_province, full_city, low[2] if low else parts[2])


def postcode_in(text: str) -> str:
    """The six digits of a Chinese postcode in an address, or nothing."""
    found = _POSTCODE.search(text)
    return found[1] if found else ""
