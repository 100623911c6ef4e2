"""How a file is to be read, and the limits that keep any file from hurting the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

Kind = Literal["delimited", "spreadsheet", "vcard"]

BLANKS = "blanks"
"""As `delimiter`: columns stand apart by any run of blanks."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may ask for. Sizes in bytes (of text: characters), times in seconds."""

    line: int = 1 << 20
    endless_line: int = 64 << 20
    columns: int = 1000
    ratio: int = 250
    ratio_from: int = 16 << 20
    unpacked: int = 1 << 30
    unpacked_text: int = 64 << 30
    entries: int = 2000
    child_memory: int = 1536 << 20
    child_cpu: int = 900
    child_silence: float = 120.0
    eager_sheet: int = 96 << 20
    card: int = 1 << 20
    card_repeats: int = 10


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class TableOptions:
    """One way to read a file. `header_row` counts from 1 as a spreadsheet program does, junk lines included;
    None means that there is no header and columns are named A, B, C …; `first_row` is the first data row then.
    """

    kind: Kind = "delimited"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    header_row: int | None = 1
    first_row: int = 1
    sheet: str | None = None
    pad_short_rows: bool = False
    limits: Limits = field(default=DEFAULT_LIMITS)

    def to_json(self) -> dict[str, Any]:
        """A plain form to store with a job."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> TableOptions:
        """The inverse of `to_json`; unknown keys are an error, missing ones take their defaults."""
        known = {entry.name for entry in fields(cls)}
        if strange := set(raw) - known:
            raise ValueError(f"unknown option {sorted(strange)[0]}")
        values = dict(raw)
        if "limits" in values:
            values["limits"] = Limits(**values["limits"])
        return cls(**values)
