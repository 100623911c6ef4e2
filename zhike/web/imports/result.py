"""The list of imports, and one import while it runs and afterwards."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid
from zhike.web.context import context_of
from zhike.web.downloads import sent
from zhike.web.imports.shown import BY, load, shown, steps
from zhike.web.jobs.steering import resume_job, stop_job
from zhike.web.signin.middleware import quiet

_PAGE = 30
_ROWS = 50
_ENDED = ("done", "cancelled", "failed")


def imports(request: HttpRequest) -> HttpResponse:
    """My imports, newest first."""
    context = context_of(request)
    before = request.GET.get("before", "")
    given = {"limit": _PAGE + 1, **({"before": before} if before else {})}
    rows = [shown(row) for row in run("feeds.imports", context, given).result]
    values = {
        "imports": rows[:_PAGE], "now": context.now,
        "next_url": f"?before={rows[_PAGE - 1].id}" if len(rows) > _PAGE else "", "first_url": "?" if before else "",
    }  # fmt: skip
    return render(request, "imports/imports.html", values)


def whole(request: HttpRequest, batch: UUID) -> HttpResponse:
    """One import: its progress while it runs, its result afterwards, and the rows that made no customer."""
    context = context_of(request)
    found, job = load(context, batch)
    if found.state in ("uploaded", "checking", "previewed"):
        return redirect(found.url)
    verdict = request.GET.get("verdict") or "refused"
    verdict = verdict if verdict in ("refused", "matched", "updated") else "refused"
    after = request.GET.get("after", "0")
    if not after.isdigit():
        raise Invalid({"after": _("This address of a page is broken; start again from the first page.")})
    given = {"batch": str(batch), "verdict": verdict, "after": int(after), "limit": _ROWS + 1}
    rows = run("feeds.import_rows", context, given).result
    tabs = (("refused", _("Refused rows"), found.refused), ("matched", _("Known already"), found.matched),
            ("updated", _("Updated"), found.updated))  # fmt: skip
    values = {
        "batch": found, "job": job, "verdict": verdict, "now": context.now,
        "rows": [{**row, "by_label": BY.get(row["by"], "")} for row in rows[:_ROWS]],
        "next_url": f"?verdict={verdict}&after={rows[_ROWS - 1]['row']}" if len(rows) > _ROWS else "",
        "first_url": f"?verdict={verdict}" if after != "0" else "",
        "tabs": [
            {"label": label, "url": f"?verdict={name}", "active": name == verdict, "count": f"{count:,}"}
            for name, label, count in tabs
        ],
        "may_undo": context.actor.may("customers.delete") and found.state in _ENDED and found.taken,
        "may_go_on": found.state in ("cancelled", "failed") and job is not None,
        **steps(found, 5),
    }  # fmt: skip
    return render(request, "imports/result.html", values)


@quiet
def progress(request: HttpRequest, batch: UUID) -> HttpResponse:
    """How far the job of an import is, asked every second. At its end the page loads again."""
    context = context_of(request)
    found, job = load(context, batch)
    answer = render(request, "imports/progress.html", {"batch": found, "job": job, "now": context.now})
    if job is None or job.ended:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def start(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Bring the customers in."""
    run("feeds.start", context_of(request), {"batch": str(batch)})
    return redirect("import", batch)


@require_POST
def stop(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Cancel what runs; what was committed stays and can be undone."""
    _found, job = load(context_of(request), batch)
    if job is not None:
        stop_job(request, job.id)
    return redirect("import", batch)


@require_POST
def again(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Go on from the last committed part."""
    _found, job = load(context_of(request), batch)
    if job is not None:
        resume_job(request, job.id)
    return redirect("import", batch)


@require_POST
def undo(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Take the whole import back."""
    run("feeds.undo", context_of(request), {"batch": str(batch)})
    return redirect("import", batch)


@require_safe
def refused(request: HttpRequest, batch: UUID) -> HttpResponseBase:
    """The refused rows as a file."""
    found = run("feeds.refused_file", context_of(request), {"batch": str(batch)}).result
    return sent(found["path"], found["file_name"])
