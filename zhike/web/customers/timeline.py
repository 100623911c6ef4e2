"""Every fact about a customer, newest first: who did what, from what to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.customers.queries import CUSTOMERS, ORGANISATION_FACTS, timeline
from zhike.customers.types import Consent
from zhike.kernel.actor import Context
from zhike.kernel.events import FactRead
from zhike.kernel.fields import Choice, Field, Kind
from zhike.kernel.staff import names_of_staff, names_of_units
from zhike.kernel.text import as_uuid
from zhike.web.context import context_of
from zhike.web.customers.fact_words import CHANNELS, FACTS, KINDS, LINES, by_text
from zhike.web.lists.show import label_of, phone_text
from zhike.web.templatetags.ui import day_text, full_text
from zhike.web.words import joined

PAGE = 30
_PREFIXES = {key: tuple(prefixes.split(",")) if prefixes else () for key, _label, prefixes in KINDS}
_NOTE_KINDS = ("customers.note_added", "customers.note_removed")
_REFERENCES = ("owner", "unit")
_CONSENT = Field(
    "consent", LINES["consent"], Kind.CHOICE, choices=tuple(Choice(*each) for each in Consent.choices)
)


@require_safe
def timeline_part(request: HttpRequest, customer: UUID) -> HttpResponse:
    """One page of the timeline: filtered by `kind`, older than `before`. A visit gets a page of its own."""
    context = context_of(request)
    kind = request.GET.get("kind", "")
    before = request.GET.get("before", "")
    place = int(before) if before.isdigit() and len(before) < 19 else None
    values = {"now": context.now, "customer": customer, **_page(context, customer, kind, place)}
    if request.headers.get("HX-Request"):
        return render(request, "customers/timeline_more.html" if place else "customers/timeline.html", values)
    return render(request, "customers/timeline_page.html", values)


def _page(context: Context, customer: UUID, kind: str, before: int | None) -> dict[str, Any]:
    prefixes = _PREFIXES.get(kind, ())
    facts = timeline(context, customer, list(prefixes), before, PAGE + 1)
    shown = facts[:PAGE]
    base = reverse("customer_timeline", args=[customer])
    more = f"{base}?kind={kind}&before={shown[-1].id}" if len(facts) > PAGE else ""
    tabs = [
        {"label": label, "url": f"{base}?kind={key}", "active": key == kind}
        for key, label, _prefixes in KINDS
    ]
    return {"days": _days(context, shown), "more_url": more, "kinds": tabs}


def _days(context: Context, facts: Sequence[FactRead]) -> list[tuple[str, list[dict[str, Any]]]]:
    today = timezone.localtime(context.now).date()
    names = _names(facts)
    return [
        (day_text(day, today), [entry(fact, names) for fact in some])
        for day, some in groupby(facts, key=lambda fact: timezone.localtime(fact.at).date())
    ]


def _names(facts: Sequence[FactRead]) -> dict[UUID, str]:
    ids: dict[str, set[UUID]] = {"owner": set(), "unit": set()}
    for fact in facts:
        for name in _REFERENCES:
            for value in fact.changes.get(name, ()):
                if found := as_uuid(value):
                    ids[name].add(found)
    return {**names_of_staff(ids["owner"]), **names_of_units(ids["unit"])}


def entry(fact: FactRead, names: Mapping[UUID, str]) -> dict[str, Any]:
    """One fact as the timeline shows it."""
    title, drawing, tone = FACTS.get(fact.kind, (fact.kind, "timeline-event", "grey"))
    is_note = fact.kind in _NOTE_KINDS
    note = fact.changes.get("note", (None, None)) if is_note else (None, None)
    by = by_text(fact)
    if fact.channel in CHANNELS:
        by = f"{by} ({CHANNELS[fact.channel]})"
    return {
        "title": title,
        "icon": drawing,
        "tone": tone,
        "at": fact.at,
        "by": by,
        "text": (note[1] or note[0] or "") if is_note else _text(fact),
        "changes": [] if is_note else _changes(fact, names),
    }


def _text(fact: FactRead) -> str:
    data = fact.data
    if fact.kind == "customers.revealed":
        what = LINES.get(str(data.get("field")), data.get("field") or "")
        return _("%(what)s · reason: %(reason)s") % {"what": what, "reason": fact.reason}
    other = data.get("absorbed_number") or data.get("into_number") or data.get("other_number") or ""
    return " · ".join(str(each) for each in (other, fact.reason) if each)


def _changes(fact: FactRead, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    known = CUSTOMERS.all_fields()
    made = []
    for name, pair in fact.changes.items():
        item = known.get(name.removeprefix("custom."))
        if isinstance(pair, list | tuple) and len(pair) == 2:
            fact_label = ORGANISATION_FACTS.get(name.removeprefix("organisation."), (None, None))[1]
            if name.endswith("_consent"):
                name, item = "consent", _CONSENT
            label = LINES.get(name) or (item.label if item else None) or fact_label or name
            old, new = (_value(item, value, names) for value in pair)
            made.append({"label": label, "old": old, "new": new})
    return made


def _value(item: Field | None, value: Any, names: Mapping[UUID, str]) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list | tuple):
        return joined(_value(item, each, names) for each in value)
    if isinstance(value, dict):
        return joined(each for each in value.values() if each not in (None, ""))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if item is not None and item.kind == Kind.REFERENCE:
        found = as_uuid(value)
        return names.get(found, "—") if found else "—"
    if item is not None and item.kind == Kind.PHONE:
        return phone_text(str(value))
    if item is not None and item.kind == Kind.CHOICE:
        return label_of(item, value)
    return _moment(value) if isinstance(value, date | datetime) else str(value)


def _moment(value: date | datetime) -> str:
    return full_text(value) if isinstance(value, datetime) else value.isoformat()
