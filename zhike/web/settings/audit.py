"""The audit trail: who did what to which record when, and whether the trail is whole."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.kernel.actions import run
from zhike.kernel.audit import list_facts
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import resources
from zhike.kernel.job_doors import list_jobs
from zhike.kernel.trail import VERIFY, seal_status
from zhike.web.context import context_of
from zhike.web.jobs.shown import shown_job
from zhike.web.settings.choices import staff_choices
from zhike.web.settings.facts import kind_choices, shown_facts

_PAGE = 50
_FILTERS = ("actor", "resource", "record", "kind", "since", "until")


def _uuid(request: HttpRequest, name: str) -> UUID | None:
    text = request.GET.get(name, "").strip()
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid({name: _("This is not an identifier.")}) from None


def _day(request: HttpRequest, name: str, *, after: int = 0) -> datetime | None:
    """The beginning of a day in local time, some days after the one given."""
    text = request.GET.get(name, "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid({name: _("Enter a date, for example 2026-03-05.")}) from None
    return timezone.make_aware(datetime.combine(day + timedelta(days=after), time())) if day else None


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _resources() -> list[tuple[str, Any]]:
    words = [(name, of.label) for name, of in resources().items()]
    return [*words, ("tokens", _("Tokens")), ("fields", _("Fields of your own")), ("jobs", _("Jobs"))]


def audit(request: HttpRequest) -> HttpResponse:
    """Facts by person, record, kind and period, newest first, with old and new values."""
    context = context_of(request)
    given = {name: request.GET.get(name, "").strip() for name in _FILTERS}
    facts = list_facts(
        context,
        actor=_uuid(request, "actor"),
        resource=given["resource"],
        record=_uuid(request, "record"),
        kind=given["kind"],
        since=_day(request, "since"),
        until=_day(request, "until", after=1),
        before=_number(request, "before"),
        limit=_PAGE + 1,
    )
    query = {name: value for name, value in given.items() if value}
    older = f"?{urlencode(query | {'before': str(facts[_PAGE - 1].id)})}" if len(facts) > _PAGE else ""
    last = list_jobs(context, name=VERIFY, limit=1) if context.actor.may("jobs.read") else []
    values = {
        "facts": shown_facts(context, facts[:_PAGE]),
        "given": given,
        "filtered": bool(query),
        "next_url": older,
        "first_url": f"?{urlencode(query)}" if request.GET.get("before") else "",
        "people": staff_choices(context) if context.actor.may("staff.read") else [],
        "resources": _resources(),
        "kinds": kind_choices(),
        "seal": seal_status(context),
        "last_check": shown_job(last[0]) if last else None,
        "faults": (last[0].result or {}).get("faults") if last else None,
        "now": context.now,
    }
    return render(request, "settings/audit.html", values)


@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Start the check of the whole trail and show its job."""
    made = run("audit.verify", context_of(request), {}).result
    return redirect("job", UUID(made))
