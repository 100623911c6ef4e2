"""Rights: which actions, which rows, which fields. Read from `config/roles.yaml`, merged over roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


class FieldRight(IntEnum):
    """What may be done with a field; each level includes the ones before it."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    WRITE = 3


class RowScope(IntEnum):
    """Which rows: none, own, those of the unit, of the unit and below, all (plus what is shared)."""

    NONE = 0
    OWN = 1
    UNIT = 2
    UNIT_AND_BELOW = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class RowRight:
    """The rows that may be read and the rows that may be changed."""

    read: RowScope = RowScope.NONE
    write: RowScope = RowScope.NONE

    def merged(self, other: RowRight) -> RowRight:
        """The wider of both."""
        return RowRight(max(self.read, other.read), max(self.write, other.write))


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of one or several roles together. `*` stands for any resource, field or action part."""

    actions: frozenset[str] = frozenset()
    rows: Mapping[str, RowRight] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, FieldRight]] = field(default_factory=dict)

    @classmethod
    def everything(cls) -> Rights:
        """All rights there are."""
        every = RowRight(RowScope.ALL, RowScope.ALL)
        return cls(frozenset({"*"}), {"*": every}, {"*": {"*": FieldRight.WRITE}})

    def allows(self, permission: str) -> bool:
        """Whether an action pattern (`customers.*`) covers the permission."""
        return any(pattern == permission or fnmatchcase(permission, pattern) for pattern in self.actions)

    def row(self, resource: str) -> RowRight:
        """The row right on a resource."""
        return self.rows.get(resource) or self.rows.get("*") or RowRight()

    def field(self, resource: str, name: str) -> FieldRight:
        """The right on one field: the field's own line, else the resource's `*`, else hidden."""
        table = self.fields.get(resource)
        if table is None:
            table = self.fields.get("*", {})
        right = table.get(name)
        return table.get("*", FieldRight.HIDDEN) if right is None else right

    def merged(self, other: Rights) -> Rights:
        """The union of two sets of rights: whoever has two roles may do what either may do."""
        rows = {name: self.row(name).merged(other.row(name)) for name in {*self.rows, *other.rows}}
        fields: dict[str, dict[str, FieldRight]] = {}
        for resource in {*self.fields, *other.fields}:
            mine = self.fields.get(resource, self.fields.get("*", {}))
            theirs = other.fields.get(resource, other.fields.get("*", {}))
            fields[resource] = {
                name: max(
                    mine.get(name, mine.get("*", FieldRight.HIDDEN)),
                    theirs.get(name, theirs.get("*", FieldRight.HIDDEN)),
                )
                for name in {*mine, *theirs, "*"}
            }
        return Rights(self.actions | other.actions, rows, fields)


NO_RIGHTS = Rights()


@dataclass(frozen=True, slots=True)
class Role:
    """One role of the policy file."""

    name: str
    label_zh: str
    label_en: str
    rights: Rights

    def label(self, locale: str) -> str:
        """The label in the person's language."""
        return self.label_zh if locale.startswith("zh") else self.label_en


def _rights(raw: Mapping[str, Any]) -> Rights:
    rows = {
        resource: RowRight(RowScope[scope["read"].upper()], RowScope[scope["write"].upper()])
        for resource, scope in raw.get("rows", {}).items()
    }
    fields = {
        resource: {name: FieldRight[right.upper()] for name, right in table.items()}
        for resource, table in raw.get("fields", {}).items()
    }
    return Rights(frozenset(raw.get("actions", ())), rows, fields)


def read_roles(path: Path) -> dict[str, Role]:
    """Parse a policy file. Raises KeyError or ValueError naming what is unknown in it."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        name: Role(name, body["label"]["zh"], body["label"]["en"], _rights(body))
        for name, body in raw["roles"].items()
    }


@lru_cache(maxsize=1)
def roles() -> dict[str, Role]:
    """The roles of this installation, from `zhike/config/roles.yaml`."""
    return read_roles(Path(__file__).resolve().parent.parent / "config" / "roles.yaml")


def rights_of(names: Iterable[str]) -> Rights:
    """The merged rights of the named roles; a role that the policy no longer has gives nothing."""
    known = roles()
    merged = NO_RIGHTS
    for name in names:
        if name in known:
            merged = known[name].rights if merged is NO_RIGHTS else merged.merged(known[name].rights)
    return merged
