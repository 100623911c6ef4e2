"""Rights: which actions, which rows, which fields. Read from `config/roles.yaml`, merged over roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

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


@dataclass(frozen=True, slots=True)
class Unread:
    """A word of the policy file that means nothing: where it stands, what it is, and what could stand there."""

    where: str
    word: str
    possible: tuple[str, ...] = ()


Word = TypeVar("Word", bound=IntEnum)


def _word(words: type[Word], raw: Any, where: str, unread: list[Unread]) -> Word:
    """A scope or right by its name. What is unknown gives the least there is, and is noted."""
    known = {item.name.lower(): item for item in words}
    if raw not in known:
        unread.append(Unread(where, str(raw), tuple(known)))
    return known.get(raw, words(0))


def _table(raw: Any, where: str, unread: list[Unread]) -> Mapping[str, Any]:
    if isinstance(raw, Mapping) or raw is None:
        return {str(key): value for key, value in (raw or {}).items()}
    unread.append(Unread(where, str(raw)))
    return {}


def _known_keys(raw: Mapping[str, Any], known: Sequence[str], where: str, unread: list[Unread]) -> None:
    unread += [Unread(where, name, tuple(known)) for name in raw if name not in known]


def _rights(raw: Mapping[str, Any], where: str, unread: list[Unread]) -> Rights:
    _known_keys(raw, ("label", "actions", "rows", "fields"), where, unread)
    rows, fields = {}, {}
    for of, scopes in _table(raw.get("rows"), f"{where}.rows", unread).items():
        place = f"{where}.rows.{of}"
        table = _table(scopes, place, unread)
        _known_keys(table, ("read", "write"), place, unread)
        read, write = (
            _word(RowScope, table.get(way, "none"), f"{place}.{way}", unread) for way in ("read", "write")
        )
        rows[of] = RowRight(read, write)
    for of, rights in _table(raw.get("fields"), f"{where}.fields", unread).items():
        place = f"{where}.fields.{of}"
        fields[of] = {
            name: _word(FieldRight, right, f"{place}.{name}", unread)
            for name, right in _table(rights, place, unread).items()
        }
    actions = raw.get("actions") or ()
    if isinstance(actions, str):
        unread.append(Unread(f"{where}.actions", actions))
        actions = ()
    return Rights(frozenset(map(str, actions)), rows, fields)


def read_roles(path: Path) -> tuple[dict[str, Role], list[Unread]]:
    """The roles of a policy file, and what in it cannot be understood: that gives the least right there is, so that
    nobody may more than somebody wrote down."""
    unread: list[Unread] = []
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return {}, [Unread(path.name, " ".join(str(error).split()))]
    top = _table(raw, path.name, unread)
    _known_keys(top, ("roles",), path.name, unread)
    made = {}
    for name, given in _table(top.get("roles"), "roles", unread).items():
        body = _table(given, name, unread)
        label = _table(body.get("label"), f"{name}.label", unread)
        zh, en = (str(label.get(language, name)) for language in ("zh", "en"))
        made[name] = Role(name, zh, en, _rights(body, name, unread))
    return made, unread


@lru_cache(maxsize=1)
def policy() -> tuple[dict[str, Role], list[Unread]]:
    """The policy file of this installation, `zhike/config/roles.yaml`, and what in it cannot be understood."""
    return read_roles(Path(__file__).resolve().parent.parent / "config" / "roles.yaml")


def roles() -> dict[str, Role]:
    """The roles of this installation."""
    return policy()[0]


def rights_of(names: Iterable[str]) -> Rights:
    """The merged rights of the named roles; a role that the policy no longer has gives nothing."""
    known = roles()
    merged = NO_RIGHTS
    for name in names:
        if name in known:
            merged = known[name].rights if merged is NO_RIGHTS else merged.merged(known[name].rights)
    return merged
