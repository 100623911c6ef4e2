"""What a single cell looks like: a phone, an e-mail, a date, a certificate number, a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from stdnum.cn import ric, uscc

from zhike.feeds.files.hanzi import CITIES, DOUBLE_SURNAMES, PROVINCES, SURNAMES

_HAN = r"[\u3400-\u9fff\U00020000-\U0003ffff]"
_PHONE = re.compile(
    r"(?:\+?\d{1,3}[ \-]?)?(?:\(?0\d{2,3}\)?[ \-]?)?\d{3,4}[ \-]?\d{3,4}(?:[ \-]?\d{3,4})?"
    r"(?:(?:转|x|ext\.?|-)\d{1,6})?",
    re.I,
)
_MOBILE = re.compile(r"(?:(?:\+|00)?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}")
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[A-Za-z]{2,24}")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s]+|[\w\-]+(?:\.[\w\-]+)*\.(?:com|cn|net|org|io|co|gov|edu)(?:/\S*)?", re.I
)
_CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+\-]\d{2}:?\d{2})?)?"
_DATE = re.compile(
    rf"(?:19|20)\d{{2}}[\-/.年]\s?\d{{1,2}}(?:[\-/.月]\s?\d{{1,2}}日?|月)?{_CLOCK}"
    rf"|\d{{1,2}}[\-/.]\d{{1,2}}[\-/.](?:19|20)?\d{{2}}{_CLOCK}"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)
_NUMBER = re.compile(r"[+\-]?(?:\d+|\d{1,3}(?:[, ]\d{3})+)(?:[.,]\d+)?(?:[eE][+\-]?\d+)?%?")
_MONEY = re.compile(
    r"[¥￥$€£]\s?[+\-]?\d[\d,]*(?:\.\d+)?|[+\-]?\d[\d,]*(?:\.\d+)?\s?(?:元|万元|CNY|RMB|USD|EUR|GBP)", re.I
)
_COMPANY = re.compile(
    r"(?:公司|集团|工厂|厂|商店|店|中心|事务所|银行|医院|学校|大学|学院|研究院|研究所|协会|合作社|工作室|经营部|商行|分行|支行)"
    r"(?:[（(].*[）)])?$|\b(?:inc|ltd|llc|co|corp|gmbh|plc|company|limited|group|bank|ag|s\.a)\b\.?",
    re.I,
)
_HAN_ONLY = re.compile(rf"{_HAN}+(?:·{_HAN}+)?")
_WESTERN_NAME = re.compile(r"[A-Z][a-zA-Z'’\-]+(?: [A-Z]\.?)?(?: [A-Z][a-zA-Z'’\-]+){1,2}")
_ADDRESS = re.compile(
    r"(?:[省市区县镇乡].*[路街道巷弄村号室楼栋幢])|(?:\d+ .*\b(?:st|street|rd|road|ave|avenue|lane|drive)\b)",
    re.I,
)
_YES_NO = frozenset(
    (
        "是", "否", "有", "无", "yes", "no", "y", "n", "true", "false", "0", "1", "t", "f", "√", "×", "真",
        "假",
    )
)  # fmt: skip
_GENDER = frozenset(
    (
        "男", "女", "male", "female", "m", "f", "先生", "女士", "未知", "男性", "女性",
    )
)  # fmt: skip


def plain(text: str) -> str:
    """The text with full-width signs made narrow and without blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def is_phone(text: str) -> bool:
    """A mobile or fixed number of any country, at least seven digits, that is no date."""
    digits = sum(char.isdigit() for char in text)
    return 7 <= digits <= 18 and bool(
        _MOBILE.fullmatch(text) or (_PHONE.fullmatch(text) and not is_date(text))
    )


def is_email(text: str) -> bool:
    """An address of electronic mail."""
    return bool(_EMAIL.fullmatch(text))


def is_url(text: str) -> bool:
    """A web address."""
    return bool(_URL.fullmatch(text))


def is_date(text: str) -> bool:
    """A date with or without a time of day."""
    return bool(_DATE.fullmatch(text))


def is_number(text: str) -> bool:
    """A number, possibly with separators or a percent sign."""
    return bool(_NUMBER.fullmatch(text))


def is_money(text: str) -> bool:
    """A number with or without a currency."""
    return bool(_MONEY.fullmatch(text) or _NUMBER.fullmatch(text))


def is_id_card(text: str) -> bool:
    """A resident identity card number with a right check digit (GB 11643)."""
    return len(text) == 18 and bool(ric.is_valid(text))


def is_credit_code(text: str) -> bool:
    """A unified social credit code with a right check character (GB 32100)."""
    return len(text) == 18 and not text.isdigit() and bool(uscc.is_valid(text))


def is_company(text: str) -> bool:
    """A name of an organisation."""
    return len(text) >= 4 and bool(_COMPANY.search(text))


def is_person(text: str) -> bool:
    """A name of a person: a Chinese surname and one or two characters, or Western names in capitals."""
    if _HAN_ONLY.fullmatch(text) and text not in PROVINCES and text not in CITIES and text not in _GENDER:
        return (2 <= len(text) <= 3 and text[0] in SURNAMES) or (
            3 <= len(text) <= 4 and text[:2] in DOUBLE_SURNAMES
        )
    return bool(_WESTERN_NAME.fullmatch(text)) and not is_company(text)


def is_name(text: str) -> bool:
    """A name of a person or an organisation."""
    return is_person(text) or is_company(text)


def is_province(text: str) -> bool:
    """A province, autonomous region or municipality of China."""
    return re.sub(r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$", "", text) in PROVINCES


def is_city(text: str) -> bool:
    """A city of China by list, or a short name that ends as cities and prefectures do."""
    return text.removesuffix("市") in CITIES or (
        3 <= len(text) <= 9 and text.endswith(("市", "自治州", "地区", "盟"))
    )


def is_address(text: str) -> bool:
    """A postal address with a street or a house."""
    return len(text) >= 6 and bool(_ADDRESS.search(text))


def is_boolean(text: str) -> bool:
    """A yes or a no."""
    return text.lower() in _YES_NO


def is_gender(text: str) -> bool:
    """A word for man or woman."""
    return text.lower() in _GENDER


def is_postal_code(text: str) -> bool:
    """Six digits, as in China, or the codes of other countries."""
    return bool(re.fullmatch(r"\d{5,6}|\d{5}-\d{4}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", text))


TESTS: dict[str, Callable[[str], bool]] = {
    "phone": is_phone,
    "email": is_email,
    "url": is_url,
    "date": is_date,
    "moment": is_date,
    "id_card": is_id_card,
    "credit_code": is_credit_code,
    "company": is_company,
    "person": is_person,
    "name": is_name,
    "province": is_province,
    "city": is_city,
    "address": is_address,
    "quantity": is_number,
    "money": is_money,
    "boolean": is_boolean,
    "gender": is_gender,
    "postal_code": is_postal_code,
}
"""A test for each kind of value that shows in its form."""

TELLING = frozenset(
    {"phone", "email", "url", "id_card", "credit_code", "company", "person", "province", "city", "address"}
)
"""Kinds that the form alone tells, without a name of the column."""


def looks_like_data(text: str) -> bool:
    """True for a cell that hardly is the name of a column."""
    return bool(text) and (
        is_number(text)
        or is_date(text)
        or is_email(text)
        or is_phone(text)
        or is_url(text)
        or is_id_card(text)
        or len(text) > 60
    )
