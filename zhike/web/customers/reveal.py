"""A masked value in the clear: for a reason that is kept, within the quota of the day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from zhike.customers.queries import card
from zhike.kernel.actions import deed, run
from zhike.kernel.errors import Invalid, LimitReached
from zhike.web.context import context_of
from zhike.web.customers.fact_words import LINES
from zhike.web.customers.page import title_of
from zhike.web.forms import parameter_form, put_problems
from zhike.web.lists.table import problem_text


@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, customer: UUID, field: str, item: UUID | None = None) -> HttpResponse:
    """GET: ask for the reason. POST: the value, and how many more may be seen today."""
    context = context_of(request)
    context.require("customers.reveal")
    found = card(context, customer)
    form = parameter_form(
        deed("customers.reveal"), request.POST if request.method == "POST" else None,
        skip=["customer", "field", "item"],
    )  # fmt: skip
    kwargs = {"customer": customer, "field": field, **({"item": item} if item else {})}
    values: dict[str, Any] = {
        "form": form, "card": found, "customer_title": title_of(found), "label": LINES.get(field, field),
        "url": reverse("customer_reveal_item" if item else "customer_reveal", kwargs=kwargs),
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        try:
            given = {
                "customer": customer,
                "field": field,
                "item": item,
                "reason": request.POST.get("reason", ""),
            }
            values["revealed"] = run("customers.reveal", context, given).result
        except Invalid as refusal:
            put_problems(form, refusal)
            status = 422
        except LimitReached as refusal:
            form.is_valid()
            form.add_error(None, problem_text(refusal))
            status = 422
    part = request.headers.get("HX-Request")
    answer = render(
        request, "customers/reveal.html" if part else "customers/reveal_page.html", values, status=status
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
