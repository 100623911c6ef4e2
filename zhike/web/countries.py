"""Countries by their two letters, with their names in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.utils.translation import get_language
from phonenumbers.geodata.locale import LOCALE_DATA

from zhike.kernel.pinyin import reading

_FIRST = ("CN", "HK", "MO", "TW")


def _named(names: Mapping[str, str], language: str) -> str:
    """One name; the table writes `*de` where a language calls a country as German does. Empty where there is none."""
    text, seen = names.get(language) or names.get("en") or "", {language}
    while text.startswith("*") and text[1:] not in seen:
        seen.add(text[1:])
        text = names.get(text[1:], "")
    return "" if text.startswith("*") else text


def country_text(code: str) -> str:
    """The name of a country; letters that name none are shown as they are."""
    language = (get_language() or "en").split("-")[0]
    return _named(LOCALE_DATA.get(code.upper(), {}), language) or code


@lru_cache(maxsize=4)
def _listed(language: str) -> tuple[tuple[str, str], ...]:
    named = {code: _named(names, language) for code, names in LOCALE_DATA.items() if code.isalpha()}
    rest = sorted(
        ((name, code) for code, name in named.items() if name and code not in _FIRST),
        key=lambda pair: reading(pair[0]).sort_key,
    )
    return (*((code, named[code]) for code in _FIRST), *((code, name) for name, code in rest))


def countries() -> tuple[tuple[str, str], ...]:
    """All countries as pairs of letters and name: those nearby first, the others by name."""
    return _listed((get_language() or "en").split("-")[0])
