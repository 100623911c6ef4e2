"""What a list shows, read from its address and written back: every state of a list can be shared as a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from zhike.kernel.errors import Invalid
from zhike.kernel.reading import LARGEST_PAGE, ListRequest

ALL = "all"
PAGE = 50


@dataclass(frozen=True, slots=True)
class ListState:
    """The state of a list. None means "as the view says"; an empty text means "none at all"."""

    text: str = ""
    where: str | None = None
    sort: str | None = None
    columns: tuple[str, ...] | None = None
    cursor: str = ""
    size: int = PAGE
    view: str = ""
    group: str | None = None

    def query(self, **changes: Any) -> str:
        """The query string with some parts changed, `?` included; all changes but of the cursor lead to page 1."""
        state = replace(self, **({"cursor": ""} | changes))
        return state.text_form()

    def text_form(self) -> str:
        """The query string of this state, `?` included; empty for the plain list."""
        query = QueryDict(mutable=True)
        if self.view:
            query["view"] = self.view
        if self.text:
            query["q"] = self.text
        for name, value in (("where", self.where), ("sort", self.sort), ("group", self.group)):
            if value is not None:
                query[name] = value
        if self.columns is not None:
            query["fields"] = ",".join(self.columns)
        if self.size != PAGE:
            query["size"] = str(self.size)
        if self.cursor:
            query["cursor"] = self.cursor
        return f"?{query.urlencode(safe=',')}" if query else "?"

    @property
    def bare(self) -> bool:
        """Whether the address says nothing, so that the default view may speak."""
        return self == ListState()


def read_state(request: HttpRequest) -> ListState:
    """The state in the address of a request. Raises Invalid naming what is wrong."""
    given = request.GET
    try:
        size = int(given.get("size") or PAGE)
    except ValueError:
        size = 0
    if not 1 <= size <= LARGEST_PAGE:
        raise Invalid({"size": _("Between 1 and %(most)s.") % {"most": LARGEST_PAGE}})
    fields = given.get("fields")
    return ListState(
        text=given.get("q", "")[:200].replace("\x00", ""),
        where=given.get("where"),
        sort=given.get("sort"),
        columns=None if fields is None else tuple(name for name in fields.split(",") if name),
        cursor=given.get("cursor", ""),
        size=size,
        view=given.get("view", ""),
        group=None if given.get("group") is None else given["group"][:40],
    )


def condition_of(text: str | None) -> Mapping[str, Any] | None:
    """The condition in a text of JSON; None for none. Raises Invalid."""
    if not text:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Invalid({"where": _("This is not JSON.")}) from None
    if not isinstance(found, dict):
        raise Invalid({"where": _("This is not a condition.")})
    return found or None


def as_text(condition: Any) -> str:
    """A condition as JSON for an address; empty for none."""
    return orjson.dumps(condition).decode() if condition else ""


def request_of(state: ListState, fields: tuple[str, ...]) -> ListRequest:
    """The reading request of a state whose view was applied."""
    return ListRequest(
        condition=condition_of(state.where),
        sort=state.sort or "",
        fields=fields,
        cursor=state.cursor or None,
        size=state.size,
        text=state.text,
    )
