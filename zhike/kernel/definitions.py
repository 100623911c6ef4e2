"""Definitions of user-defined fields: read from the database, kept in memory, turned into ordinary fields."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.functional import lazystr
from django.utils.translation import get_language

from zhike.kernel.fields import Choice, Field, Kind
from zhike.kernel.models import Counter, FieldDefinition

_STAMP = "field_definitions"
_LOOK_AGAIN = 1.0
_UNSORTABLE = (Kind.LONG_TEXT, Kind.CHOICES, Kind.REFERENCE)


class _TwoNames:
    """A label in the language that is active when it is shown; Chinese where English is missing."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return self.zh if (get_language() or "zh").startswith("zh") or not self.en else self.en


@dataclass(frozen=True, slots=True)
class Definition:
    """One user-defined field with its rules. `minimum` and `maximum` bound the value, or the length of a text."""

    id: UUID
    key: str
    field: Field
    required: bool
    unique: bool
    pattern: str
    minimum: str
    maximum: str
    default: Any
    shown_if: Mapping[str, Any] | None
    retired: bool
    position: int


@dataclass(frozen=True, slots=True)
class _Known:
    stamp: int
    by_resource: Mapping[str, Mapping[str, Definition]]


@dataclass(slots=True)
class _Memory:
    known: _Known | None = None
    looked_at: float = 0.0
    changed_here: bool = False


_memory = _Memory()


def row_as_definition(row: FieldDefinition) -> Definition:
    """The stored row as a definition, its field included."""
    kind = Kind(row.kind)
    choices = tuple(
        Choice(item["value"], lazystr(_TwoNames(item["label_zh"], item.get("label_en", ""))))
        for item in row.choices
    )
    field = Field(
        name=row.key,
        label=lazystr(_TwoNames(row.label_zh, row.label_en)),
        kind=kind,
        path=f"custom__{row.key}",
        choices=choices,
        reference=row.reference,
        section=row.section,
        help=lazystr(_TwoNames(row.help_zh, row.help_en)),
        sortable=kind not in _UNSORTABLE,
        custom=True,
    )
    return Definition(
        row.id, row.key, field, row.required, row.unique, row.pattern, row.minimum, row.maximum, row.default,
        row.shown_if, row.retired_at is not None, row.position,
    )  # fmt: skip


def _stamp() -> int:
    return Counter.objects.filter(name=_STAMP).values_list("value", flat=True).first() or 0


def _read(stamp: int) -> _Known:
    by_resource: dict[str, dict[str, Definition]] = {}
    for row in FieldDefinition.objects.all():
        by_resource.setdefault(row.resource, {})[row.key] = row_as_definition(row)
    return _Known(stamp, by_resource)


def _known() -> Mapping[str, Mapping[str, Definition]]:
    if _memory.changed_here and connection.in_atomic_block:
        # A transaction that defines fields sees its own; should it be rolled back, nothing of it was remembered.
        return _read(0).by_resource
    now = time.monotonic()
    known = _memory.known
    if known is None or _memory.changed_here or now - _memory.looked_at >= _LOOK_AGAIN:
        stamp = _stamp()
        if known is None or known.stamp != stamp:
            known = _memory.known = _read(stamp)
        _memory.looked_at, _memory.changed_here = now, False
    return known.by_resource


def definitions(resource: str) -> Mapping[str, Definition]:
    """The user-defined fields of a resource by key, in their order, retired ones included.

    Other processes learn of a change within a second.
    """
    return MappingProxyType(_known().get(resource) or {})


def fields_of(resource: str) -> dict[str, Field]:
    """The user-defined fields in use of a resource, for `Resource.custom_fields`."""
    return {key: item.field for key, item in definitions(resource).items() if not item.retired}


def forget() -> None:
    """Drop what this process remembers of definitions."""
    _memory.known, _memory.changed_here = None, False


def definitions_changed() -> None:
    """Tell every process that definitions changed, as part of the running transaction."""
    # A random stamp: two transactions of which one is rolled back never leave the same number for different fields.
    Counter.objects.update_or_create(name=_STAMP, defaults={"value": secrets.randbits(62)})
    _memory.changed_here = True
    transaction.on_commit(forget)
