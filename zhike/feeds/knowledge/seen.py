"""Which customers somebody may see, as warehouse keys, and which of their figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.customers.queries import CUSTOMERS
from zhike.feeds.knowledge.models import CustomerKey
from zhike.feeds.knowledge.value_types import UnitChoice
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotAllowed, NotFound
from zhike.kernel.fields import resource, right_on, usable_field
from zhike.kernel.reading import ListRequest, list_records
from zhike.kernel.rights import FieldRight, RowScope
from zhike.kernel.rows import visible

_MOST_UNITS = 500


@dataclass(frozen=True, slots=True)
class Units:
    """The units somebody may choose among, and the chosen one with all below it (empty: no choice)."""

    choices: list[UnitChoice]
    chosen: list[UUID]


def may_see(context: Context, *names: str) -> bool:
    """Whether the reader sees all these fields of customers in the clear."""
    fields = CUSTOMERS.all_fields()
    return all(right_on(context.actor, CUSTOMERS, fields[name]) >= FieldRight.READ for name in names)


def require_fields(context: Context, *names: str) -> None:
    """Raise FieldHidden for the first of the fields that the reader does not see in the clear."""
    for name in names:
        usable_field(context.actor, CUSTOMERS, name)


def units_for(context: Context, unit: UUID | None) -> Units:
    """The units whose customers the reader may see. Raises NotFound for one that is not among them."""
    try:
        rows = list_records(
            context, resource("units"), ListRequest(fields=("name", "parent"), sort="name", size=_MOST_UNITS)
        ).rows
    except NotAllowed:
        return Units([], [])
    children: dict[Any, list[Any]] = {}
    for row in rows:
        children.setdefault(row.values["parent"], []).append(row)
    known = {row.id for row in rows}
    tops = [row for row in rows if row.values["parent"] not in known]
    tree: list[tuple[int, Any]] = []

    def walk(row: Any, depth: int) -> None:
        tree.append((depth, row))
        for child in children.get(row.id, []):
            walk(child, depth + 1)

    for row in tops:
        walk(row, 0)
    mine = _reach(context)
    choices = [
        UnitChoice(row.id, row.values["name"], depth) for depth, row in tree if mine is None or row.id in mine
    ]
    return Units(choices, _below(choices, tree, unit))


def _below(choices: Sequence[UnitChoice], tree: Sequence[tuple[int, Any]], unit: UUID | None) -> list[UUID]:
    """The unit and those below it: in the order of the tree, all that follow it at a greater depth."""
    if unit is None:
        return []
    if unit not in {choice.id for choice in choices}:
        raise NotFound(resource="units")
    start = next(place for place, (_depth, row) in enumerate(tree) if row.id == unit)
    found = [unit]
    for depth, row in tree[start + 1 :]:
        if depth <= tree[start][0]:
            break
        found.append(row.id)
    return found


def _reach(context: Context) -> set[UUID] | None:
    """The units whose customers the reader sees; None for all."""
    scope = context.actor.rights.row(CUSTOMERS.name).read
    if scope == RowScope.ALL:
        return None
    if scope == RowScope.UNIT_AND_BELOW:
        return set(context.actor.unit_ids_below)
    return {context.actor.unit_id} if scope == RowScope.UNIT and context.actor.unit_id else set()


def sees_all(context: Context, units: Sequence[UUID] = ()) -> bool:
    """Whether the reader sees the customers of the whole company, and asks for no unit."""
    return not units and context.actor.rights.row(CUSTOMERS.name).read == RowScope.ALL


def seen_among(context: Context, keys: pa.Array, units: Sequence[UUID] = ()) -> npt.NDArray[np.bool_]:
    """For each key, whether the reader may see the customer (in one of the units, where any are given)."""
    people = visible(context.actor, CUSTOMERS)
    if units:
        people = people.filter(unit_id__in=list(units))
    asked = keys.to_numpy()
    if sees_all(context, units):
        # Nearly everybody: ask for the few who are gone.
        gone = CustomerKey.objects.exclude(party_id__in=people.values("pk")).values_list("key", flat=True)
        return ~np.isin(asked, np.fromiter(gone.iterator(), dtype=np.int64))
    rows = CustomerKey.objects.filter(party_id__in=people.values("pk")).values_list("key", flat=True)
    return np.isin(asked, np.fromiter(rows.iterator(), dtype=np.int64))
