"""The facts about an organisation, in their four groups, in one form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.customers.queries import card
from zhike.customers.types import CustomerCard, Source
from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid, NotFound
from zhike.web.context import context_of
from zhike.web.customers.choices import fact_groups
from zhike.web.customers.page import title_of
from zhike.web.lists.table import problem_text

LONG = frozenset(
    {"business_scope", "main_products", "rivals", "advice", "credit_trouble", "strengths", "weaknesses"}
)


@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest, customer: UUID) -> HttpResponse:
    """All facts with one source and day for those that change; a POST saves the changed ones."""
    context = context_of(request)
    context.require("customers.update")
    found = card(context, customer)
    if found.kind != "organisation":
        raise NotFound()
    problem, status = "", 200
    if request.method == "POST":
        try:
            if facts := _changed(request, found):
                run("customers.set_organisation_facts", context, {"customer": customer, "facts": facts})
            return redirect("customer", customer)
        except Invalid as refusal:
            problem, status = problem_text(refusal), 422
    values = {
        "card": found, "title": title_of(found), "fact_groups": _groups(request, found), "sources": Source.choices,
        "problem": problem, "source": request.POST.get("source", "other"), "as_of": request.POST.get("as_of", ""),
        "title_of_page": _("Organisation facts"),
    }  # fmt: skip
    return render(request, "customers/organisation_form.html", values, status=status)


def _changed(request: HttpRequest, found: CustomerCard) -> list[dict[str, Any]]:
    now = {each.key: each.value for each in found.organisation_facts}
    source, as_of = request.POST.get("source", "other"), request.POST.get("as_of") or None
    return [
        {"key": key, "value": value, "source": source, "as_of": as_of}
        for _group, _label, pairs in fact_groups()
        for key, _name in pairs
        if (value := request.POST.get(f"fact.{key}", "").strip()) != now.get(key, "")
    ]


def _groups(request: HttpRequest, found: CustomerCard) -> list[dict[str, Any]]:
    now = {each.key: each.value for each in found.organisation_facts}
    return [
        {
            "label": label,
            "facts": [
                {
                    "key": key, "label": name, "long": key in LONG,
                    "value": request.POST.get(f"fact.{key}", now.get(key, "")),
                }
                for key, name in pairs
            ],
        }
        for _group, label, pairs in fact_groups()
    ]  # fmt: skip
