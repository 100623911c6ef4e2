"""What the palette finds: records of every kind, what one looked at last, and what one may begin."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from zhike.kernel.actor import Context
from zhike.kernel.fields import resources
from zhike.kernel.search import Found, found_again, search_everything
from zhike.web.context import context_of
from zhike.web.lists.show import phone_text

MOST = 20
_DOT = " · "
RECENT = 8
COMMANDS: tuple[tuple[Any, str, str, str], ...] = (
    (_("New customer"), "customer_new", "user-plus", "customers.create"),
    (_("Search all customers for duplicates"), "duplicates", "git-merge", "customers.merge"),
    (_("Recycle bin"), "customer_bin", "trash", "customers.delete"),
    (_("Import a file"), "imports", "file-import", "feeds.import"),
)
_ICONS = {"customers": "users", "staff": "user-shield", "units": "sitemap"}


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """Groups of options for `q`: records by kind, best first, then commands.

    Without `q`, what was opened last: the browser remembers `recent` as `resource:id`, the names are read here under
    the rights of now.
    """
    context = context_of(request)
    text = request.GET.get("q", "")[:120].replace("\x00", "").strip()
    groups = _records(context, text) if text else _recent(context, request.GET.getlist("recent")[:RECENT])
    values = {"groups": groups, "commands": _commands(context, text), "text": text}
    return render(request, "search/palette.html", values)


def _records(context: Context, text: str) -> list[dict[str, Any]]:
    found = search_everything(context, text, MOST)
    known = resources()
    order = list(dict.fromkeys(each.resource for each in found))
    ranked = sorted(found, key=lambda each: order.index(each.resource))
    return [
        {
            "label": known[name].label,
            "icon": _ICONS.get(name, "file"),
            "found": [_written(each) for each in some],
        }
        for name, some in groupby(ranked, key=lambda each: each.resource)
    ]


def _written(found: Found) -> Found:
    """What was found, its phone number as people write it."""
    parts = found.subtitle.split(_DOT)
    return replace(found, subtitle=_DOT.join(phone_text(part) if part[:1] == "+" else part for part in parts))


def _recent(context: Context, keys: list[str]) -> list[dict[str, Any]]:
    wanted = []
    for key in keys:
        name, _colon, record = key.partition(":")
        with suppress(ValueError):
            wanted.append((name, UUID(record)))
    found = [_written(each) for each in found_again(context, wanted)]
    return [{"label": gettext("Opened last"), "icon": "history", "found": found}] if found else []


def _commands(context: Context, text: str) -> list[dict[str, Any]]:
    wanted = text.lower()
    return [
        {"label": label, "url": reverse(name), "icon": icon}
        for label, name, icon, permission in COMMANDS
        if context.actor.may(permission) and wanted in str(label).lower()
    ]
