"""The navigation of the shell: which groups and entries one request may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Label = str | Promise
Allows = Callable[[HttpRequest, str], bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the plan: label, URL name, icon and the permission it needs."""

    label: Label
    url_name: str
    icon: str
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as one request sees it. `badge` is a short count or empty."""

    label: Label
    url: str
    icon: str
    active: bool = False
    badge: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A labelled run of items."""

    label: Label
    items: tuple[Item, ...]


PLAN: tuple[tuple[Label, tuple[Entry, ...]], ...] = (
    (
        pgettext_lazy("navigation", "Work"),
        (
            Entry(pgettext_lazy("navigation", "Home"), "home", "home"),
            Entry(pgettext_lazy("navigation", "Jobs"), "jobs", "activity", "jobs.read"),
        ),
    ),
    (
        pgettext_lazy("navigation", "Customers"),
        (
            Entry(pgettext_lazy("navigation", "Customers"), "customers", "users", "customers.read"),
            Entry(
                pgettext_lazy("navigation", "Duplicates"), "duplicates", "git-merge", "customers.duplicates"
            ),
            Entry(pgettext_lazy("navigation", "Import"), "imports", "file-import", "feeds.import"),
        ),
    ),
    (
        pgettext_lazy("navigation", "Insight"),
        (Entry(pgettext_lazy("navigation", "Customer value"), "value", "pyramid", "insight.read"),),
    ),
    (
        pgettext_lazy("navigation", "Settings"),
        (
            Entry(pgettext_lazy("navigation", "Users"), "users", "user-shield", "staff.read"),
            Entry(pgettext_lazy("navigation", "Units"), "units", "sitemap", "staff.read"),
            Entry(pgettext_lazy("navigation", "Roles"), "roles", "shield-check", "staff.read"),
            Entry(pgettext_lazy("navigation", "Fields"), "fields", "forms", "fields.manage"),
            Entry(pgettext_lazy("navigation", "API tokens"), "tokens", "key", "tokens.list"),
            Entry(pgettext_lazy("navigation", "Audit trail"), "audit", "history", "audit.read"),
        ),
    ),
)


def everyone(request: HttpRequest, permission: str) -> bool:
    """A predicate that allows what anybody signed in may see."""
    return True


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _active(groups: Sequence[Group], path: str) -> str:
    """The address of the item that covers the path most closely; home covers only itself."""
    addresses = [item.url for group in groups for item in group.items]
    covering = [url for url in addresses if path == url or (url != "/" and path.startswith(url))]
    return max(covering, key=len, default="")


def navigation(
    request: HttpRequest,
    *,
    allows: Allows = everyone,
    badges: dict[str, str] | None = None,
    plan: Sequence[tuple[Label, Sequence[Entry]]] = PLAN,
) -> tuple[Group, ...]:
    """The groups this request may see, the current item marked.

    Entries whose URL name does not exist or whose permission `allows` refuses are left out, and groups left
    empty with them. `badges` maps URL names to short counts.
    """
    counts = badges or {}
    groups = []
    for label, entries in plan:
        items = tuple(
            Item(entry.label, url, entry.icon, badge=counts.get(entry.url_name, ""), name=entry.url_name)
            for entry in entries
            if (not entry.permission or allows(request, entry.permission))
            and (url := _address(entry.url_name))
        )
        if items:
            groups.append(Group(label, items))
    current = _active(groups, request.path)
    return tuple(
        replace(group, items=tuple(replace(item, active=item.url == current) for item in group.items))
        for group in groups
    )
