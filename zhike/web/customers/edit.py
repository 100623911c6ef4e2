"""New customer, and all facts of a customer in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.customers.queries import CUSTOMERS, card
from zhike.customers.types import CertificateType, CustomerCard
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict, Invalid, NotAllowed
from zhike.kernel.fields import right_on
from zhike.kernel.rights import FieldRight
from zhike.web.context import context_of
from zhike.web.customers import record_form
from zhike.web.customers.choices import people
from zhike.web.forms import EMPTY, listed, put_problems


@require_http_methods(["GET", "POST"])
def new_customer(request: HttpRequest) -> HttpResponse:
    """The form of a new customer; a POST makes it and shows its page."""
    context = context_of(request)
    context.require("customers.create")
    data = request.POST if request.method == "POST" else None
    asked = request.POST.get("kind") or request.GET.get("kind") or "person"
    kind = asked if asked in ("person", "organisation") else "person"
    form = _new_form(context, kind, data)
    if data is not None and request.GET.get("redraw"):
        form.is_valid()
        form.errors.clear()
        return render(request, "customers/edit_form.html", _values(context, form, kind, None))
    status = 200
    if data is not None:
        try:
            made = run("customers.create", context, _new_payload(form, context)).result
            return redirect("customer", made["id"])
        except Invalid as refusal:
            put_problems(form, refusal)
            status = 422
    return render(request, "customers/edit.html", _values(context, form, kind, None), status=status)


def _new_form(context: Context, kind: str, data: Mapping[str, Any] | None) -> forms.Form:
    initial = {"kind": kind, "state": "potential", "owner": str(context.actor.id)}
    form = forms.Form(data, initial=initial)
    record_form.put_fields(form, context, kind, data or {}, new=True)
    if context.actor.may("customers.certificate"):
        papers = ("credit_code", "business_licence", "other") if kind == "organisation" else None
        choices = [each for each in CertificateType.choices if not papers or each[0] in papers]
        form.fields["certificate_type"] = forms.ChoiceField(
            label=_("Certificate"), choices=choices, required=False
        )
        form.fields["certificate_number"] = forms.CharField(label=_("Certificate number"), required=False)
    if (
        context.actor.may("customers.assign")
        and right_on(context.actor, CUSTOMERS, CUSTOMERS.fields["owner"]) >= FieldRight.WRITE
    ):
        form.fields["owner"] = forms.ChoiceField(
            label=str(CUSTOMERS.fields["owner"].label),
            choices=[EMPTY, *people(context, "staff")],
            required=False,
        )
    if context.actor.may("customers.tag"):
        form.fields["tags"] = forms.CharField(
            label=_("Tags"), required=False, help_text=_("Separate several with commas.")
        )
    form.fields["note"] = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}), strip=False
    )
    return form


def _new_payload(form: forms.Form, context: Context) -> dict[str, Any]:
    values = record_form.values_of(form, context)
    payload: dict[str, Any] = {name: value for name, value in values.items() if value not in (None, "", [])}
    payload["name"] = values.get("name") or ""
    raw = {
        name: str(form[name].value() or "").strip() for name in form.fields if not name.startswith("custom.")
    }
    if raw.get("certificate_number"):
        payload["certificates"] = [{"number": raw["certificate_number"], "type": raw["certificate_type"]}]
    if raw.get("owner"):
        payload["owner"] = raw["owner"]
    if raw.get("tags"):
        payload["tags"] = listed(raw["tags"])
    if raw.get("note"):
        payload["note"] = raw["note"]
    return payload


@require_http_methods(["GET", "POST"])
def edit_customer(request: HttpRequest, customer: UUID) -> HttpResponse:
    """All facts of a customer in one form. A save that came too late shows both sides."""
    context = context_of(request)
    context.require("customers.update")
    found = card(context, customer)
    if not found.may_write:
        raise NotAllowed()
    data = request.POST if request.method == "POST" else None
    asked = (data.get("kind") if data else None) or found.kind
    kind = asked if asked in ("person", "organisation") else found.kind
    form = forms.Form(data, initial=record_form.initial_of(found))
    record_form.put_fields(
        form, context, kind, data or record_form.initial_of(found), new=False, masked=found.masked
    )
    values = _values(context, form, kind, found)
    if data is None:
        return render(request, "customers/edit.html", values)
    if request.GET.get("redraw"):
        form.is_valid()
        form.errors.clear()
        return render(request, "customers/edit_form.html", values)
    seen = data.get("version", "")
    changes = record_form.changes_of(form, context, found)
    try:
        if changes:
            version = int(seen) if seen.isdigit() else None
            run("customers.update", context, {"customer": customer, "changes": changes, "version": version})
        return redirect("customer", customer)
    except Conflict as refusal:
        values |= {
            "conflict": record_form.both_sides(form, card(context, customer), refusal),
            "version": refusal.version,
        }
        status = 409
    except Invalid as refusal:
        put_problems(form, refusal)
        status = refusal.status
    return render(request, "customers/edit.html", values, status=status)


def _values(context: Context, form: forms.Form, kind: str, found: CustomerCard | None) -> dict[str, Any]:
    url = reverse("customer_edit", args=[found.id]) if found else reverse("customer_new")
    return {
        "now": context.now,
        "form": form,
        "kind": kind,
        "card": found,
        "version": found.version if found else None,
        "before": record_form.before_of(form, found) if found else "",
        "form_groups": record_form.groups(form, context),
        "url": url,
        "may_warn": context.actor.may("customers.duplicates"),
        "title": (found.values.get("name") or found.number) if found else _("New customer"),
        "checked": ("phone", "certificate_number", "email"),
    }
