"""What models say to people: names with their words in both languages."""

from __future__ import annotations

from enum import Enum


class Worded(Enum):
    """An enumeration of which each member is worded: `NAME = ("in English", "中文")`."""

    def __init__(self, en: str, zh: str) -> None:
        self.en = en
        self.zh = zh

    @property
    def code(self) -> str:
        """A stable name: the member's own in lower case."""
        return self.name.lower()
