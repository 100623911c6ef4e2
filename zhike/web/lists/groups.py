"""A list by the values of one field: how many records each value has, and the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db.models import Count
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import Field, Kind, readable_fields, right_on
from zhike.kernel.reading import matching
from zhike.kernel.rights import FieldRight
from zhike.web.lists.screen import Screen
from zhike.web.lists.show import names_for, show
from zhike.web.lists.state import ListState, as_text, condition_of

MOST = 100
_KINDS = frozenset({Kind.CHOICE, Kind.REFERENCE, Kind.YES_NO})
_EMPTY = (None, "")


@dataclass(frozen=True, slots=True)
class Group:
    """The records that have one value: how many, where they stand alone, and where their rows come from."""

    html: SafeString
    count: int
    share: int
    url: str
    rows_url: str
    key: str


def groupable(context: Context, screen: Screen) -> dict[str, Field]:
    """The fields a list may be grouped by: closed lists and references, and the texts that the screen names.

    A field that is masked for the reader is none of them: equal masks would tell who is alike.
    """
    return {
        name: item for name, item in readable_fields(context.actor, screen.resource).items()
        if item.path and item.filterable and not item.custom and not item.loaded
        and (item.kind in _KINDS or name in screen.grouping)
        and right_on(context.actor, screen.resource, item) >= FieldRight.READ
    }  # fmt: skip


def field_of(context: Context, screen: Screen, state: ListState) -> Field | None:
    """The field that the state groups by; None for none. Raises Invalid for one that cannot be grouped by."""
    if not state.group:
        return None
    found = groupable(context, screen).get(state.group)
    if found is None:
        raise Invalid({"group": _("This list cannot be grouped by %(name)s.") % {"name": state.group}})
    return found


def groups(context: Context, screen: Screen, state: ListState, item: Field) -> list[Group]:
    """The values with their counts: a closed list in its own order, others by size; the empty one last."""
    rows = matching(
        context, screen.resource, condition=condition_of(state.where), text=state.text, needs=[item.name]
    )
    counted = rows.order_by().values_list(item.path).annotate(n=Count("pk")).order_by("-n")[:MOST]
    sums: dict[Any, int] = {}
    for value, count in counted:
        key = None if value in _EMPTY else value
        sums[key] = sums.get(key, 0) + count
    names = names_for([item], [{item.name: value} for value in sums])
    most = max(sums.values(), default=1)
    return [
        Group(
            show(item, value, names, context.now) or SafeString(_("(empty)")), count, round(100 * count / most),
            alone(state, item, value), f"{state.query()}&within={quote(_key(value))}", _key(value),
        )
        for value, count in sorted(sums.items(), key=lambda pair: _place(item, pair))
    ]  # fmt: skip


def _place(item: Field, pair: tuple[Any, int]) -> tuple[bool, int, int]:
    value, count = pair
    order = {choice.value: place for place, choice in enumerate(item.choices)}
    return value is None, order.get(value, len(order)), -count


def _key(value: Any) -> str:
    return "" if value is None else str(value)


def _condition(item: Field, value: Any) -> dict[str, Any]:
    if value is None:
        return {"field": item.name, "op": "empty"}
    plain = str(value) if isinstance(value, UUID) else value
    return {"field": item.name, "op": "eq", "value": plain}


def _narrowed(state: ListState, item: Field, value: Any) -> str:
    before = condition_of(state.where)
    own = _condition(item, value)
    if before is None:
        return as_text(own)
    parts: Sequence[Any] = before["and"] if set(before) == {"and"} else [before]
    return as_text({"and": [*parts, own]})


def alone(state: ListState, item: Field, value: Any) -> str:
    """The address of the plain list with the records of one value."""
    return state.query(where=_narrowed(state, item, value), group="")


def within(state: ListState, item: Field, key: str) -> ListState:
    """The state that holds the records of one group; its key is the text of the value."""
    value: Any = {"True": True, "False": False}.get(key, key) if item.kind == Kind.YES_NO else key or None
    return replace(state, where=_narrowed(state, item, value), group="", cursor="")


def choices(context: Context, screen: Screen, state: ListState) -> list[Mapping[str, Any]]:
    """What the list may be grouped by, as entries of a menu; none first."""
    entries = [{"label": _("No grouping"), "url": state.query(group=""), "active": not state.group}]
    return [
        *entries,
        *(
            {"label": item.label, "url": state.query(group=name), "active": state.group == name}
            for name, item in groupable(context, screen).items()
        ),
    ]
