"""Fields of your own: what an installation adds to its records, with a preview before anything is saved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict, Invalid, NotFound
from zhike.kernel.field_actions import FieldShown, listed
from zhike.kernel.fields import Choice, Field, Kind, Resource, resources
from zhike.web.context import context_of
from zhike.web.filter_schema import filter_schema
from zhike.web.forms import differing, field_control, put_problems
from zhike.web.settings.field_form import KINDS, FieldForm, choices_of, rules_of, start_of
from zhike.web.signin.middleware import quiet


def _customisable() -> list[tuple[str, Any]]:
    return [(name, of.label) for name, of in resources().items() if of.custom_fields]


def _of(request: HttpRequest) -> Resource:
    known = [name for name, _label in _customisable()]
    wanted = request.GET.get("of") or known[0]
    if wanted not in known:
        raise NotFound(resource="fields")
    return resources()[wanted]


def fields(request: HttpRequest) -> HttpResponse:
    """The fields that this installation added to one kind of record, retired ones at the end."""
    context = context_of(request)
    of = _of(request)
    rows = listed(context, of.name, "all")
    kinds = dict(KINDS)
    shown = [
        {"row": row, "kind": kinds[row.kind.value]} for row in sorted(rows, key=lambda each: each.retired)
    ]
    values = {"of": of, "places": _customisable(), "fields": shown, "chinese": _chinese()}
    return render(request, "settings/fields.html", values)


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _values(
    context: Context, of: Resource, form: FieldForm, row: FieldShown | None, data: Any
) -> dict[str, Any]:
    condition: Any = row.rules.shown_if if row else None
    if data:
        try:
            condition = rules_of(data)["shown_if"]
        except Invalid:
            condition = None
    return {
        "of": of,
        "form": form,
        "row": row,
        "conditional": bool(condition),
        "condition": condition or {},
        "schema": filter_schema(context.actor, of),
        "preview": _preview(data or (start_of(row) if row else {})),
    }


def field_new(request: HttpRequest) -> HttpResponse:
    """Define a field."""
    context = context_of(request)
    context.require("fields.manage")
    of = _of(request)
    form = FieldForm(request.POST or None)
    if request.method == "POST":
        try:
            payload = {"resource": of.name, "key": request.POST.get("key", "").strip()}
            rules = rules_of(request.POST)
            run("fields.define", context, payload | {"kind": request.POST.get("kind"), "rules": rules})
        except Invalid as refusal:
            put_problems(form, refusal)
            return render(
                request, "settings/field.html", _values(context, of, form, None, request.POST), status=422
            )
        messages.success(request, _("The field is in use."))
        return redirect("fields")
    return render(request, "settings/field.html", _values(context, of, form, None, None))


def _find(context: Context, field: UUID) -> tuple[Resource, FieldShown]:
    for name, _label in _customisable():
        for row in listed(context, name, "all"):
            if row.id == field:
                return resources()[name], row
    raise NotFound(resource="fields")


def field(request: HttpRequest, field: UUID) -> HttpResponse:
    """Change the rules of a field."""
    context = context_of(request)
    of, row = _find(context, field)
    form = FieldForm(request.POST or None, initial=start_of(row), fixed_key=True)
    if request.method != "POST":
        return render(request, "settings/field.html", _values(context, of, form, row, None))
    payload = {
        "field": str(field),
        "kind": request.POST.get("kind"),
        "version": request.POST.get("version") or None,
    }
    try:
        run("fields.change", context, payload | {"rules": rules_of(request.POST)})
    except Invalid as refusal:
        put_problems(form, refusal)
        return render(
            request, "settings/field.html", _values(context, of, form, row, request.POST), status=422
        )
    except Conflict:
        of, row = _find(context, field)
        values = _values(context, of, form, row, request.POST) | {"conflict": differing(form, start_of(row))}
        return render(request, "settings/field.html", values, status=409)
    messages.success(request, _("Saved."))
    return redirect("fields")


@require_POST
def field_retire(request: HttpRequest, field: UUID) -> HttpResponse:
    """Take a field out of use, or (`back`) into use again."""
    back = request.POST.get("back") == "1"
    run("fields.retire", context_of(request), {"field": str(field), "back": back})
    messages.success(
        request, _("The field is in use.") if back else _("The field is out of use; its values are kept.")
    )
    return redirect("fields")


@quiet
@require_POST
def field_preview(request: HttpRequest) -> HttpResponse:
    """How the field will look in a form, from what is filled in so far."""
    context_of(request).require("fields.manage")
    return render(request, "settings/field_preview.html", {"preview": _preview(request.POST)})


def _preview(data: Any) -> forms.Form:
    """A form with the one field in question."""
    kind = Kind(data.get("kind", "text")) if data.get("kind", "text") in dict(KINDS) else Kind.TEXT
    chinese = _chinese()

    def word(name: str) -> str:
        return (
            data.get(f"{name}_zh") or ""
            if chinese
            else data.get(f"{name}_en") or data.get(f"{name}_zh") or ""
        )

    labels = [
        Choice(each["value"], each["label_zh"] if chinese or not each["label_en"] else each["label_en"])
        for each in choices_of(data.get("choices") or "")
    ]
    item = Field("preview", word("label") or _("Label"), kind, choices=tuple(labels), help=word("help"))
    form = forms.Form(initial={"preview": data.get("default") or ""}, prefix="look")
    form.fields["preview"] = field_control(item, required=bool(data.get("required")))
    return form
