"""The dialogs of a list: its conditions, its columns."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhike.kernel.fields import readable_fields
from zhike.web.context import context_of
from zhike.web.filter_schema import filter_schema
from zhike.web.lists.screen import Screen
from zhike.web.lists.state import condition_of, read_state
from zhike.web.lists.table import columns_of


@require_safe
def filter_dialog(request: HttpRequest, screen: Screen) -> HttpResponse:
    """The builder of conditions over the condition in the address; its form leads back to the list."""
    context = context_of(request)
    context.require(screen.resource.read)
    state = read_state(request)
    references = {kind: screen.references(context, kind) for kind in ("staff", "units")}
    values: dict[str, Any] = {
        "screen": screen,
        "state": state,
        "schema": filter_schema(context.actor, screen.resource, references),
        "condition": condition_of(state.where) or {},
        "columns": ",".join(state.columns) if state.columns is not None else None,
    }
    return render(request, _template(request, "filter"), values)


@require_safe
def columns_dialog(request: HttpRequest, screen: Screen) -> HttpResponse:
    """Which columns the list shows, in which order; its form leads back to the list."""
    context = context_of(request)
    context.require(screen.resource.read)
    state = read_state(request)
    readable = readable_fields(context.actor, screen.resource)
    if chosen := request.GET.getlist("column"):
        return _to_list(request, screen, tuple(name for name in chosen if name in readable))
    shown = columns_of(context, screen, state)
    ordered = [*shown, *(name for name in readable if name not in shown)]
    lines = [
        {
            "name": name,
            "label": readable[name].label,
            "shown": name in shown,
            "fixed": name == screen.resource.title,
        }
        for name in ordered
        if name != "version"
    ]
    return render(request, _template(request, "columns"), {"screen": screen, "state": state, "lines": lines})


def _to_list(request: HttpRequest, screen: Screen, columns: tuple[str, ...]) -> HttpResponse:
    state = read_state(request)
    answer = HttpResponse(status=302)
    answer["Location"] = screen.url() + state.query(columns=columns)
    return answer


def _template(request: HttpRequest, name: str) -> str:
    return f"lists/{name}.html" if request.headers.get("HX-Request") else f"lists/{name}_page.html"
