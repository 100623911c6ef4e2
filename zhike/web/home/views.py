"""The first screen: what waits for me, my customers, and how to begin where there is nothing yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.customers.queries import CUSTOMERS, duplicate_pairs
from zhike.kernel.actions import deeds, run
from zhike.kernel.actor import Context
from zhike.kernel.fields import readable_fields, right_on
from zhike.kernel.job_doors import list_jobs
from zhike.kernel.pages import Count, count
from zhike.kernel.reading import Listing, ListRequest, list_records, matching
from zhike.kernel.rights import FieldRight
from zhike.kernel.warm import warm
from zhike.web.context import context_of
from zhike.web.jobs.shown import shown_job

QUIET_DAYS = 90
NEW_DAYS = 30
POOR_QUALITY = 60
_SHOWN = 8
_WAITING = 3
_IMPORTS = "feeds.imports"
_MINE = {"field": "owner", "op": "eq", "value": "@me"}


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work that waits: how much of it, in words, and where to do it."""

    title: str
    text: str
    icon: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of customers in words, and the records behind it."""

    label: str
    value: str
    url: str


def _list_url(condition: Any, sort: str = "") -> str:
    query = {"where": orjson.dumps(condition).decode(), **({"sort": sort} if sort else {})}
    return f"{reverse('customers')}?{urlencode(query)}"


def _number(count: Count) -> str:
    return f"{count.number:,}" if count.exact else f"{count.number:,}+"


def _records(context: Context, condition: Any, sort: str, size: int = 1, counted: bool = True) -> Listing:
    names = [
        name
        for name in ("name", "number", "kind", "city", "updated_at", "quality")
        if _readable(context, name)
    ]
    request = ListRequest(condition=condition, sort=sort, fields=names, size=size, counted=counted)
    return list_records(context, CUSTOMERS, request)


def _readable(context: Context, name: str) -> bool:
    return name in readable_fields(context.actor, CUSTOMERS)


def _usable(context: Context, *names: str) -> bool:
    """Whether lists may be narrowed and sorted by these fields: a masked one must not leak through an order."""
    known = CUSTOMERS.all_fields()
    return all(right_on(context.actor, CUSTOMERS, known[name]) >= FieldRight.READ for name in names)


def _care(context: Context) -> list[Task]:
    """My customers whom nobody touched for long, and my records with much missing."""
    if not context.actor.may("customers.read") or not _usable(context, "owner", "updated_at", "quality"):
        return []
    quiet = {"and": [_MINE, {"field": "updated_at", "op": "not_last_days", "value": QUIET_DAYS}]}
    poor = {"and": [_MINE, {"field": "quality", "op": "lt", "value": POOR_QUALITY}]}
    tasks = []
    long_quiet, thin = _records(context, quiet, "updated_at").count, _records(context, poor, "quality").count
    if long_quiet and long_quiet.number:
        title = _("%(n)s of your customers untouched for %(days)d days") % {
            "n": _number(long_quiet), "days": QUIET_DAYS,
        }  # fmt: skip
        text = _("Call or write before somebody else does.")
        tasks.append(Task(title, text, "clock", "orange", _list_url(quiet, "updated_at")))
    if thin and thin.number:
        title = _("%(n)s of your records lack important facts") % {"n": _number(thin)}
        tasks.append(Task(title, _("A phone, an address or a contact is missing."), "clipboard-check", "yellow",
                          _list_url(poor, "quality")))  # fmt: skip
    return tasks


def _figures(context: Context) -> list[Figure]:
    """The customers one may see in a few counts; each opens the records behind it."""
    if not context.actor.may("customers.read"):
        return []
    new = {"field": "created_at", "op": "last_days", "value": NEW_DAYS}
    best = {"field": "value_tier", "op": "in", "value": ["platinum", "gold"]}
    wanted: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
        (_("Customers"), None, ()),
        (_("New in %(n)d days") % {"n": NEW_DAYS}, new, ("created_at",)),
        (_("Platinum and gold"), best, ("value_tier",)),
        (_("Without account manager"), {"field": "owner", "op": "empty"}, ("owner",)),
    )
    found = []
    for label, condition, names in wanted:
        if _usable(context, *names):
            number = count(matching(context, CUSTOMERS, condition=condition))
            url = _list_url(condition) if condition else f"{reverse('customers')}?view=all"
            found.append(Figure(label, _number(number), url))
    return found


def _duplicates(context: Context) -> list[Task]:
    if not context.actor.may("customers.duplicates"):
        return []
    number = len(duplicate_pairs(context, limit=100))
    if not number:
        return []
    title = ngettext("%(n)s pair may be one customer", "%(n)s pairs may be one customer", number) % {
        "n": f"{number}+" if number == 100 else number
    }
    return [Task(title, _("Look at both sides and decide."), "git-merge", "purple", reverse("duplicates"))]


def _failed(context: Context, rows: list[Any]) -> list[Task]:
    return [
        Task(_("“%(title)s” failed") % {"title": row.title}, row.error, "alert-circle", "danger",
             reverse("job", args=[row.id]))
        for row in rows
        if row.state == "failed"
    ]  # fmt: skip


def _imports(context: Context) -> list[Task]:
    """My files that were checked and wait for the word to bring them in, newest first."""
    known = {each.name: each.permission for each in deeds()}
    if _IMPORTS not in known or not context.actor.may(known[_IMPORTS]):
        return []
    rows = run(_IMPORTS, context, {"limit": 20}).result
    waiting = [row for row in rows if row["state"] == "previewed"][:_WAITING]
    tasks = []
    for row in waiting:
        counts = (row.get("preview") or {}).get("counts") or {}
        text = _("%(new)s new, %(known)s known already, %(refused)s refused: nothing is written yet.") % {
            name: f"{counts.get(name, 0):,}" for name in ("new", "known", "refused")
        }
        title = _("“%(name)s” is checked and waits for you") % {"name": row["name"]}
        tasks.append(Task(title, text, "file-import", "blue", reverse("import_check", args=[row["id"]])))
    return tasks


def home(request: HttpRequest) -> HttpResponse:
    """The first screen. Each part appears for those who have the right to it."""
    context = context_of(request)
    warm(context)
    jobs = list_jobs(context, limit=5) if context.actor.may("jobs.read") else []
    reads = context.actor.may("customers.read")
    owns = reads and _usable(context, "owner", "updated_at")
    mine = _records(context, _MINE, "-updated_at", _SHOWN) if owns else None
    recent = None
    if reads and (mine is None or not mine.rows) and _usable(context, "updated_at"):
        recent = _records(context, None, "-updated_at", _SHOWN)
    listed = mine if mine and mine.rows else recent
    values = {
        "tasks": [*_failed(context, jobs), *_imports(context), *_duplicates(context), *_care(context)],
        "figures": [] if reads and not (listed and listed.rows) else _figures(context),
        "open_jobs": [shown_job(row) for row in jobs if row.ended_at is None],
        "last_jobs": [shown_job(row) for row in jobs if row.ended_at is not None],
        "customers": listed.rows if listed else [],
        "customers_mine": bool(mine and mine.rows),
        "customers_count": mine.count if mine and mine.rows else None,
        "customers_url": (_list_url(_MINE, "-updated_at") if mine and mine.rows else reverse("customers")),
        "empty": reads and not (listed and listed.rows),
        "hour": timezone.localtime(context.now).hour,
        "now": context.now,
        "import_url": reverse("import_new"),
        "create_url": reverse("customer_new"),
        "invite_url": reverse("user_new") if context.actor.may("staff.manage") else "",
        "may_create": context.actor.may("customers.create"),
        "may_import": context.actor.may("feeds.import"),
    }
    return render(request, "home/home.html", values)
