"""The table of a list screen: head, rows, sums, chips, pager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.safestring import SafeString

from zhike.kernel.actor import Context
from zhike.kernel.conditions import describe, parse_condition
from zhike.kernel.errors import Invalid, Refusal
from zhike.kernel.fields import Field, Kind, readable_fields, right_on
from zhike.kernel.pages import Count
from zhike.kernel.reading import Listing, Row, list_records, matching
from zhike.kernel.rights import FieldRight
from zhike.kernel.rows import visible_ids
from zhike.web.lists.screen import Screen
from zhike.web.lists.show import as_money, is_number, names_for, show
from zhike.web.lists.state import ListState, as_text, condition_of, request_of
from zhike.web.lists.widths import widths_of
from zhike.web.templatetags.ui import money_text


@dataclass(frozen=True, slots=True)
class Head:
    """A head cell; `url` sorts by it, `width` is in pixels where its reader drew one."""

    label: Any
    url: str = ""
    direction: str = ""
    number: bool = False
    name: str = ""
    width: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; `edit_url` where it can be changed."""

    name: str
    label: Any
    html: SafeString
    number: bool
    edit_url: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its title links to `url`."""

    id: UUID
    url: str
    preview_url: str
    title: str
    kind: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the condition in words, and the address without it."""

    label: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class Table:
    """Everything the template of a list needs."""

    heads: list[Head]
    lines: list[Line]
    sums: list[str]
    count: Count | None
    previous_url: str
    next_url: str
    columns: tuple[str, ...]
    fixed: bool = False


def columns_of(context: Context, screen: Screen, state: ListState) -> tuple[str, ...]:
    """The columns to show: as asked, those that the actor may see; the title always first."""
    readable = readable_fields(context.actor, screen.resource)
    wanted = state.columns if state.columns else screen.resource.default_columns
    title = screen.resource.title
    return tuple(dict.fromkeys([title, *(name for name in wanted if name in readable)]))


def table(context: Context, screen: Screen, state: ListState, kept: Mapping[str, Any] | None = None) -> Table:
    """Read one page and lay it out, its columns as wide as `kept` says. Raises Invalid, FieldHidden, NotAllowed."""
    of = screen.resource
    readable = readable_fields(context.actor, of)
    columns = columns_of(context, screen, state)
    fields = (*columns, *(name for name in screen.always if name in readable and name not in columns))
    listing = list_records(context, of, request_of(state, fields))
    names = names_for(readable.values(), [row.values for row in listing.rows])
    writable = _writable(context, screen, listing)
    shown = [readable[name] for name in columns[1:]]
    lines = [_line(context, screen, row, shown, names, writable) for row in listing.rows]
    return Table(
        heads=heads_of(context, screen, state, kept),
        lines=lines,
        sums=_sums(context, screen, state, shown, listing.count),
        count=listing.count,
        previous_url=state.query(cursor=listing.previous) if listing.previous else "",
        next_url=state.query(cursor=listing.next) if listing.next else "",
        columns=columns,
        fixed=bool(widths_of(kept or {}, columns)),
    )


def heads_of(
    context: Context, screen: Screen, state: ListState, kept: Mapping[str, Any] | None = None
) -> list[Head]:
    """The head cells of the columns."""
    readable, columns = readable_fields(context.actor, screen.resource), columns_of(context, screen, state)
    widths = widths_of(kept or {}, columns)
    return [_head(context, screen, state, readable[name], widths.get(name, 0)) for name in columns]


def empty_table(
    context: Context, screen: Screen, state: ListState, kept: Mapping[str, Any], total: int
) -> Table:
    """The table without its rows, which come group by group; `total` records are in it."""
    columns = columns_of(context, screen, state)
    heads = heads_of(context, screen, state, kept)
    return Table(heads, [], [], Count(total, True), "", "", columns, bool(widths_of(kept, columns)))


def _writable(context: Context, screen: Screen, listing: Listing) -> set[UUID]:
    if not listing.rows or not screen.editable(context):
        return set()
    return visible_ids(context.actor, screen.resource, [row.id for row in listing.rows], "write")


