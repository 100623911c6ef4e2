"""Cells that a spreadsheet program would run as a formula: how they are made harmless and made whole again.

A text that begins (after blanks) with one of = + - @ TAB CR or a full-width ＝ ＋ － ＠ gets an apostrophe in front,
unless it is a phone number (+86 138…) or a plain number (-12.5), which no program takes for a formula that acts.
Texts that already begin with apostrophes before such a sign get one more, so that `bare` undoes `harmless` exactly.
"""

from __future__ import annotations

import re

_ACTIVE = re.compile(r"'*\s*[=+\-@＝＋－＠]|'*[\t\r]")
_ESCAPED = re.compile(r"'+(?:\s*[=+\-@＝＋－＠]|[\t\r])")
GUARDED = re.compile(r"'\s*[=+\-@＝＋－＠\t\r]")
_PHONE = re.compile(r"\+\d[\d ()\-]{4,24}")
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?%?|[+-]?\d+(?:\.\d+)?%?")


def harmless(text: str) -> str:
    """The text as it may stand in a CSV cell."""
    if not _ACTIVE.match(text) or _PHONE.fullmatch(text) or _NUMBER.fullmatch(text):
        return text
    return "'" + text


def bare(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if _ESCAPED.match(text) else text
