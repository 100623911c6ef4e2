"""What the shell around every screen needs: the places one may go to, what may be begun, and one's jobs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import pgettext

from zhike.kernel.errors import NotSignedIn
from zhike.web.context import actor_behind
from zhike.web.navigation import navigation


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the person behind the request has a right; nobody signed in has none."""
    try:
        return actor_behind(request).may(permission)
    except NotSignedIn:
        return False


def _new_entries(request: HttpRequest) -> list[dict[str, Any]]:
    """What the button "New" offers this person."""
    known = (
        ("customer_new", pgettext("menu", "Customer"), "user-plus", "customers.create", "N"),
        ("import_new", pgettext("menu", "Import"), "file-import", "feeds.import", ""),
        ("user_new", pgettext("menu", "User"), "user-shield", "staff.manage", ""),
    )
    return [
        {"url": reverse(name), "label": label, "icon": icon, "keys": keys}
        for name, label, icon, permission, keys in known
        if may(request, permission)
    ]


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor of every page. Nothing is read before a template asks for it."""
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {"navigation": (), "organisation_name": ""}
    return {
        "navigation": SimpleLazyObject(lambda: navigation(request, allows=may)),
        "new_entries": SimpleLazyObject(lambda: _new_entries(request)),
        "jobs_indicator_url": reverse("jobs_indicator") if may(request, "jobs.read") else "",
        "organisation_name": settings.ZHIKE_ORGANISATION,
    }
