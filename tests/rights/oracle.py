"""Who may see and change what, worked out from roles.yaml alone: no code of the kernel's rights is used here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

_POLICY = Path(__file__).resolve().parents[2] / "zhike" / "config" / "roles.yaml"
LEVELS = {"hidden": 0, "masked": 1, "read": 2, "write": 3}
HIDDEN, MASKED, READ, WRITE = range(4)
# Fields that roles.yaml speaks of under another name.
GOVERNED_BY = {"legal_name": "name", "english_name": "name", "name_pinyin": "name", "tags": "tag"}


@lru_cache(maxsize=1)
def policy() -> Mapping[str, Any]:
    """The roles as the file has them."""
    roles: Mapping[str, Any] = yaml.safe_load(_POLICY.read_text(encoding="utf-8"))["roles"]
    return roles


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides about one row: its owner, its unit and the shares of it (grantee → may write)."""

    owner: UUID | None
    unit: UUID | None
    shares: Mapping[UUID, bool]
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody as the policy sees them. `tree` holds (unit, parent) of every unit."""

    id: UUID
    roles: tuple[str, ...]
    unit: UUID | None
    tree: Mapping[UUID, UUID | None]

    def permitted(self, permission: str) -> bool:
        """Whether one of the roles names the permission."""
        return any(fnmatchcase(permission, each) for role in self.roles for each in policy()[role]["actions"])

    def above(self) -> set[UUID]:
        """The own unit and all that it is part of."""
        found, here = set(), self.unit
        while here is not None:
            found.add(here)
            here = self.tree[here]
        return found

    def _below(self, unit: UUID | None) -> bool:
        while unit is not None:
            if unit == self.unit:
                return True
            unit = self.tree[unit]
        return False

    def _in_scope(self, scope: str, row: Sight) -> bool:
        if scope == "all":
            return True
        if scope == "none":
            return False
        if row.owner == self.id:
            return True
        if scope == "unit":
            return self.unit is not None and row.unit == self.unit
        return scope == "unit_and_below" and self._below(row.unit)

    def sees(self, row: Sight, access: str = "read", resource: str = "customers") -> bool:
        """Whether the row may be read (or written)."""
        if row.gone or not self.permitted(f"{resource}.read"):
            return False
        for role in self.roles:
            rows = policy()[role]["rows"]
            if self._in_scope((rows.get(resource) or rows["*"])[access], row):
                return True
        grants = [may for who, may in row.shares.items() if who == self.id or who in self.above()]
        return any(grants) if access == "write" else bool(grants)

    def level(self, field: str, resource: str = "customers") -> int:
        """The best right that any of the roles gives on a field."""
        name = GOVERNED_BY.get(field, field)
        best = HIDDEN
        for role in self.roles:
            tables = policy()[role]["fields"]
            table = tables.get(resource, tables.get("*", {}))
            best = max(best, LEVELS[table.get(name, table.get("*", "hidden"))])
        return best

    def visible(self, rows: Mapping[UUID, Sight]) -> set[UUID]:
        """The ids that may be read."""
        return {key for key, row in rows.items() if self.sees(row)}


def reader_of(person: Any, units: Iterable[Any]) -> Reader:
    """A member of staff as a reader."""
    return Reader(person.id, tuple(person.roles), person.unit_id, {unit.id: unit.parent_id for unit in units})
