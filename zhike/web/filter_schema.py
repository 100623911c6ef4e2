"""What the filter builder of a list may ask about: fields and relations the actor may read in the clear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zhike.kernel.actor import Actor
from zhike.kernel.conditions.tree import OPERATORS
from zhike.kernel.fields import Field, Resource, right_on
from zhike.kernel.rights import FieldRight

Choices = Sequence[tuple[str, str]]


def _described(field: Field, references: Mapping[str, Choices]) -> dict[str, Any]:
    choices = references.get(field.reference, ()) if field.reference else field.choices
    pairs = [list(item) if isinstance(item, tuple) else [item.value, str(item.label)] for item in choices]
    return {
        "name": field.name,
        "label": str(field.label),
        "kind": field.kind.value,
        "operators": [op.value for op in OPERATORS[field.kind]],
        "section": str(field.section),
        **({"choices": pairs} if pairs else {}),
    }


def filter_schema(
    actor: Actor, of: Resource, references: Mapping[str, Choices] | None = None
) -> dict[str, Any]:
    """The JSON for `<div data-island="filter" data-schema=…>`: `fields` and `relations` with their operators.

    `references` gives the choices of reference fields by what they refer to, as pairs of value and label
    (`{"staff": [("@me", "Me"), …]}`). Fields that are hidden or masked for the actor are left out.
    """
    known = references or {}

    def usable(fields: Iterable[Field]) -> list[dict[str, Any]]:
        open_ones = (
            item for item in fields if item.filterable and right_on(actor, of, item) >= FieldRight.READ
        )
        return [_described(item, known) for item in open_ones]

    relations = [
        {"name": each.name, "label": str(each.label), "fields": usable(each.fields.values())}
        for each in of.relations.values()
        if right_on(actor, of, each) >= FieldRight.READ
    ]
    fields = usable(of.all_fields().values())
    return {
        "fields": fields,
        "relations": [one for one in relations if one["fields"]],
    }
