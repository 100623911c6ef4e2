"""One's own account: who I am here, how I want the screens, and what I may do."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, metadata, version

import django
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

import zhike
from zhike.kernel.own_account import keep_preferences
from zhike.kernel.staff import names_of_units
from zhike.web.context import context_of
from zhike.web.preferences import DENSITIES, THEMES
from zhike.web.settings.choices import role_pairs
from zhike.web.settings.policy import explained
from zhike.web.signin.taste import set_language_cookie


def profile(request: HttpRequest) -> HttpResponse:
    """My name, unit and roles, my language and look, and my rights in words."""
    context = context_of(request)
    if request.method == "POST":
        return _save(request)
    unit = context.actor.unit_id
    values = {
        "unit": names_of_units([unit]).get(unit, "") if unit else "",
        "role_labels": [label for name, label in role_pairs() if name in context.actor.roles],
        "languages": settings.LANGUAGES,
        "rights": explained(context.actor.rights),
        "now": context.now,
    }
    return render(request, "settings/profile.html", values)


def _save(request: HttpRequest) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("locale", "theme", "density")}
    known = {"locale": dict(settings.LANGUAGES), "theme": THEMES, "density": DENSITIES}
    chosen = {name: value for name, value in given.items() if value in known[name]}
    keep_preferences(request.user.pk, **chosen)  # type: ignore[arg-type]
    messages.success(request, _("Saved."))
    response = redirect("profile")
    if locale := chosen.get("locale"):
        set_language_cookie(response, locale)
    return response


# What the program stands on, for the page "About": distribution names.
_BUILT_ON = (
    "Django", "django-allauth", "django-htmx", "pydantic", "uvicorn", "whitenoise", "psycopg", "ibis-framework",
    "duckdb", "deltalake", "pyarrow", "splink", "phonenumbers", "pypinyin", "cryptography",
)  # fmt: skip
_IN_THE_BROWSER = (
    ("htmx", "0BSD"), ("Alpine.js", "MIT"), ("Tabler", "MIT"), ("Tabler Icons", "MIT"),
    ("Apache ECharts", "Apache-2.0"),
    ("SortableJS", "MIT"),
)  # fmt: skip


def _licence(name: str) -> str:
    """The licence a distribution declares: its expression, a classifier, or the first words of its text."""
    known = metadata(name)
    classifiers = [line for line in known.get_all("Classifier") or [] if line.startswith("License ::")]
    said = known["License-Expression"] or (
        classifiers[-1].rsplit(" :: ", 1)[-1] if classifiers else known["License"]
    )
    return (said or "").split("\n")[0][:60]


def about(request: HttpRequest) -> HttpResponse:
    """The version, the database, and the licences of what the program stands on."""
    context_of(request)
    parts = []
    for name in _BUILT_ON:
        try:
            parts.append((name, version(name), _licence(name)))
        except PackageNotFoundError:
            continue
    values = {
        "version": zhike.__version__,
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": connection.vendor,
        "parts": parts,
        "browser": _IN_THE_BROWSER,
    }
    return render(request, "settings/about.html", values)
