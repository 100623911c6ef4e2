"""Masks: what a person sees of a value whose field right is `masked`. A mask never tells the hidden length."""

from __future__ import annotations

from typing import Any

GENERAL = "•••"


def mask_general(value: Any) -> str | None:
    """Nothing but that there is a value; None for an absent one."""
    return None if value in (None, "", [], {}) else GENERAL


def mask_phone(value: Any) -> str | None:
    """The first three and last four characters of a national number: 138****1234; short ones keep the last two.

    A country code stays in front: +86 138****1234.
    """
    if value in (None, ""):
        return None
    text = str(value).strip()
    country = ""
    if text.startswith("+86"):
        country, text = "+86 ", text[3:].strip()
    digits = "".join(sign for sign in text if sign.isdigit())
    if len(digits) >= 8:
        return f"{country}{'+' if text.startswith('+') else ''}{digits[:3]}****{digits[-4:]}"
    return f"{country}****{digits[-2:]}" if len(digits) > 4 else GENERAL


def mask_name(value: Any) -> str | None:
    """The first character of a name: 王*."""
    text = "" if value is None else str(value).strip()
    return f"{text[0]}*" if text else None


def mask_certificate(value: Any) -> str | None:
    """The first four and last four characters: 3101**********1234; of short numbers only the last two."""
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    return f"{text[:4]}**********{text[-4:]}" if len(text) >= 12 else f"****{text[-2:]}"


def mask_email(value: Any) -> str | None:
    """The first letter and the domain: w***@example.com."""
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    local, at, domain = text.partition("@")
    return f"{local[:1]}***@{domain}" if at and local else GENERAL
