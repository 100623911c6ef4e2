"""What a customer was in earlier periods, as words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from zhike.customers.queries import CUSTOMERS
from zhike.customers.types import Aspect, CustomerCard
from zhike.kernel.staff import names_of_staff, names_of_units
from zhike.web.lists.show import label_of


def periods(found: CustomerCard) -> list[dict[str, Any]]:
    """The periods of each aspect, newest first; aspects that never changed are left out."""
    by_aspect: dict[str, list[Any]] = {}
    for each in found.history:
        by_aspect.setdefault(each.aspect, []).append(each)
    changed = {name: rows for name, rows in by_aspect.items() if len(rows) > 1}
    names = _names(found, changed)
    return [
        {
            "label": Aspect(name).label,
            "periods": [
                {"value": _word(name, row.value, names), "since": row.since, "until": row.until}
                for row in sorted(rows, key=lambda row: row.since, reverse=True)
            ],
        }
        for name, rows in changed.items()
    ]


def _names(found: CustomerCard, by_aspect: dict[str, list[Any]]) -> dict[UUID, str]:
    """Names of earlier account managers and units; the present ones stand on the card already."""
    owner, unit = found.values.get("owner"), found.values.get("unit")
    known = {each: name for each, name in ((owner, found.owner_name), (unit, found.unit_name)) if each}
    people = {UUID(row.value) for row in by_aspect.get("owner", ()) if row.value} - set(known)
    units = {UUID(row.value) for row in by_aspect.get("unit", ()) if row.value} - set(known)
    return {**known, **names_of_staff(people), **names_of_units(units)}


def _word(aspect: str, value: str, names: dict[UUID, str]) -> str:
    if not value:
        return "—"
    if aspect in ("owner", "unit"):
        return names.get(UUID(value), "—")
    return label_of(CUSTOMERS.fields[aspect], value)
