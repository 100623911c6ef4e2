"""What forms of the settings offer to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from zhike.kernel.actor import Context
from zhike.kernel.reading import ListRequest, list_records
from zhike.kernel.staff import STAFF, UNITS, role_choices

_MOST = 500


@dataclass(slots=True)
class Place:
    """One unit in the tree, with how deep it lies and how many people belong to it."""

    id: UUID
    name: str
    parent: UUID | None
    region: str
    version: int
    depth: int = 0
    people: int = 0
    below: int = 0


def unit_tree(context: Context) -> list[Place]:
    """All units the actor may see, each behind the one above it, siblings by name."""
    rows, cursor = [], None
    while True:
        part = list_records(
            context,
            UNITS,
            ListRequest(
                fields=("name", "parent", "region", "version"), cursor=cursor, size=_MOST, counted=False
            ),
        )
        rows += part.rows
        if not (cursor := part.next):
            break
    places = {
        row.id: Place(
            row.id, row.values["name"], row.values["parent"], row.values["region"], int(row.values["version"])
        )
        for row in rows
    }
    return _in_order(places)


def _in_order(places: dict[UUID, Place]) -> list[Place]:
    below: dict[UUID | None, list[Place]] = {}
    for place in places.values():
        above = place.parent if place.parent in places else None
        below.setdefault(above, []).append(place)
    ordered: list[Place] = []

    def walk(above: UUID | None, depth: int) -> int:
        count = 0
        for place in sorted(below.get(above, []), key=lambda each: each.name):
            place.depth = depth
            ordered.append(place)
            place.below = walk(place.id, depth + 1)
            count += 1 + place.below
        return count

    walk(None, 0)
    return ordered


def unit_choices(context: Context, *, without: UUID | None = None) -> list[tuple[str, str]]:
    """Units for a select, those below set in; `without` leaves out a unit and all below it."""
    pairs, hidden = [], -1
    for place in unit_tree(context):
        if 0 <= hidden < place.depth:
            continue
        hidden = place.depth if place.id == without else -1
        if hidden < 0:
            pairs.append((str(place.id), f"{'　' * place.depth}{place.name}"))
    return pairs


def staff_choices(context: Context) -> list[tuple[str, str]]:
    """People for a select, by name."""
    request = ListRequest(fields=("name", "username"), sort="name", size=_MOST, counted=False)
    rows = list_records(context, STAFF, request).rows
    return [(str(row.id), f"{row.values['name']} ({row.values['username']})") for row in rows]


def role_pairs() -> list[tuple[str, str]]:
    """The roles of the policy file for a form."""
    return [(choice.value, str(choice.label)) for choice in role_choices()]


def languages() -> Sequence[tuple[str, Any]]:
    """The languages of the screens, each in its own words."""
    return list(settings.LANGUAGES)
