"""A list screen: tabs of views, search, conditions, table, pager, and the bar of actions on picked rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.kernel.actions import Deed, deeds
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import readable_fields
from zhike.kernel.pages import Count
from zhike.web.context import context_of
from zhike.web.lists import saved
from zhike.web.lists.groups import Group, choices, field_of, groups, within
from zhike.web.lists.screen import Screen
from zhike.web.lists.state import ListState, read_state
from zhike.web.lists.table import Table, chips, empty_table, problem_text, repaired, table
from zhike.web.templatetags.ui import bounded


@require_safe
def list_page(request: HttpRequest, screen: Screen) -> HttpResponse:
    """The whole list, or its rows alone for a request that swaps them."""
    context = context_of(request)
    context.require(screen.resource.read)
    asked, problem = _state(request)
    own = saved.kept(request, screen)
    first = str(own.get("view", ""))
    views = saved.Views(asked, saved.views_of(context, screen), first)
    state, refusal = repaired(context, screen, views.applied)
    problem = problem or (problem_text(refusal) if refusal else "")
    if "within" in request.GET and state.group:
        return _within(request, context, screen, state, own)
    try:
        rows, found = _read(context, screen, state, own)
    except Invalid as broken:
        problem = problem_text(broken)
        state = ListState(text=asked.text, view=asked.view, where="")
        rows, found = _read(context, screen, state, own)
    part = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
    values = {**_values(context, screen, views, state, rows, problem), "row_groups": found}
    answer = render(request, "lists/part.html" if part else "lists/list.html", values)
    answer.headers["Vary"] = "HX-Request"
    return answer


def _read(
    context: Context, screen: Screen, state: ListState, own: dict[str, Any]
) -> tuple[Table, list[Group]]:
    """One page of rows, or the groups whose rows come when they are opened. Raises Invalid."""
    item = field_of(context, screen, state)
    if item is None:
        return table(context, screen, state, own), []
    found = groups(context, screen, state, item)
    return empty_table(context, screen, state, own, sum(each.count for each in found)), found


def _within(
    request: HttpRequest, context: Context, screen: Screen, state: ListState, own: dict[str, Any]
) -> HttpResponse:
    """The rows of one group."""
    item = field_of(context, screen, state)
    assert item is not None  # a state with a group names a field, or field_of refuses
    inside = within(state, item, request.GET["within"])
    values = {"table": table(context, screen, inside, own), "alone": inside.query()}
    return render(request, "lists/group_rows.html", values)


def _state(request: HttpRequest) -> tuple[ListState, str]:
    try:
        return read_state(request), ""
    except Invalid as refusal:
        return ListState(), problem_text(refusal)


def _values(
    context: Context, screen: Screen, views: saved.Views, state: ListState, rows: Table, problem: str
) -> dict[str, Any]:
    first = ListState(view=views.asked.view)
    return {
        "now": context.now,
        "screen": screen,
        "label": screen.resource.label,
        "title_field": readable_fields(context.actor, screen.resource).get(screen.resource.title),
        "state": state,
        "here": views.asked.text_form(),
        "table": rows,
        "problem": problem,
        "chips": chips(context, screen, state),
        "query": state.query(),
        "clear_url": first.query(where=""),
        "filter_url": screen.url("filter") + state.query(),
        "columns_url": screen.url("columns") + state.query(),
        "export_url": _export_url(context, screen, state),
        "bulk": bulk_deeds(context, screen),
        "all_label": _all_label(rows.count),
        "searching": bool(state.text or state.where),
        "grouping": choices(context, screen, state),
        "tabs": views.tabs(),
        "current_view": views.current,
        "changed": views.changed,
        **screen.extras(context),
        "may_save": context.actor.may("views.save"),
    }


def _export_url(context: Context, screen: Screen, state: ListState) -> str:
    """Where this very list, as it is shown, can be taken out; empty for who may not."""
    if not context.actor.may("feeds.export"):
        return ""
    asked = {
        "resource": screen.resource.name,
        "where": state.where or "",
        "sort": state.sort or "",
        "fields": ",".join(state.columns or ()),
        "q": state.text,
    }
    return f"{reverse('export_new')}?{urlencode(asked)}"


def _all_label(count: Count | None) -> str:
    return _("Select all %(count)s") % {"count": bounded(count)} if count else ""


def bulk_deeds(context: Context, screen: Screen) -> list[tuple[Deed, str]]:
    """The actions on many records that the actor may carry out, with their icons."""
    name = screen.resource.name
    found = [
        each for each in deeds() if each.bulk and each.resource == name and context.actor.may(each.permission)
    ]
    found.sort(
        key=lambda each: (
            each.danger,
            list(screen.icons).index(each.verb) if each.verb in screen.icons else 99,
        )
    )
    return [(each, screen.icons.get(each.verb, "edit")) for each in found]
