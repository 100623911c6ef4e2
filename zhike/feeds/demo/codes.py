"""Numbers that are right by their rules and belong to nobody: telephones, identity cards, credit codes, mail.

Identity card GB 11643-1999 (ISO 7064 MOD 11-2); unified social credit code GB 32100-2015 with the organisation code of
GB 11714-1997 inside.
"""

from __future__ import annotations

from datetime import date
from random import Random

from zhike.feeds.demo.dice import Weighted
from zhike.feeds.demo.places import City
from zhike.feeds.demo.words import words

_PREFIXES = [each.split(":") for each in words("mobile_prefixes")]
_MOBILE = Weighted.of(
    [prefix for prefix, _weight in _PREFIXES], [int(weight) for _prefix, weight in _PREFIXES]
)
_IDENTITY = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Cities whose local numbers have seven digits; all others have eight.
_SEVEN_DIGITS = frozenset(
    [
        "0315",
        "0351",
        "0471",
        "0535",
        "0592",
        "0756",
        "0752",
        "0771",
        "0717",
        "0710",
        "0816",
        "0851",
        "0931",
        "0951",
        "0971",
        "0991",
    ]
)
_MAIL = Weighted.of(
    ["qq.example", "163.example", "126.example", "outlook.example", "gmail.example", "sina.example"],
    [44, 30, 9, 8, 5, 4],
)


def mobile(by: Random) -> str:
    """A Chinese mobile number, eleven digits."""
    return f"{_MOBILE.draw(by)}{by.randrange(10**8):08d}"


def landline(by: Random, city: City) -> str:
    """A fixed line with its area code, as people write it."""
    size = 6 if city.phone_code in _SEVEN_DIGITS else 7
    number = f"{by.choice('567')}{by.randrange(10**size):0{size}d}"
    return f"{city.phone_code}-{number}"


def identity_card(by: Random, division: str, born: date, female: bool) -> str:
    """An identity number of somebody born that day in that division."""
    order = by.randrange(100) * 10 + 2 * by.randrange(5) + (0 if female else 1)
    body = f"{division}{born:%Y%m%d}{order:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _IDENTITY, strict=True))
    return body + "10X98765432"[total % 11]


def credit_code(by: Random, division: str) -> str:
    """A unified social credit code of an enterprise registered in that division."""
    organisation = "MA" + "".join(by.choice(_CREDIT) for _place in range(6))
    total = sum(
        _DIGITS.index(sign) * weight for sign, weight in zip(organisation, _ORGANISATION, strict=True)
    )
    check = "0123456789X0"[(11 - total % 11) % 11]
    body = f"91{division}{organisation}{check}"
    worth = sum(_CREDIT.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + _CREDIT[(31 - worth % 31) % 31]


def private_mail(by: Random, phone: str) -> str:
    """A private mail address; the domain ends in .example, so that nothing can ever be sent to anybody."""
    way = by.random()
    local = phone if way < 0.3 else str(by.randrange(10**8, 3 * 10**9)) if way < 0.7 else _handle(by)
    return f"{local}@{_MAIL.draw(by)}"


def office_mail(by: Random, brand: str, local: str = "") -> str:
    """The mail address of a firm or of somebody in it."""
    local = local or by.choice(["info", "sales", "caigou", "office", "contact", "service", "xingzheng"])
    return f"{local}@{brand.lower()}.example"


def _handle(by: Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return "".join(by.choice(letters) for _place in range(by.randint(4, 8))) + str(by.randrange(1000))
