"""One section of facts, changed where it stands on the page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.customers.queries import card
from zhike.customers.types import CustomerCard
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from zhike.web.context import context_of
from zhike.web.customers import record_form
from zhike.web.customers.page import done, title_of
from zhike.web.customers.sections import changeable, fields_of_section, sections
from zhike.web.forms import put_problems


@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, customer: UUID, key: str) -> HttpResponse:
    """GET: the form of the section (with `show`, the section itself). POST: save, or the form with what is wrong."""
    context = context_of(request)
    found = card(context, customer)
    shown = next((each for each in sections(context, found) if each.key == key), None)
    if shown is None:
        raise NotFound()
    if request.GET.get("show"):
        if not request.headers.get("HX-Request"):
            return redirect("customer", customer)
        return render(
            request, "customers/section.html", {"section": shown, "card": found, "now": context.now}
        )
    context.require("customers.update")
    if not shown.editable:
        raise NotAllowed()
    form = _form(request, context, found, key)
    values = _values(form, found, key, shown.title)
    if request.method == "GET":
        return _answer(request, values, 200)
    changes = record_form.changes_of(form, context, found)
    seen = request.POST.get("version", "")
    try:
        if changes:
            version = int(seen) if seen.isdigit() else None
            run("customers.update", context, {"customer": customer, "changes": changes, "version": version})
        return done(request, context, customer, _("Saved."))
    except Conflict as refusal:
        sides = record_form.both_sides(form, card(context, customer), refusal)
        return _answer(request, {**values, "conflict": sides, "version": refusal.version}, 409)
    except Invalid as refusal:
        put_problems(form, refusal)
        return _answer(request, {**values, "version": seen}, 422)


def _form(request: HttpRequest, context: Context, found: CustomerCard, key: str) -> forms.Form:
    form = forms.Form(
        request.POST if request.method == "POST" else None, initial=record_form.initial_of(found)
    )
    names = [item.name for item in fields_of_section(context, key) if changeable(context, item)]
    values = {**record_form.initial_of(found), **(request.POST.dict() if request.method == "POST" else {})}
    record_form.put_fields(form, context, found.kind, values, new=False, masked=found.masked, only=names)
    return form


def _values(form: forms.Form, found: CustomerCard, key: str, title: str) -> dict[str, Any]:
    return {
        "form": form, "card": found, "key": key, "section_title": title, "title": title_of(found),
        "version": found.version, "before": record_form.before_of(form, found),
        "url": reverse("customer_section", args=[found.id, key]),
    }  # fmt: skip


def _answer(request: HttpRequest, values: dict[str, Any], status: int) -> HttpResponse:
    part = request.headers.get("HX-Request")
    template = "customers/section_form.html" if part else "customers/section_page.html"
    return render(request, template, values, status=status)
