"""What a customer bought, by document, from the warehouse."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from zhike.customers.queries import card
from zhike.kernel.actions import deeds, run
from zhike.kernel.money import Money
from zhike.web.context import context_of
from zhike.web.customers.page import title_of

LINES = 200
_LINES, _SUMMARY = "insight.purchases_of", "insight.purchase_summary"


@require_safe
def purchases(request: HttpRequest, customer: UUID) -> HttpResponse:
    """Sums and documents, newest first. Empty where nothing was bought or no warehouse is at hand."""
    context = context_of(request)
    found = card(context, customer)
    known = {each.name: each for each in deeds()}
    values: dict[str, Any] = {"now": context.now, "card": found, "title": title_of(found), "documents": []}
    if _LINES in known and context.actor.may(known[_LINES].permission):
        given = {"customer": customer, "limit": LINES}
        lines = run(_LINES, context, {key: given[key] for key in given if key in known[_LINES].parameters.model_fields})
        values["documents"] = documents(lines.result)
        if _SUMMARY in known:
            values["summary"] = run(_SUMMARY, context, {"customer": customer}).result
    part = request.headers.get("HX-Request")
    return render(request, "customers/purchases.html" if part else "customers/purchases_page.html", values)


def documents(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines by document in their order, with the sum of each document."""
    made = []
    for document, some in groupby(lines, key=lambda line: (line["source"], line["document"])):
        rows = list(some)
        currency = rows[0].get("currency") or "CNY"
        total = sum((Money.of(str(row["amount"]), currency) for row in rows), Money(0, currency))
        made.append(
            {
                "document": document[1], "source": document[0], "at": parse_datetime(str(rows[0]["occurred_at"])),
                "total": total, "is_return": total.minor < 0,
                "lines": [
                    {**row, "money": Money.of(str(row["amount"]), currency)} for row in rows
                ],
            }
        )  # fmt: skip
    return made
