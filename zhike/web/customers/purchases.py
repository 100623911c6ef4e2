"""What a customer bought, by document, from the warehouse."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from zhike.customers.queries import card
from zhike.kernel.actions import deeds, run
from zhike.kernel.money import Money, minor_digits
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
        cursor = request.GET.get("cursor") or None
        page = run(_LINES, context, {"customers": [customer], "limit": LINES, "cursor": cursor}).result
        values["documents"] = documents(page["lines"])
        if page["next"]:
            values["more_url"] = f"{request.path}?{urlencode({'cursor': page['next']})}"
        values["sums"] = [] if cursor else _sums(run(_SUMMARY, context, {"customers": [customer]}).result)
    part = bool(request.headers.get("HX-Request"))
    return render(request, "customers/purchases.html" if part else "customers/purchases_page.html", values)


def _sums(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **each,
            "money": _money(each["amount"], each["currency"]),
            "last": parse_date(str(each["last_date"])[:10]) if each["last_date"] else None,
        }
        for each in found
    ]


def _money(amount: float | None, currency: str) -> Money | None:
    """Money of a sum; None where the reader may not see amounts."""
    if amount is None:
        return None
    digits = Decimal(1).scaleb(-minor_digits(currency))
    return Money.of(Decimal(str(amount)).quantize(digits), currency)


def documents(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines by document in their order, with the sum of each document."""
    made = []
    for document, some in groupby(lines, key=lambda line: (line["source"], line["document"])):
        rows = [{**row, "money": _money(row["amount"], row["currency"])} for row in some]
        seen = [row["money"] for row in rows if row["money"] is not None]
        total = sum(seen[1:], seen[0]) if seen else None
        made.append(
            {
                "document": document[1], "source": document[0], "lines": rows, "total": total,
                "at": parse_datetime(str(rows[0]["occurred_at"])), "is_return": all(row["is_return"] for row in rows),
            }
        )  # fmt: skip
    return made
