"""The customers behind a figure, as a list of its own with an address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.web.value.asked import answer, asked, query_of
from zhike.web.value.shown import amount, tier_label, type_label

_SIZE = 50


def customers(request: HttpRequest) -> HttpResponse:
    """The customers of a tier, a type or a cell of the map."""
    given = asked(request, "as_of", "days", "currency", "unit", "tier", "kind", "r", "f", "start")
    parts = [
        *([tier_label(given["tier"])] if "tier" in given else []),
        *([type_label(given["kind"])] if "kind" in given else []),
        *(f"{name.upper()}{given[name]}" for name in ("r", "f") if name in given),
    ]
    title = " · ".join(parts) or _("Customers with purchases")
    return _shown(request, "insight.behind", given, title, reverse("value"), ("tier", "kind", "r", "f"))


def movers(request: HttpRequest) -> HttpResponse:
    """The customers who went from one tier to another."""
    given = asked(request, "before", "after", "days", "currency", "unit", "came_from", "went_to", "start")
    title = f"{tier_label(given.get('came_from', ''))} → {tier_label(given.get('went_to', ''))}"
    return _shown(request, "insight.movers", given, title, reverse("value_moves"), ("came_from", "went_to"))


def _shown(
    request: HttpRequest, question: str, given: dict[str, str], title: str, back: str, own: tuple[str, ...]
) -> HttpResponse:
    found: dict[str, Any] = answer(request, question, {**given, "size": _SIZE})
    start = int(given["start"]) if given.get("start", "").isdigit() else 0
    back_to = back + query_of({name: text for name, text in given.items() if name not in (*own, "start")})
    values = {
        "title": title,
        "found": found,
        "given": given,
        "back_url": back_to,
        "people": [{**each, "tier": tier_label(each["tier"]), "amount": amount(each["value"], found["currency"])}
                   for each in found["people"]],
        "previous_url": query_of(given, start=max(start - _SIZE, 0) or None) if start else "",
        "next_url": query_of(given, start=found["next"]) if found["next"] is not None else "",
    }  # fmt: skip
    return render(request, "value/behind.html", values)
