"""The values of some fields for many records at once, masked where the reader sees masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from zhike.kernel.conditions.to_python import typed
from zhike.kernel.fields import Field, Resource


def _path(field: Field) -> str:
    # User-defined values are taken out of their JSON here: SQLite would give the text "123" back as a number.
    return field.path.rsplit("__", 1)[0] if field.custom else field.path


def _value(row: Mapping[str, Any], field: Field) -> Any:
    value = row[_path(field)]
    return typed(field.kind, (value or {}).get(field.path.rsplit("__", 1)[1])) if field.custom else value


def values_of(
    of: Resource, columns: Mapping[str, Field], ids: Sequence[UUID], *, among: QuerySet[Any] | None = None
) -> dict[UUID, dict[str, Any]]:
    """The values of some fields for many records: one statement for the records, one for loaded fields and scores.

    Records that are not `among` those given are left out.
    """
    direct = {name: field for name, field in columns.items() if not field.apart}
    queryset = (of.model._default_manager.all() if among is None else among).filter(pk__in=list(ids))
    paths = sorted({_path(field) for field in direct.values()})
    found = {row["pk"]: row for row in queryset.values("pk", *paths)}
    apart = [name for name, field in columns.items() if field.apart]
    loaded = of.load(apart, list(found)) if of.load and apart else {}
    result: dict[UUID, dict[str, Any]] = {}
    for record in ids:
        if record not in found:
            continue
        row = {name: _value(found[record], field) for name, field in direct.items()}
        row.update({name: values.get(record) for name, values in loaded.items()})
        result[record] = {
            name: field.mask(row[name]) if field.mask and row[name] is not None else row[name]
            for name, field in columns.items()
        }
    return result
