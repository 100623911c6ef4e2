"""The policy file in words: which role may do what, see which rows, and use which fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.kernel.actions import deeds
from zhike.kernel.fields import resource, resources
from zhike.kernel.rights import FieldRight, Rights, RowScope, roles
from zhike.web.settings.choices import role_pairs
from zhike.web.words import joined


@dataclass(slots=True)
class Permission:
    """A right as roles name it, with the deeds it opens."""

    name: str
    labels: list[Any] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What it opens, in words."""
        return joined(dict.fromkeys(map(str, self.labels)))


@dataclass(frozen=True, slots=True)
class Line:
    """What one set of rights says about one kind of record."""

    resource: str
    label: Any
    read: str
    write: str
    read_scope: int
    write_scope: int
    exceptions: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Explained:
    """What somebody may do: permissions by room, and lines by kind of record."""

    rooms: list[tuple[str, list[tuple[Permission, bool]]]]
    lines: list[Line]


@lru_cache(maxsize=1)
def permissions() -> dict[str, Permission]:
    """Every right that some action, query or kind of record asks for, by name."""
    found: dict[str, Permission] = {}
    for deed in deeds():
        found.setdefault(deed.permission, Permission(deed.permission)).labels.append(deed.label)
    for of in resources().values():
        found.setdefault(of.read, Permission(of.read)).labels.insert(0, of.label)
    return dict(sorted(found.items()))


def room_label(room: str) -> str:
    """The heading of a room's rights."""
    known = {
        "audit": _("Audit trail"), "crypto": _("Encryption"), "customers": _("Customers"),
        "feeds": _("Import and export"), "fields": _("Fields of your own"), "insight": _("Knowledge"),
        "jobs": _("Jobs"), "privacy": _("Personal data"), "sharing": _("Sharing"), "staff": _("Staff"),
        "tokens": _("Tokens"), "units": _("Units"), "views": _("Saved views"),
    }  # fmt: skip
    return known.get(room, room)


def right_label(name: str) -> str:
    """What a right or a pattern of rights (`customers.*`) opens, in words."""
    room, _dot, verb = name.partition(".")
    if room == "*":
        return _("All rights")
    if verb == "*":
        return _("%(room)s: everything") % {"room": room_label(room)}
    known = permissions().get(name)
    return known.label if known else name


def scope_label(scope: RowScope) -> str:
    """The rows of a scope in words."""
    return {
        RowScope.NONE: pgettext("rows", "none"),
        RowScope.OWN: pgettext("rows", "own"),
        RowScope.UNIT: pgettext("rows", "own unit"),
        RowScope.UNIT_AND_BELOW: pgettext("rows", "own unit and below"),
        RowScope.ALL: pgettext("rows", "all"),
    }[scope]


def field_label(right: FieldRight) -> str:
    """The right on a field in words."""
    return {
        FieldRight.HIDDEN: pgettext("field right", "hidden"),
        FieldRight.MASKED: pgettext("field right", "masked"),
        FieldRight.READ: pgettext("field right", "read"),
        FieldRight.WRITE: pgettext("field right", "write"),
    }[right]


_TONES = {
    FieldRight.HIDDEN: "danger",
    FieldRight.MASKED: "warning",
    FieldRight.READ: "grey",
    FieldRight.WRITE: "success",
}


def _field_words(name: str) -> Mapping[str, Any]:
    words: dict[str, Any] = {}
    for item in resource(name).fields.values():
        words.setdefault(item.governing, item.label)
    for relation in resource(name).relations.values():
        words.setdefault(relation.right or relation.name, relation.label)
    return words


def _exceptions(rights: Rights, name: str) -> list[tuple[str, str, str]]:
    """Every field as (label, right, tone) whose right differs from that on most. Who changes no record writes none."""
    most = FieldRight.READ if rights.row(name).write == RowScope.NONE else FieldRight.WRITE
    usual = min(rights.field(name, "*"), most)
    found = [(label, min(rights.field(name, key), most)) for key, label in _field_words(name).items()]
    rest = pgettext("field right", "Everything else")
    special = [(str(label), field_label(right), _TONES[right]) for label, right in found if right != usual]
    return [
        *special,
        (rest if special else pgettext("field right", "All fields"), field_label(usual), _TONES[usual]),
    ]


def lines_of(rights: Rights) -> list[Line]:
    """What a set of rights says about each kind of record."""
    return [
        Line(
            name, of.label, scope_label(rights.row(name).read), scope_label(rights.row(name).write),
            rights.row(name).read, rights.row(name).write, _exceptions(rights, name),
        )
        for name, of in resources().items()
        if rights.allows(of.read)
    ]  # fmt: skip


def explained(rights: Rights) -> Explained:
    """What these rights amount to."""
    rooms: dict[str, list[tuple[Permission, bool]]] = {}
    for name, permission in permissions().items():
        rooms.setdefault(room_label(name.split(".")[0]), []).append((permission, rights.allows(name)))
    return Explained(list(rooms.items()), lines_of(rights))


def matrix() -> list[tuple[str, list[tuple[Permission, list[tuple[str, bool]]]]]]:
    """Rooms with their permissions, each with the label of every role in turn and whether it has it."""
    every = [(label, roles()[name].rights) for name, label in role_pairs()]
    rooms: dict[str, list[tuple[Permission, list[tuple[str, bool]]]]] = {}
    for name, permission in permissions().items():
        row = (permission, [(label, rights.allows(name)) for label, rights in every])
        rooms.setdefault(room_label(name.split(".")[0]), []).append(row)
    return list(rooms.items())
