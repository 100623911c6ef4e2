"""Which column of a file is which field of a purchase line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from zhike.feeds.files.values import DateOrder

PURCHASE_FIELDS = (
    "document",
    "line_no",
    "customer",
    "product",
    "description",
    "quantity",
    "unit_price",
    "amount",
    "occurred_at",
    "currency",
)
REQUIRED = ("quantity", "occurred_at", "currency")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field comes from: columns (several are joined by `join`) or one constant `value`. The form "whole"
    takes the needless fraction from an identifier that was written as a number (17850.0)."""

    columns: tuple[str, ...] = ()
    join: str = "-"
    value: str | None = None
    form: Literal["text", "whole"] = "text"


@dataclass(frozen=True, slots=True)
class PurchaseMapping:
    """Sources by field of `PURCHASE_FIELDS`. Needed are quantity, occurred_at, currency, and unit_price or amount.

    Moments without an offset are in `zone`. Without a line_no lines are counted within each run of one document.
    """

    fields: Mapping[str, Source]
    zone: str = "Asia/Shanghai"
    order: DateOrder = "dmy"

    def __post_init__(self) -> None:
        """Raise `ValueError` naming the field that is unknown or missing."""
        for name in self.fields:
            if name not in PURCHASE_FIELDS:
                raise ValueError(f"unknown field {name}")
        for name in REQUIRED:
            if name not in self.fields:
                raise ValueError(f"missing field {name}")
        if "unit_price" not in self.fields and "amount" not in self.fields:
            raise ValueError("missing field unit_price")
        ZoneInfo(self.zone)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> PurchaseMapping:
        """From `{"zone": …, "fields": {name: {"column"|"columns"|"value": …, "join": …, "form": …}}}`."""
        fields = {name: _source(entry) for name, entry in raw["fields"].items()}
        return cls(fields, zone=raw.get("zone", "Asia/Shanghai"), order=raw.get("order", "dmy"))

    def to_json(self) -> dict[str, Any]:
        """The inverse of `from_json`."""
        fields = {
            name: {
                "columns": list(source.columns),
                "join": source.join,
                "value": source.value,
                "form": source.form,
            }
            for name, source in self.fields.items()
        }
        return {"zone": self.zone, "order": self.order, "fields": fields}


def _source(entry: Mapping[str, Any]) -> Source:
    columns = entry.get("columns") or ([entry["column"]] if "column" in entry else [])
    value = entry.get("value")
    if bool(columns) == (value is not None):
        raise ValueError("a field needs either a column or a value")
    if entry.get("form", "text") not in ("text", "whole"):
        raise ValueError(f"unknown form {entry['form']}")
    return Source(tuple(columns), entry.get("join", "-"), value, entry.get("form", "text"))
