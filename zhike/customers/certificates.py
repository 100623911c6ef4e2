"""Certificate numbers: their one written form, whether they can be true, and what they say of a person.

Resident identity card: GB 11643-1999 (ISO 7064 MOD 11-2). Unified social credit code: GB 32100-2015.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from zhike.customers.types.words import CertificateType, Gender

_BETWEEN = re.compile(r"[\s\-·]+")
_WHOLE = re.compile(r"^[^\x00-\x1f]{4,40}$")
_FORMS: dict[str, re.Pattern[str]] = {
    CertificateType.ID_CARD: re.compile(r"^\d{17}[\dX]$"),
    CertificateType.CREDIT_CODE: re.compile(r"^[0-9A-HJ-NP-RT-UW-Y]{18}$"),
    CertificateType.PASSPORT: re.compile(r"^[A-Z0-9]{5,12}$"),
    CertificateType.HK_MACAU_PERMIT: re.compile(r"^[A-Z]\d{8}(\d{2})?$|^\d{8,11}$"),
    CertificateType.TAIWAN_PERMIT: re.compile(r"^\d{8}(\d{2})?$|^[A-Z]\d{8}$"),
    CertificateType.RESIDENCE_PERMIT: re.compile(r"^[A-Z]{3}\d{12}$|^9\d{16}[\dX]$"),
    CertificateType.BUSINESS_LICENCE: re.compile(r"^\d{13}([\dNBQL]\d)?$|^[0-9A-HJ-NP-RT-UW-Y]{18}$"),
}


class NotACertificateError(ValueError):
    """The number cannot be of that document. `reason` says why, for the person who typed it."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Told:
    """What a number says about its holder."""

    birth_date: date | None = None
    gender: str = ""


def normalise_certificate(kind: str, text: str) -> str:
    """The number in its one form: capital letters, plain digits, nothing between. Raises NotACertificateError."""
    number = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    form = _FORMS.get(kind, _WHOLE)
    if not form.match(number):
        raise NotACertificateError(_("A number of this document is not written like this."))
    if kind == CertificateType.ID_CARD or (kind == CertificateType.RESIDENCE_PERMIT and len(number) == 18):
        _check_identity(number)
    if kind == CertificateType.CREDIT_CODE:
        _check_credit_code(number)
    return number


def _check_identity(number: str) -> None:
    if told_by_identity(number) is None:
        raise NotACertificateError(_("The date of birth in this number does not exist."))
    if ric.calc_check_digit(number) != number[-1]:
        raise NotACertificateError(_("The check digit is wrong; look for a mistyped digit."))


def _check_credit_code(number: str) -> None:
    try:
        uscc.validate(number)
    except ValidationError:
        raise NotACertificateError(_("The check digit is wrong; look for a mistyped digit.")) from None


def told_by_identity(number: str) -> Told | None:
    """Date of birth and sex in an 18-digit identity number; None when the date does not exist."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return Told(born, Gender.MALE.value if int(number[16]) % 2 else Gender.FEMALE.value)


def told_by(kind: str, number: str) -> Told:
    """What a normalised number of a kind says about its holder."""
    if kind == CertificateType.ID_CARD:
        return told_by_identity(number) or Told()
    return Told()