def _head(context: Context, screen: Screen, state: ListState, item: Field, width: int) -> Head:
    if not item.sortable or right_on(context.actor, screen.resource, item) < FieldRight.READ:
        return Head(item.label, number=is_number(item), name=item.name, width=width)
    sort = state.sort or screen.resource.default_sort
    direction = {item.name: "ascending", f"-{item.name}": "descending"}.get(sort, "")
    # The first press sorts numbers and moments from the top, texts from A.
    first = f"-{item.name}" if item.kind in (Kind.NUMBER, Kind.MONEY, Kind.MOMENT, Kind.DATE) else item.name
    turned = f"-{item.name}" if direction == "ascending" else item.name
    url = state.query(sort=turned if direction else first)
    return Head(item.label, url, direction, is_number(item), item.name, width)


def _line(
    context: Context,
    screen: Screen,
    row: Row,
    shown: Sequence[Field],
    names: Mapping[UUID, str],
    writable: set[UUID],
) -> Line:
    may = screen.editable(context) if row.id in writable else frozenset()
    cells = [
        Cell(
            item.name, item.label, show(item, row.values[item.name], names, context.now), is_number(item),
            screen.url("cell", record=row.id, field=item.name) if item.name in may else "",
        )
        for item in shown
    ]  # fmt: skip
    title = str(row.values.get(screen.resource.title) or row.values.get("number") or "—")
    preview = screen.preview(row.id) if screen.preview else ""
    return Line(row.id, screen.page(row.id), preview, title, str(row.values.get("kind") or "person"), cells)


def _sums(
    context: Context, screen: Screen, state: ListState, shown: Sequence[Field], total: Count | None
) -> list[str]:
    """Sums under the columns of money, empty texts under others; none where there are too many rows to add up."""
    of = screen.resource
    moneyed = [
        item for item in shown
        if item.kind == Kind.MONEY and not item.custom and right_on(context.actor, of, item) >= FieldRight.READ
    ]  # fmt: skip
    if not moneyed or total is None or not total.exact or not total.number:
        return []
    names = [item.name for item in moneyed]
    rows = matching(context, of, condition=condition_of(state.where), text=state.text, needs=names)
    found = rows.order_by().aggregate(**{f"sum_{item.name}": Sum(item.path) for item in moneyed})
    texts = {name: money_text(as_money(found[f"sum_{name}"] or 0)) for name in names}
    return [texts.get(item.name, "") for item in shown]


def chips(context: Context, screen: Screen, state: ListState) -> list[Chip]:
    """The parts of the condition in words, each with the address that leaves it out."""
    condition = condition_of(state.where)
    if condition is None:
        return []
    parts = (
        condition["and"] if set(condition) == {"and"} and isinstance(condition["and"], list) else [condition]
    )
    made = []
    for index, part in enumerate(parts):
        rest = [each for at, each in enumerate(parts) if at != index]
        left: Any = {"and": rest} if len(rest) > 1 else rest[0] if rest else None
        tree = parse_condition(context, screen.resource, part)
        label = describe(tree, lambda item, value: _name(context, item, value))
        made.append(Chip(label, state.query(where=as_text(left))))
    return made


def _name(context: Context, item: Field, value: UUID) -> str:
    if value == context.actor.id:
        return context.actor.name
    return names_for([item], [{item.name: value}]).get(value, "—")


def repaired(context: Context, screen: Screen, state: ListState) -> tuple[ListState, Refusal | None]:
    """The state without a condition, sort or cursor that this actor cannot use, and why it was dropped."""
    try:
        parse_condition(context, screen.resource, condition_of(state.where))
    except Refusal as refusal:
        return replace(state, where="", cursor=""), refusal
    return state, None


def problem_text(refusal: Refusal) -> str:
    """A refusal in one line."""
    if isinstance(refusal, Invalid):
        return " ".join(str(text) for texts in refusal.fields.values() for text in texts)
    return str(refusal.message)
