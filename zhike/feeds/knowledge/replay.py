"""From facts about customers to reports for the customer dimension: a fold over the stream, and nothing else.

What a customer was at a moment follows from the facts up to it alone, so that loading in any number of steps and
loading everything anew end in the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from zhike.kernel.events import FactRead

CREATED, ABSORBED, UNMERGED, REMOVED, ERASED = (
    "customers.created", "customers.absorbed", "customers.unmerged", "customers.removed", "customers.erased",
)  # fmt: skip
KINDS = (
    CREATED, ABSORBED, UNMERGED, REMOVED, ERASED, "customers.updated", "customers.classified", "customers.assigned",
    "customers.merged", "customers.address_added", "customers.address_changed", "customers.address_removed",
)  # fmt: skip
# Field of a fact → column of the dimension.
_FIELDS = ("kind", "grade", "stage", "state", "owner", "unit", "province", "city")
_EMPTY: dict[str, Any] = {
    "kind": None, "grade": None, "stage": None, "state": None, "owner": None, "unit": None, "region": None,
    "province": None, "city": None, "created_date": None, "merged_into": None,
}  # fmt: skip


@dataclass(slots=True)
class Known:
    """What the dimension knows of a customer: its attributes after the fact at `sequence`."""

    values: dict[str, Any] = field(default_factory=lambda: dict(_EMPTY))
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
    """Reports in the columns of `CHANGE`, and the customers that were taken out again."""

    reports: list[dict[str, Any]]
    removed: frozenset[UUID]


def replay(
    facts: Sequence[FactRead],
    known: Mapping[int, Known],
    keys: Mapping[UUID, int],
    region_of: Callable[[str | None], str | None],
) -> Replayed:
    """Fold facts in the order of their positions; those that a customer's known state includes are passed over."""
    removed = frozenset(fact.record_id for fact in facts if fact.kind in (REMOVED, ERASED))
    states = dict(known)
    reports = []
    for fact in facts:
        if fact.record_id in removed or fact.position is None:
            continue
        key = keys[fact.record_id]
        state = states.setdefault(key, Known())
        if fact.position <= state.sequence:
            continue
        _apply(state.values, fact, keys, region_of)
        state.sequence = fact.position
        reports.append({"customer_key": key, **state.values, "at": fact.at, "sequence": fact.position})
    return Replayed(reports, removed)


def people_in(facts: Iterable[FactRead]) -> set[UUID]:
    """Every customer that facts speak of, survivors of merges included."""
    found = set()
    for fact in facts:
        found.add(fact.record_id)
        if fact.kind == ABSORBED:
            found.add(UUID(str(fact.data["into"])))
    return found


def _apply(
    values: dict[str, Any],
    fact: FactRead,
    keys: Mapping[UUID, int],
    region_of: Callable[[str | None], str | None],
) -> None:
    for name in _FIELDS:
        if name in fact.changes:
            values[name] = _text(fact.changes[name][1])
    if "unit" in fact.changes:
        values["region"] = region_of(values["unit"])
    if fact.kind == CREATED:
        values["created_date"] = day_of(fact.at)
    elif fact.kind == ABSORBED:
        values["merged_into"] = keys[UUID(str(fact.data["into"]))]
    elif fact.kind == UNMERGED:
        values["merged_into"] = None


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def day_of(moment: datetime) -> date:
    """The day of a moment where the company is."""
    return timezone.localtime(moment).date()
