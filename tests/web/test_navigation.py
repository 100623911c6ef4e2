"""The navigation shows what exists and what one may see, and marks where one is."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from zhike.web.navigation import Entry, navigation

PLAN = (
    ("Work", (Entry("Home", "home", "home"),)),
    (
        "Customers",
        (
            Entry("Customers", "customers", "users", "customers.read"),
            Entry("Merge", "merge", "git-merge", "merge"),
        ),
    ),
    ("Nowhere", (Entry("Missing", "no-such-name", "x"),)),
)


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", _page, name="home"),
    path("customers/", _page, name="customers"),
    path("customers/merge/", _page, name="merge"),
]
pytestmark = pytest.mark.urls(__name__)


def _labels(request: HttpRequest, *allowed: str) -> dict[str, list[str]]:
    groups = navigation(request, allows=lambda _request, permission: permission in allowed, plan=PLAN)
    return {str(group.label): [str(item.label) for item in group.items] for group in groups}


def test_entries_without_right_or_address_are_left_out(rf: RequestFactory) -> None:
    assert _labels(rf.get("/"), "customers.read") == {"Work": ["Home"], "Customers": ["Customers"]}
    assert _labels(rf.get("/")) == {"Work": ["Home"]}


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/", "Home"),
        ("/customers/", "Customers"),
        ("/customers/01928/edit", "Customers"),
        ("/customers/merge/7", "Merge"),
        ("/elsewhere", None),
    ],
)
def test_the_closest_entry_is_current(rf: RequestFactory, address: str, current: str | None) -> None:
    groups = navigation(rf.get(address), plan=PLAN)
    active = [item.label for group in groups for item in group.items if item.active]
    assert active == ([current] if current else [])


def test_badges_stand_beside_their_entries(rf: RequestFactory) -> None:
    groups = navigation(rf.get("/"), plan=PLAN, badges={"merge": "37"})
    assert {item.name: item.badge for group in groups for item in group.items} == {
        "home": "",
        "customers": "",
        "merge": "37",
    }
