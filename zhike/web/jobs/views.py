"""Jobs: what runs in the background for me, how far it is, and how to stop it or try it again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.kernel.actor import SYSTEM_ID
from zhike.kernel.errors import Invalid
from zhike.kernel.job_doors import list_jobs, read_job
from zhike.kernel.staff import names_of_staff
from zhike.web.context import context_of
from zhike.web.jobs.shown import shown_job
from zhike.web.jobs.steering import resume_job, stop_job
from zhike.web.signin.middleware import quiet

_PAGE = 30


def _before(request: HttpRequest) -> UUID | None:
    text = request.GET.get("before")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid(
            {"before": _("This address of a page is broken; start again from the first page.")}
        ) from None


def jobs(request: HttpRequest) -> HttpResponse:
    """My jobs, newest first (all jobs for who manages them); `?open=1` narrows to those not ended."""
    context = context_of(request)
    only_open = request.GET.get("open") == "1"
    rows = list_jobs(context, open=only_open, before=_before(request), limit=_PAGE + 1)
    everybody = context.actor.may("jobs.manage")
    names = names_of_staff([row.owner for row in rows]) if everybody else {}
    shown = [shown_job(row, names) for row in rows[:_PAGE]]
    query = "open=1&" if only_open else ""
    values = {
        "jobs": shown,
        "only_open": only_open,
        "next_url": f"?{query}before={shown[-1].id}" if len(rows) > _PAGE else "",
        "first_url": f"?{query.rstrip('&')}" if _before(request) else "",
        "everybody": everybody,
        "now": context.now,
    }
    return render(request, "jobs/jobs.html", values)


def job(request: HttpRequest, job: UUID) -> HttpResponse:
    """One job with its progress, result and what can be done about it."""
    context = context_of(request)
    row = read_job(context, job)
    values = {
        "job": shown_job(row, names_of_staff([row.owner])),
        "may_cancel": context.actor.may("jobs.cancel"),
        "now": context.now,
    }
    return render(request, "jobs/job.html", values)


@quiet
def progress(request: HttpRequest, job: UUID) -> HttpResponse:
    """How far a job is, asked by its page every second. At the end the page loads again to show the outcome."""
    context = context_of(request)
    row = read_job(context, job)
    response = render(request, "jobs/progress.html", {"job": shown_job(row), "now": context.now})
    if row.ended_at is not None:
        response["HX-Refresh"] = "true"
    return response


@quiet
def indicator(request: HttpRequest) -> HttpResponse:
    """The mark in the top bar while something runs. What the system has on its schedule is no news until it begins."""
    context = context_of(request)
    rows = [
        shown_job(row)
        for row in list_jobs(context, open=True, limit=20)
        if row.owner != SYSTEM_ID or row.state == "running"
    ]
    return render(request, "jobs/indicator.html", {"jobs": rows})


@require_POST
def stop(request: HttpRequest, job: UUID) -> HttpResponse:
    """Ask a job to end."""
    stop_job(request, job)
    return redirect("job", job)


@require_POST
def again(request: HttpRequest, job: UUID) -> HttpResponse:
    """Let a job go on from where it stopped."""
    resume_job(request, job)
    return redirect("job", job)
