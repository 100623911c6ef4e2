"""Taking a list out: the dialog, the result, the file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.fields import readable_fields, resource
from zhike.web.context import context_of
from zhike.web.downloads import sent
from zhike.web.imports.shown import bar


def _asked(given: Any) -> dict[str, Any]:
    """The list of an address (`where`, `sort`, `fields`, `q`) as the action wants it. Raises Invalid."""
    try:
        condition = orjson.loads(given["where"]) if given.get("where") else None
    except orjson.JSONDecodeError:
        raise Invalid({"where": _("This is not JSON.")}) from None
    fields = [name for name in given.get("fields", "").split(",") if name]
    return {
        "condition": condition,
        "sort": given.get("sort", ""),
        "fields": fields,
        "text": given.get("q", ""),
    }


def new(request: HttpRequest) -> HttpResponse:
    """The dialog that asks for the format, and its answer."""
    context = context_of(request)
    context.require("feeds.export")
    name = (request.POST if request.method == "POST" else request.GET).get("resource", "customers")
    if request.method == "POST":
        asked = _asked(request.POST)
        wanted = {
            "resource_name": name,
            "format": request.POST.get("format", "csv"),
            "bom": "bom" in request.POST,
        }
        if "all_columns" in request.POST:
            asked["fields"] = list(readable_fields(context.actor, resource(name)))
        made = run("feeds.export", context, {**asked, **wanted}).result
        return redirect("export", made["id"])
    values = {
        "kept": {key: request.GET.get(key, "") for key in ("where", "sort", "fields", "q")},
        "resource": name,
    }
    template = "imports/export_form.html" if request.headers.get("HX-Request") else "imports/export_page.html"
    return render(request, template, values)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        **{name: parse_datetime(row[name]) if row[name] else None for name in ("created_at", "ended_at")},
    }


def exports(request: HttpRequest) -> HttpResponse:
    """My exports, newest first."""
    context = context_of(request)
    rows = [_shown(row) for row in run("feeds.exports", context, {}).result]
    return render(request, "imports/exports.html", {"exports": rows, "now": context.now})


def one(request: HttpRequest, export: UUID) -> HttpResponse:
    """One export: its progress, then the link to its file."""
    context = context_of(request)
    row = _shown(run("feeds.export_read", context, {"export": str(export)}).result)
    job = None
    if row["job"] and row["ended_at"] is None and context.actor.may("jobs.read"):
        job = bar(run("jobs.read", context, {"job": row["job"]}).result)
    return render(request, "imports/export.html", {"export": row, "job": job, "now": context.now})


@require_safe
def download(request: HttpRequest, export: UUID) -> HttpResponseBase:
    """The file."""
    row = run("feeds.export_read", context_of(request), {"export": str(export)}).result
    if row["ended_at"] is None:
        raise NotFound()
    return sent(row["path"], row["file_name"])
