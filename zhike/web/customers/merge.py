"""Two records that are one customer: side by side, a choice per field, and the way back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.customers.queries import CUSTOMERS, card
from zhike.customers.types import ContactKind, CustomerCard
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict, Invalid
from zhike.kernel.fields import readable_fields
from zhike.kernel.text import as_uuid
from zhike.web.context import context_of
from zhike.web.customers import dressed
from zhike.web.customers.page import title_of
from zhike.web.lists.show import names_for, phone_text, show
from zhike.web.lists.table import problem_text
from zhike.web.words import joined

FIELDS = (
    "name", "kind", "legal_name", "english_name", "state", "relation_kind", "type", "bond", "stage",
    "relation_stage", "grade", "industry", "source", "birthday", "gender", "country", "owner", "unit",
)  # fmt: skip


@require_safe
def merge_pick(request: HttpRequest, customer: UUID) -> HttpResponse:
    """Find the other record; its possible duplicates stand first."""
    context = context_of(request)
    context.require("customers.merge")
    if other := as_uuid(request.GET.get("absorbed", "")):
        return redirect("customer_merge", customer, other)
    found = card(context, customer)
    values = {
        "card": found, "title": title_of(found), "twins": dressed.duplicates(found),
        "pick_url": reverse("customer_pick"), "picker": {"name": "absorbed", "label": _("The other record")},
    }  # fmt: skip
    part = request.headers.get("HX-Request")
    return render(request, "customers/merge_pick.html" if part else "customers/merge_pick_page.html", values)


@require_http_methods(["GET", "POST"])
def merge_page(request: HttpRequest, customer: UUID, other: UUID) -> HttpResponse:
    """GET: both side by side. POST: merge, and show the record that stays, with a way back."""
    context = context_of(request)
    context.require("customers.merge")
    stays, goes = card(context, customer), card(context, other)
    problem, status = "", 200
    if request.method == "POST":
        try:
            merged = run("customers.merge", context, _payload(request, stays, goes)).result
            text = _("%(number)s was merged into %(into)s.") % {"number": goes.number, "into": stays.number}
            messages.success(request, text)
            return redirect(f"{reverse('customer', args=[customer])}?merged={merged['id']}")
        except (Invalid, Conflict) as refusal:
            problem, status = problem_text(refusal), refusal.status
    values = {
        "now": context.now, "stays": stays, "goes": goes, "problem": problem, "title": title_of(stays),
        "other_title": title_of(goes), "lines": _lines(context, stays, goes, request), "moving": _moving(goes),
        "turned_url": reverse("customer_merge", args=[other, customer]),
        "same": _same_count(context, stays, goes),
    }  # fmt: skip
    return render(request, "customers/merge.html", values, status=status)


def _payload(request: HttpRequest, stays: CustomerCard, goes: CustomerCard) -> dict[str, Any]:
    choices = {
        name.removeprefix("field."): side
        for name, side in request.POST.items()
        if name.startswith("field.") and side in ("survivor", "absorbed")
    }
    seen = [request.POST.get(name, "") for name in ("version", "absorbed_version")]
    versions = [int(text) if text.isdigit() else None for text in seen]
    return {
        "survivor": stays.id, "absorbed": goes.id, "choices": choices, "version": versions[0],
        "absorbed_version": versions[1],
    }  # fmt: skip


def _fields(context: Context) -> dict[str, Any]:
    readable = readable_fields(context.actor, CUSTOMERS)
    return {name: item for name, item in readable.items() if name in FIELDS or item.custom}


def _lines(
    context: Context, stays: CustomerCard, goes: CustomerCard, request: HttpRequest
) -> list[dict[str, Any]]:
    """The fields that differ, each with both values and the side chosen to begin with: what is filled in wins."""
    fields = _fields(context)
    names = names_for(fields.values(), [stays.values, goes.values])
    made = []
    for name, item in fields.items():
        mine, theirs = stays.values.get(name), goes.values.get(name)
        if mine == theirs:
            continue
        key = f"custom.{name}" if item.custom else name
        first = "absorbed" if mine in (None, "", [], ()) else "survivor"
        left, right = (show(item, value, names, context.now) for value in (mine, theirs))
        made.append(
            {"key": key, "label": item.label, "left": left, "right": right,
             "chosen": request.POST.get(f"field.{key}", first)}
        )  # fmt: skip
    return [*made, *_primaries(stays, goes, request)]


def _primaries(stays: CustomerCard, goes: CustomerCard, request: HttpRequest) -> list[dict[str, Any]]:
    """Which of two primary contact points of one kind stays the primary one. Both are kept."""
    made = []
    for kind in ContactKind:
        left = next((each for each in stays.contacts if each.kind == kind and each.is_primary), None)
        right = next((each for each in goes.contacts if each.kind == kind and each.is_primary), None)
        if left and right and left.value != right.value:
            label = _("Primary: %(kind)s") % {"kind": kind.label}
            chosen = request.POST.get(f"field.{kind.value}", "survivor")
            made.append(
                {
                    "key": kind.value,
                    "label": label,
                    "left": _reach(left),
                    "right": _reach(right),
                    "chosen": chosen,
                }
            )
    return made


def _reach(point: Any) -> str:
    """A contact point as people write it."""
    return phone_text(point.value) if dressed.governing(point.kind) == "phone" else str(point.value)


def _same_count(context: Context, stays: CustomerCard, goes: CustomerCard) -> int:
    return sum(
        1 for name in _fields(context)
        if stays.values.get(name) == goes.values.get(name) and stays.values.get(name) not in (None, "", [])
    )  # fmt: skip


def _moving(goes: CustomerCard) -> list[dict[str, Any]]:
    """What goes over to the record that stays, with counts."""
    counts = (
        (_("Contact points"), goes.contacts), (_("Addresses"), goes.addresses),
        (_("Certificates"), goes.certificates), (_("Relations"), goes.relations), (_("Notes"), goes.notes),
        (_("Files"), goes.files), (_("Tags"), goes.tags), (_("Organisation facts"), goes.organisation_facts),
        (_("Ids in other systems"), goes.external_ids), (_("Scores"), goes.scores),
    )  # fmt: skip
    return [{"label": label, "count": len(rows)} for label, rows in counts if rows]


@require_POST
def unmerge(request: HttpRequest, merge: UUID) -> HttpResponse:
    """Take a merge back; what could not be put back because it was changed since is told."""
    context = context_of(request)
    result = run("customers.unmerge", context, {"merge": merge}).result
    known = CUSTOMERS.all_fields()
    kept = [each["field"] for each in result["conflicts"]]
    labels = joined(known[each].label if each in known else each for each in kept)
    text = _("The merge was taken back: both records stand as before.")
    if kept:
        text = _("The merge was taken back. Changed since, so left as it is now: %(fields)s.") % {
            "fields": labels
        }
    url = reverse("customer", args=[UUID(result["survivor"]["id"])])
    if not request.headers.get("HX-Request"):
        messages.success(request, text)
        return redirect(url)
    messages.add_message(request, messages.WARNING if kept else messages.SUCCESS, text)
    return HttpResponse(status=204, headers={"HX-Redirect": url})
