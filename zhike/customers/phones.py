"""Telephone numbers: from the way they are written to E.164, by which equals are found."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

# Full-width digits become plain, and what people put between digits goes.
_PLAIN = str.maketrans(
    "０１２３４５６７８９＋（）－",
    "0123456789+()-",
    " \t\r\n\u00a0\u2000\u2002\u2003\u2009\u3000\u200b\u200e\u202a\u202c\ufeff",
)
_BETWEEN = str.maketrans("", "", "-()（）.·—–_")
# 110, 12345, 118114, 95588, 17951; the longer ones of the traffic police (12123 1100), of banks and of message senders
# (106…). A number of four digits or one that begins as mobile numbers do is a part of another number.
_HOTLINE = re.compile(
    r"^(?:1[0-2]\d(?:\d{2,3})?|1[67]\d{3}|12123\d{4}|9\d{4,7}|95\d{7,8}|106\d{5}|106\d{9,17})$"
)
_LOCAL = re.compile(r"^[2-9]\d{6,7}$")
_EXTENSION = re.compile(r"(?:转|分机|(?<=\d{7})-(?=\d{1,5}$))")


class NotAPhoneError(ValueError):
    """The text is no telephone number."""


def normalise_phone(text: str, region: str = "CN") -> str:
    """E.164 (`+8613812345678`), with `;ext=` and digits where there is an extension.

    `region` is the country whose national form is understood. Short service numbers (95588) and local numbers
    without their area code stay bare digits, as nothing says where they belong. Raises NotAPhoneError.
    """
    plain = text.translate(_PLAIN)
    digits = plain.translate(_BETWEEN)
    size = len(digits)
    if digits.isascii():
        # A Chinese mobile number is eleven digits that begin with 13 to 19: most numbers never get further.
        if size == 11 and digits[0] == "1" and digits[1] > "2" and region == "CN" and digits.isdigit():
            return "+86" + digits
        if size == 14 and digits[:4] == "+861" and digits[4] > "2" and digits[1:].isdigit():
            return digits
    return _slowly(plain, digits, region)


@lru_cache(maxsize=20_000)
def _slowly(plain: str, digits: str, region: str) -> str:
    if region == "CN":
        if digits[:3] == "861" and len(digits) == 13 and digits.isdigit():
            return "+" + digits
        if _HOTLINE.match(digits) or _LOCAL.match(digits):
            return digits
    try:
        # A spreadsheet that took the number for a figure leaves ".0" behind.
        number = phonenumbers.parse(_EXTENSION.sub(" ext. ", plain.removesuffix(".0")), region)
    except NumberParseException:
        raise NotAPhoneError(plain) from None
    if not phonenumbers.is_valid_number(number):
        raise NotAPhoneError(plain)
    written: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{written};ext={number.extension}" if number.extension else written


def is_dialable(normalised: str) -> bool:
    """Whether a normalised number can be dialled from anywhere (E.164)."""
    return normalised.startswith("+")


def show_phone(normalised: str, region: str = "CN") -> str:
    """A normalised number as people of the region read it: `138 1234 5678`, `+1 650-253-0000`."""
    if normalised.startswith("+861") and len(normalised) == 14 and region == "CN":
        return f"{normalised[3:6]} {normalised[6:10]} {normalised[10:]}"
    if not normalised.startswith("+"):
        return normalised
    try:
        number = phonenumbers.parse(normalised.replace(";ext=", " ext. "), None)
    except NumberParseException:
        return normalised
    form = PhoneNumberFormat.NATIONAL
    if phonenumbers.region_code_for_number(number) != region:
        form = PhoneNumberFormat.INTERNATIONAL
    shown: str = phonenumbers.format_number(number, form)
    return shown
