"""Reading doors: one list and one record, the same for the screen, the API, the CLI, MCP and the export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from zhike.kernel.actor import Context
from zhike.kernel.conditions import fields_of, parse_condition, to_q
from zhike.kernel.errors import FieldHidden, Invalid, NotFound
from zhike.kernel.fields import Field, Resource, readable_fields, usable_field
from zhike.kernel.pages import COUNT_BOUND, Count, Order, count, page
from zhike.kernel.rows import visible
from zhike.kernel.search import search_filter, search_ids
from zhike.kernel.search_store import OneOf
from zhike.kernel.values import values_of

LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What a list shows. `condition` is the JSON form, `sort` a field name with `-` for descending, `text` a search."""

    condition: Mapping[str, Any] | None = None
    sort: str = ""
    fields: Sequence[str] = ()
    cursor: str | None = None
    size: int = 50
    text: str = ""
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a list: its id and the values of the asked fields, masked where the actor sees a mask."""

    id: UUID
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of records in order with its neighbours, and the bounded count of all."""

    rows: list[Row]
    fields: tuple[str, ...]
    next: str | None
    previous: str | None
    count: Count | None


def order_of(context: Context, of: Resource, sort: str) -> Order:
    """The order that a sort text asks for. Raises Invalid or FieldHidden naming the field."""
    text = sort or of.default_sort
    field = usable_field(context.actor, of, text.lstrip("-"))
    if not field.sortable:
        raise Invalid({"sort": _("This field cannot be sorted by: %(name)s.") % {"name": field.name}})
    return Order(field, text.startswith("-"))


def matching(
    context: Context,
    of: Resource,
    *,
    condition: Mapping[str, Any] | None = None,
    text: str = "",
    needs: Sequence[str] = (),
) -> QuerySet[Any]:
    """The records the actor may see that satisfy a condition and a search text, unordered.

    `needs` names further fields that the caller will sort or sum by. Raises Invalid, FieldHidden, NotAllowed.
    """
    tree = parse_condition(context, of, condition)
    queryset = visible(context.actor, of)
    if of.prepare:
        queryset = of.prepare(queryset, {*fields_of(tree), *needs})
    if text.strip():
        queryset = queryset.filter(search_filter(context.actor, of, text))
    return queryset.filter(to_q(tree))


def _found(
    context: Context, of: Resource, queryset: QuerySet[Any], text: str, needs: Sequence[str]
) -> tuple[QuerySet[Any], Count]:
    """The records of a list that a text finds, counted. A list shows ten thousand of them at most."""
    ids = search_ids(context.actor, of, text, queryset, COUNT_BOUND + 1)
    total = Count(min(len(ids), COUNT_BOUND), len(ids) <= COUNT_BOUND)
    found: QuerySet[Any] = of.model._default_manager.filter(Q(OneOf(ids[:COUNT_BOUND])))
    return (of.prepare(found, set(needs)) if of.prepare else found), total


def columns_of(context: Context, of: Resource, names: Sequence[str]) -> dict[str, Field]:
    """The fields to show, in order. Raises Invalid for an unknown name, FieldHidden for a hidden one."""
    readable = readable_fields(context.actor, of)
    wanted = names or [name for name in of.default_columns if name in readable]
    known = of.all_fields()
    for name in wanted:
        if name not in known:
            raise Invalid({"fields": _("Unknown field: %(name)s.") % {"name": name}})
        if name not in readable:
            raise FieldHidden(field=name)
    return {name: readable[name] for name in wanted}


def list_records(context: Context, of: Resource, request: ListRequest) -> Listing:
    """One page of a list. Raises Invalid, FieldHidden, NotAllowed."""
    if not 1 <= request.size <= LARGEST_PAGE:
        raise Invalid({"size": _("Between 1 and %(most)s.") % {"most": LARGEST_PAGE}})
    order = order_of(context, of, request.sort)
    columns = columns_of(context, of, request.fields)
    needs = [order.field.name]
    queryset = matching(context, of, condition=request.condition, needs=needs)
    total = None
    if request.text.strip():
        queryset, total = _found(context, of, queryset, request.text, needs)
    part = page(queryset, order, cursor=request.cursor, size=request.size)
    values = values_of(of, columns, part.ids)
    rows = [Row(record, values[record]) for record in part.ids if record in values]
    if total is None and request.counted:
        total = count(queryset)
    return Listing(rows, tuple(columns), part.next, part.previous, total)


def get_record(context: Context, of: Resource, record_id: UUID, fields: Sequence[str] = ()) -> Row:
    """One record with the named fields, or all that the actor may see. Raises NotFound."""
    columns = columns_of(context, of, fields) if fields else readable_fields(context.actor, of)
    found = values_of(of, columns, [record_id], among=visible(context.actor, of))
    if record_id not in found:
        raise NotFound(resource=of.name)
    return Row(record_id, found[record_id])
