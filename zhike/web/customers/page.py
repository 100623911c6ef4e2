"""The page of one customer: everything that is known, each part under the reader's rights."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhike.customers.queries import CUSTOMERS, ORGANISATION_FACTS, QUALITY_ITEMS, canonical_ids, card
from zhike.customers.types import CustomerCard, FactGroup, OrganisationFactView
from zhike.kernel.actions import deed
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotFound
from zhike.kernel.fields import Field, readable_fields
from zhike.web.context import context_of
from zhike.web.customers import dressed
from zhike.web.customers.history import periods
from zhike.web.customers.sections import sections
from zhike.web.lists.show import show
from zhike.web.templatetags.ui import day_text
from zhike.web.toasts import toast, trigger

_VERBS = (
    "update", "delete", "merge", "reveal", "assign", "add_contact", "change_contact", "remove_contact",
    "add_address", "change_address", "remove_address", "add_certificate", "remove_certificate", "relate",
    "end_relation", "unrelate", "add_key_person", "add_note", "change_note", "remove_note", "tag", "untag",
    "add_file", "remove_file", "set_organisation_facts", "not_duplicate", "unmerge", "erase",
)  # fmt: skip


@require_safe
def customer_page(request: HttpRequest, customer: UUID) -> HttpResponse:
    """The whole page. One who was merged into another leads there."""
    context = context_of(request)
    try:
        found = card(context, customer)
    except NotFound:
        now_is = canonical_ids([customer])[customer]
        if now_is == customer:
            raise
        card(context, now_is)
        return redirect("customer", now_is)
    merged = request.GET.get("merged", "")
    fresh = next((each for each in found.merges if str(each.id) == merged), None)
    return render(request, "customers/page.html", {**values_of_page(context, found), "fresh_merge": fresh})


@require_safe
def preview(request: HttpRequest, customer: UUID) -> HttpResponse:
    """The main facts beside the list."""
    context = context_of(request)
    found = card(context, customer)
    values = {
        "card": found,
        "title": title_of(found),
        "sections": sections(context, found),
        "now": context.now,
    }
    return render(request, "customers/preview.html", {**values, **words(context, found)})


def title_of(found: CustomerCard) -> str:
    """What the customer is called as the reader may see it."""
    return str(found.values.get("name") or found.number)


def values_of_page(context: Context, found: CustomerCard) -> dict[str, Any]:
    """Everything the page's template needs."""
    return {
        "now": context.now,
        "card": found,
        "title": title_of(found),
        "sections": sections(context, found),
        "may": may(context, found.may_write),
        "me": context.actor.id,
        "addresses": dressed.addresses(found),
        "certificates": dressed.certificates(found),
        "relations": dressed.relations(found),
        "duplicates": dressed.duplicates(found),
        "life_pattern": dressed.LIFE_PATTERNS.get(found.life_pattern, ""),
        "fact_groups": fact_groups(found, timezone.localtime(context.now).date()),
        "history": periods(found),
        "timeline_url": reverse("customer_timeline", args=[found.id]),
        "purchases_url": reverse("customer_purchases", args=[found.id]),
        **words(context, found),
    }


def words(context: Context, found: CustomerCard) -> dict[str, Any]:
    """The words of the head and of the side: quality, scores, tags."""
    readable = readable_fields(context.actor, CUSTOMERS)
    return {
        "contacts": dressed.contacts(found),
        "head": {name: _shown(found, readable, name) for name in ("state", "grade", "value_tier", "type")},
        "missing": [str(QUALITY_ITEMS[each]) for each in found.quality.missing],
        "wrong": [str(QUALITY_ITEMS[each]) for each in (*found.quality.contradicting, *found.quality.stale)],
        "scores": [
            {"label": item.label, "html": show(item, found.values.get(name)), "help": item.help, "name": name}
            for name, item in readable.items()
            if item.score and found.values.get(name) is not None
        ],
        "scored_at": max((each.as_of_date for each in found.scores), default=None),
    }


def _shown(found: CustomerCard, readable: dict[str, Field], name: str) -> Any:
    return show(readable[name], found.values.get(name)) if name in readable else ""


def may(context: Context, may_write: bool) -> dict[str, bool]:
    """Which of the actions on a customer the reader may carry out here."""
    reading = {"reveal"}
    return {
        verb: context.actor.may(deed(f"customers.{verb}").permission) and (may_write or verb in reading)
        for verb in _VERBS
    }


def fact_groups(found: CustomerCard, today: date) -> list[dict[str, Any]]:
    """Organisation facts by group, with their labels; groups without facts are left out."""
    made = []
    for group in FactGroup:
        facts = [each for each in found.organisation_facts if each.group == group.value]
        lines = [
            {"label": ORGANISATION_FACTS[each.key][1], "fact": each, "source": fact_source(each, today)}
            for each in facts
        ]
        if lines:
            made.append({"label": group.label, "lines": lines})
    return made


def fact_source(fact: OrganisationFactView, today: date) -> str:
    """Where and when a fact is from, in words."""
    return f"{dressed.source_label(fact.source)} · {day_text(fact.as_of_date, today)}"


def done(
    request: HttpRequest, context: Context, customer: UUID, message: object, *, undo_url: str = ""
) -> HttpResponse:
    """The answer after a change on the page: the page as it is now, the dialog closed, a toast."""
    if not request.headers.get("HX-Request"):
        return redirect("customer", customer)
    found = card(context, customer)
    answer = render(request, "customers/whole.html", values_of_page(context, found))
    answer.headers["HX-Retarget"] = "#customer"
    answer.headers["HX-Reswap"] = "outerHTML"
    trigger(answer, "closeDialog")
    return toast(answer, message, undo_url=undo_url)
