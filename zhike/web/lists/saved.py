"""Saved views of a list as tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.kernel.actor import Context
from zhike.kernel.views import ViewShown, listed
from zhike.web.lists.screen import Screen
from zhike.web.lists.state import ALL, ListState, as_text, read_state


def kept(request: HttpRequest, screen: Screen) -> dict[str, Any]:
    """How the reader wants this list: `view` it opens with, `widths` of its columns by field."""
    found = getattr(request.user, "lists", {}).get(screen.name, {})
    return found if isinstance(found, dict) else {}


def views_of(context: Context, screen: Screen) -> Sequence[ViewShown]:
    """The views of this list that the actor may use: own ones first, then shared ones."""
    if not context.actor.may("views.list"):
        return ()
    return [view for view in listed(context, screen.resource.name) if view.usable]


def read_views(request: HttpRequest, context: Context, screen: Screen) -> Views:
    """The views there are, with the state in the address of the request."""
    first = str(kept(request, screen).get("view", ""))
    return Views(read_state(request), views_of(context, screen), first)


@dataclass(frozen=True, slots=True)
class Views:
    """The address as it came and the views there are."""

    asked: ListState
    known: Sequence[ViewShown]
    first: str = ""

    @property
    def current(self) -> ViewShown | None:
        """The view in force: the one named, else one's default for an address that says nothing."""
        if self.asked.bare:
            return next((view for view in self.known if str(view.id) == self.first), None)
        return next((view for view in self.known if str(view.id) == self.asked.view), None)

    @property
    def applied(self) -> ListState:
        """The state in full: what the address leaves open is filled from the view."""
        view, asked = self.current, self.asked
        if view is None:
            return asked
        return replace(
            asked,
            view=str(view.id),
            where=as_text(view.condition) if asked.where is None else asked.where,
            sort=view.sort if asked.sort is None else asked.sort,
            columns=(tuple(view.columns) or None) if asked.columns is None else asked.columns,
            group=view.grouping if asked.group is None else asked.group,
        )

    @property
    def changed(self) -> bool:
        """Whether the list shows something else than the view keeps."""
        view, state = self.current, self.applied
        if view is None:
            return bool(state.where or state.sort or state.columns or state.group)
        kept = (as_text(view.condition), view.sort, tuple(view.columns), view.grouping)
        return kept != (state.where or "", state.sort or "", tuple(state.columns or ()), state.group or "")

    def tabs(self) -> list[dict[str, Any]]:
        """Tabs for `{% tabs %}`: all records, then each view."""
        has_default = any(str(view.id) == self.first for view in self.known)
        everything = {
            "label": _("All"),
            "url": f"?view={ALL}" if has_default else "?",
            "active": self.current is None,
        }
        return [
            everything,
            *(
                {"label": view.name, "url": f"?view={view.id}", "active": self.current == view}
                for view in self.known
            ),
        ]
