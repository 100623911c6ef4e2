"""What a list shows, as cells of a file and as business cards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from zhike.feeds.files.vcards import Card, Entry, PostalAddress
from zhike.feeds.files.writers import Value
from zhike.kernel.fields import Field, Kind
from zhike.kernel.reading import Row
from zhike.kernel.staff import names_of_staff, names_of_units

_NAMES: Mapping[str, Callable[[Iterable[UUID]], dict[UUID, str]]] = {
    "staff": names_of_staff,
    "units": names_of_units,
}
CARD_FIELDS = (
    "name",
    "kind",
    "phone",
    "email",
    "province",
    "city",
    "district",
    "address",
    "birthday",
    "tags",
)


def _names(rows: Sequence[Row], columns: Mapping[str, Field]) -> dict[str, dict[UUID, str]]:
    """The names that references stand for: one statement for each column of references."""
    found: dict[str, dict[UUID, str]] = {}
    for name, field in columns.items():
        if field.kind == Kind.REFERENCE and field.reference in _NAMES:
            ids = {value for row in rows if isinstance(value := row.values.get(name), UUID)}
            found[name] = _NAMES[field.reference](ids)
    return found


def rows_of(rows: Sequence[Row], columns: Mapping[str, Field]) -> list[list[Value]]:
    """The rows as cells: choices by their labels, references by their names, moments in local time."""
    names = _names(rows, columns)
    labels = {
        name: {choice.value: str(choice.label) for choice in field.choices} for name, field in columns.items()
    }
    return [
        [_cell(row.values.get(name), labels[name], names.get(name, {})) for name in columns] for row in rows
    ]


def _cell(value: Any, labels: Mapping[str, str], names: Mapping[UUID, str]) -> Value:
    if isinstance(value, list | tuple | set | frozenset):
        return "; ".join(str(_cell(each, labels, names) or "") for each in value)
    if isinstance(value, Mapping):
        return "; ".join(str(each) for each in value.values())
    if isinstance(value, UUID):
        return names.get(value, str(value))
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, str):
        return labels.get(value, value)
    return value if isinstance(value, int | float | bool) or value is None else _plain(value)


def _plain(value: Any) -> Value:
    """Decimals and days as they are, anything else as text."""
    return value if hasattr(value, "as_tuple") or hasattr(value, "isoformat") else str(value)


def card_of(row: Row) -> Card:
    """A customer as a business card, from what the reader may see."""
    values = {name: row.values.get(name) for name in CARD_FIELDS}
    name = str(values["name"] or "")
    firm = values["kind"] == "organisation"
    street = _first(values["address"])
    places = [str(values[part] or "") for part in ("province", "city")]
    address = (PostalAddress(street, places[1], places[0]),) if street or any(places) else ()
    tags = values["tags"]
    return Card(
        full_name=name, organisation=name if firm else "", birthday=str(values["birthday"] or ""),
        categories=",".join(map(str, tags)) if isinstance(tags, list | tuple) else "", uid=f"urn:uuid:{row.id}",
        phones=tuple(Entry(text) for text in [_first(values["phone"])] if text),
        emails=tuple(Entry(text) for text in [_first(values["email"])] if text), addresses=address,
    )  # fmt: skip


def _first(value: Any) -> str:
    if isinstance(value, list | tuple):
        return str(value[0]) if value else ""
    return str(value or "")
