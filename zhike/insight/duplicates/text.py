"""Folding of written text, many lines at once.

Every function takes and gives one text whose lines are the values of a column. A million names are thus
folded by a handful of calls into C, and one record is folded by the very same functions, so that the finder over all
records and the warning while typing cannot disagree about what a name is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

Folder = Callable[[str], str]
LONGEST = 160
_NOT_WORD = re.compile(r"[^\w\n]+|_+")
_SPACES = re.compile(r"[^\w\n]+")

_PROVINCES = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|"
    "云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_CITIES = (
    "广州|深圳|杭州|南京|苏州|无锡|宁波|温州|武汉|成都|西安|青岛|济南|大连|沈阳|长春|哈尔滨|郑州|长沙|合肥|福州|厦门|"
    "泉州|南昌|昆明|贵阳|南宁|海口|石家庄|太原|兰州|乌鲁木齐|东莞|佛山|珠海|中山|惠州|常州|南通|徐州|扬州|绍兴|嘉兴|"
    "台州|金华|烟台|潍坊|洛阳|唐山|保定"
)
_LEGAL_CHINESE = re.compile(
    r"(?<=[^\n]{2})(?:集团)?(?:股份有限公司|有限责任公司|股份公司|有限公司|控股公司|责任公司|总公司|公司|集团)$",
    re.M,
)
_LEGAL_LATIN = re.compile(
    r"(?<=[^\n]{2})(?: (?:co|company|ltd|limited|inc|incorporated|corp|corporation|llc|llp|plc|gmbh|ag|"
    r"bv|nv|srl|spa|sa|sas|pty|pte|kk|group|holding|holdings))+ *$",
    re.M,
)
_PLACE_FIRST = re.compile(
    rf"^(?:中国)?(?:(?:{_PROVINCES})(?:省|市)?)?(?:(?:{_CITIES})市?)?"
    r"(?!(?:银行|大学|医院|学院|中学|小学|集团|公司|酒店|酒家|饭店|宾馆|商店|超市|机场|地铁|电力|电信|移动|联通)$)"
    r"(?=[^\n]{2})",
    re.M,
)
_PLACE_FIRST_LATIN = re.compile(
    r"^(?:beijing|shanghai|tianjin|chongqing|guangzhou|shenzhen|hangzhou|nanjing|suzhou|wuhan|chengdu) (?=[^\n]{4})",
    re.M,
)
_HONORIFIC = re.compile(
    r"^(?:mr|mrs|ms|miss|dr|prof) +(?=[^\n]{2})|(?<=[^\n]{2})(?:先生|女士|小姐|老师|太太|师傅)$", re.M
)
_LEGAL_PINYIN = re.compile(r"(?<=[^\n]{2})(?:gufen|zeren)?youxian(?:zeren)?gongsi$", re.M)
_PLACE_KIND = re.compile(
    r"(?<=[^\n]{2})(?:(?:壮族|回族|维吾尔)?自治区|特别行政区|自治州|地区|[省市区县州盟])$", re.M
)
_ADDRESS_PLACE = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区))?[\u4e00-\u9fff]{2,8}?市(?:[\u4e00-\u9fff]{1,8}?(?:(?<!小)区|县))?(?=[^\n]{4})",
    re.M,
)
_EXTENSION = re.compile(r"(?:转|ext|#|;)[^\n]*$", re.M)
_NOT_DIALLED = re.compile(r"[^\d+\n]+")
_INNER_PLUS = re.compile(r"\+(?<=[\d+]\+)")
_ABROAD = re.compile(r"^00(?=[1-9])", re.M)
_CHINA = re.compile(r"^\+86(?=[1-9])|^86(?=1[3-9]\d{9}$)", re.M)
_TRUNK = re.compile(r"^\+860(?=[1-9])|^0(?=[1-9]\d{8,10}$)", re.M)
_SHORT_NUMBER = re.compile(r"^\+?\d{0,4}$", re.M)
_NO_MAIL = re.compile(r"^(?:mailto:|[^@\n]*$|@[^\n]*$|[^\n]*@$)", re.M)
_MAIL_TAG = re.compile(r"\+[^@\n]*(?=@)")
_NOT_DIGIT = re.compile(r"[^\d\n]+", re.ASCII)
_NO_DATE = re.compile(r"^(?:19000101|19700101|00010101|\d{0,7}|\d{9,})$", re.M)
_NOT_LETTER = re.compile(r"[^a-z\n]+")


@lru_cache(maxsize=1)
def _simplifier() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


class _Folding(dict[int, str]):
    """Character by character: simplified for traditional, no accents, blanks for controls; learnt as met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character == "\n" or " " <= character <= "~":
        return character
    if "\u3400" <= character <= "\u9fff":
        simplified = _simplifier()(character)
        return simplified if len(simplified) == 1 else character
    kind = unicodedata.category(character)
    if kind in {"Mn", "Me", "Cf", "Cs"}:
        return ""
    if kind in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    return "".join(c for c in unicodedata.normalize("NFD", character) if unicodedata.category(c) != "Mn")


