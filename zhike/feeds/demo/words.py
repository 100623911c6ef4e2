"""Word lists of the demo, kept as data."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

DATA = Path(__file__).resolve().parent / "data"


@lru_cache(maxsize=1)
def _lists() -> dict[str, str]:
    text = (DATA / "words.yaml").read_text(encoding="utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found


@lru_cache(maxsize=32)
def words(name: str) -> tuple[str, ...]:
    """The words of a list."""
    return tuple(_lists()[name].split())
