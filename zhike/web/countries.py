"""Countries by their two letters, with their names in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import phonenumbers
from django.utils.translation import get_language

from zhike.kernel.pinyin import reading

_FIRST = ("CN", "HK", "MO", "TW")


def _named(names: Mapping[str, str], language: str) -> str:
    """One name; the table writes `*de` where a language calls a country as German does. Empty where there is none."""
    text, seen = names.get(language) or names.get("en") or "", {language}
    while text.startswith("*") and text[1:] not in seen:
        seen.add(text[1:])
        text = names.get(text[1:], "")
    return "" if text.startswith("*") else text


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    """Names by country and language, in the words of the table that `phonenumbers` brings.

    Its file is read by itself: the package around it would fill a hundred megabytes with places of the world.
    """
    path = str(Path(phonenumbers.__file__).parent / "geodata" / "locale.py")
    loader = SourceFileLoader("phonenumbers.geodata.locale", path)
    spec = spec_from_file_location(loader.name, path, loader=loader)
    if spec is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    loader.exec_module(module)
    known: Mapping[str, Mapping[str, str]] = module.LOCALE_DATA
    return {
        code: {language: _named(names, language) for language in ("zh", "en")}
        for code, names in known.items()
        if code.isalpha()
    }


def country_text(code: str) -> str:
    """The name of a country; letters that name none are shown as they are."""
    return _table().get(code.upper(), {}).get((get_language() or "en").split("-")[0]) or code


@lru_cache(maxsize=4)
def _listed(language: str) -> tuple[tuple[str, str], ...]:
    named = {code: names[language] for code, names in _table().items()}
    rest = sorted(
        ((name, code) for code, name in named.items() if name and code not in _FIRST),
        key=lambda pair: reading(pair[0]).sort_key,
    )
    return (*((code, named[code]) for code in _FIRST), *((code, name) for name, code in rest))


def countries() -> tuple[tuple[str, str], ...]:
    """All countries as pairs of letters and name: those nearby first, the others by name."""
    return _listed((get_language() or "en").split("-")[0])
