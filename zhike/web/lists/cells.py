"""Changing one cell of a list where it stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict, Invalid, NotAllowed, Refusal
from zhike.kernel.fields import Field, Kind, readable_fields
from zhike.kernel.reading import Row, get_record
from zhike.web.context import context_of
from zhike.web.forms import field_control, field_value, shown_text
from zhike.web.lists.screen import Screen
from zhike.web.lists.show import is_number, names_for, phone_text, show
from zhike.web.lists.table import Cell, problem_text


@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, screen: Screen, record: UUID, field: str) -> HttpResponse:
    """GET: the form of the cell. POST: the cell as it is now, or the form with the problem beside it (422, 409)."""
    context = context_of(request)
    if field not in screen.editable(context) or screen.save_cell is None:
        raise NotAllowed()
    item = readable_fields(context.actor, screen.resource)[field]
    row = _row(context, screen, item, record)
    if request.method == "GET":
        return _form(request, context, screen, item, row, row.values[field])
    raw: Any = request.POST.get("value", "")
    try:
        version = int(request.POST["version"]) if request.POST.get("version") else None
        screen.save_cell(context, record, item, field_value(item, raw), version)
    except (Conflict, Invalid) as refusal:
        return _form(request, context, screen, item, row, raw, refusal)
    return _cell(request, context, screen, item, _row(context, screen, item, record))


def _row(context: Context, screen: Screen, item: Field, record: UUID) -> Row:
    return get_record(context, screen.resource, record, [item.name, "version"])


def _cell(request: HttpRequest, context: Context, screen: Screen, item: Field, row: Row) -> HttpResponse:
    html = show(item, row.values[item.name], names_for([item], [row.values]), context.now)
    url = screen.url("cell", record=row.id, field=item.name)
    return render(
        request, "lists/cell.html", {"cell": Cell(item.name, item.label, html, is_number(item), url)}
    )


def _form(
    request: HttpRequest,
    context: Context,
    screen: Screen,
    item: Field,
    row: Row,
    value: Any,
    refusal: Refusal | None = None,
) -> HttpResponse:
    choices = screen.references(context, item.reference) if item.reference else ()
    text = phone_text(value) if item.kind == Kind.PHONE and isinstance(value, str) else shown_text(value)
    form = forms.Form(initial={"value": text})
    form.fields["value"] = field_control(item, choices)
    control = form["value"]
    widget = form.fields["value"].widget
    css = "form-select" if isinstance(widget, forms.Select) else "form-control"
    wrong = {"aria-invalid": "true", "aria-describedby": "cell-problem"} if refusal else {}
    attrs: dict[str, str | bool] = {
        "class": f"{css}{' is-invalid' if refusal else ''}",
        "aria-label": str(item.label),
        **wrong,
    }
    values = {
        "url": screen.url("cell", record=row.id, field=item.name),
        "control": control.as_widget(attrs=attrs), "day": item.kind in (Kind.DATE, Kind.MOMENT),
        "version": row.values.get("version"),
        "problem": problem_text(refusal) if refusal else "",
        "theirs": isinstance(refusal, Conflict) and (
            show(item, row.values[item.name], names_for([item], [row.values]), context.now) or "—"
        ),
    }  # fmt: skip
    return render(request, "lists/cell_form.html", values, status=refusal.status if refusal else 200)
