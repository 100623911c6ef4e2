"""The queue of pairs that may be one customer, and the search for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.customers.queries import duplicate_pairs
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.job_doors import list_jobs
from zhike.kernel.text import as_uuid
from zhike.web.context import context_of
from zhike.web.customers import dressed
from zhike.web.toasts import toast, trigger

PAGE = 20
_JOB = "customers.find_duplicates"


@require_safe
def duplicates_page(request: HttpRequest) -> HttpResponse:
    """The open pairs, the likeliest first; "later" passes one over for this visit."""
    context = context_of(request)
    context.require("customers.duplicates")
    after = as_uuid(request.GET.get("after", ""))
    found = duplicate_pairs(context, after, PAGE + 1)
    pairs = found[:PAGE]
    base = reverse("duplicates")
    values: dict[str, Any] = {
        "now": context.now,
        "pairs": [_pair(each) for each in pairs],
        "next_url": f"{base}?after={pairs[-1].id}" if len(found) > PAGE else "",
        "first_url": base if after else "",
        "may_merge": context.actor.may("customers.merge"),
        "job": _running(context),
        "last": _last(context),
    }
    part = request.headers.get("HX-Request")
    return render(request, "customers/duplicates_list.html" if part else "customers/duplicates.html", values)


def _pair(each: Any) -> dict[str, Any]:
    return {
        **asdict(each), "percent": dressed.percent(each.probability), "reasons": dressed.reasons(each.reasons),
    }  # fmt: skip


def _running(context: Context) -> Any:
    jobs = list_jobs(context, True, _JOB, None, 1) if context.actor.may("jobs.read") else []
    return jobs[0] if jobs else None


def _last(context: Context) -> Any:
    jobs = list_jobs(context, False, _JOB, None, 1) if context.actor.may("jobs.read") else []
    return jobs[0] if jobs and jobs[0].ended_at else None


@require_POST
def search_duplicates(request: HttpRequest) -> HttpResponse:
    """Begin the search over all customers in the background."""
    run("customers.find_duplicates", context_of(request), {})
    return redirect("duplicates")


@require_POST
def not_duplicate(request: HttpRequest, left: UUID, right: UUID) -> HttpResponse:
    """Say that both are two customers; the pair goes from the queue."""
    run("customers.not_duplicate", context_of(request), {"left": left, "right": right})
    if not request.headers.get("HX-Request"):
        return redirect("duplicates")
    answer = HttpResponse("")
    trigger(answer, "duplicates:changed")
    return toast(answer, _("Kept as two customers; the pair is not proposed again."))