class _Coding(dict[int, str]):
    """One ASCII letter per character, so that functions that count bytes count characters."""

    def __missing__(self, code: int) -> str:
        self[code] = coded = chr(code) if code < 128 else chr(33 + code % 94)
        return coded


_FOLDING = _Folding()
_CODING = _Coding()


def lines_of(values: Sequence[str]) -> str:
    """The values as lines of one text, at most `LONGEST` characters each; line breaks become blanks."""
    whole = "\n".join(values)
    if whole.count("\n") == len(values) - 1 and max(map(len, values)) <= LONGEST:
        return whole
    return "\n".join([value[:LONGEST].replace("\n", " ") for value in values])


def fold(lines: str) -> str:
    """Width, case, accents, traditional characters and controls folded away."""
    if lines.isascii() and lines.replace("\n", "").isprintable():
        return lines.lower()
    return unicodedata.normalize("NFKC", lines).casefold().translate(_FOLDING)


def squeeze(folded: str) -> str:
    """Letters and digits only."""
    return _NOT_WORD.sub("", folded)


def spaced(folded: str) -> str:
    """Letters and digits, one blank where anything else stood."""
    return _SPACES.sub(" ", folded)


def core_of_organisation(folded: str) -> str:
    """A company name without legal form and leading place: 上海华信科技有限公司 is 华信科技."""
    text = _LEGAL_LATIN.sub("", spaced(folded))
    text = squeeze(_PLACE_FIRST_LATIN.sub("", text))
    return _PLACE_FIRST.sub("", _LEGAL_CHINESE.sub("", text))


def core_of_person(folded: str) -> str:
    """A person's name without the form of address."""
    return _HONORIFIC.sub("", spaced(folded))


def code(lines: str) -> str:
    """One ASCII letter per character (two characters in ninety-four share one), for edit distances."""
    return lines.translate(_CODING)


def pinyin(folded: str) -> str:
    """Letters of the sound, without blanks and without the legal form."""
    return _LEGAL_PINYIN.sub("", _NOT_LETTER.sub("", folded))


def sound(letters: str) -> str:
    """Pinyin with sounds folded that many speakers do not part: zh/z, ch/c, sh/s, ang/an, eng/en, ing/in."""
    for written, heard in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n")):
        letters = letters.replace(written, heard)
    return letters


def place(folded: str) -> str:
    """A province, city or district without its kind: 上海市 is 上海."""
    return _PLACE_KIND.sub("", squeeze(folded))


def address(folded: str) -> str:
    """A street address without leading province, city and district, letters and digits only."""
    return _ADDRESS_PLACE.sub("", squeeze(folded))


def phone(folded: str) -> str:
    """A number as dialled within China, or with + and country code elsewhere; empty below five digits."""
    text = _INNER_PLUS.sub("", _NOT_DIALLED.sub("", _EXTENSION.sub("", folded)))
    text = _TRUNK.sub("", _ABROAD.sub("+", text))
    return _SHORT_NUMBER.sub("", _CHINA.sub("", text))


def email(folded: str) -> str:
    """An address without blanks and without a +tag; empty where it is none."""
    text = folded.replace(" ", "")
    return _MAIL_TAG.sub("", _NO_MAIL.sub("", text))


def date(folded: str) -> str:
    """Eight digits YYYYMMDD; empty where there are not eight, and for the days that mean "unknown"."""
    return _NO_DATE.sub("", _NOT_DIGIT.sub("", folded))
