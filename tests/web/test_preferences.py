"""Choices of a browser come from its cookies; what is unknown counts as the default."""

from __future__ import annotations

import pytest
from django.template.loader import get_template
from django.test import RequestFactory

from zhike.web.preferences import Preferences, preferences


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        ({}, Preferences()),
        ({"zhike_theme": "dark", "zhike_density": "compact"}, Preferences("dark", "compact")),
        ({"zhike_theme": '"><script>', "zhike_sidebar": "narrow"}, Preferences(sidebar="narrow")),
    ],
)
def test_cookies_decide(rf: RequestFactory, cookies: dict[str, str], expected: Preferences) -> None:
    rf.cookies.load(cookies)
    assert preferences(rf.get("/")) == expected


def test_the_page_is_dark_before_any_script_runs(rf: RequestFactory) -> None:
    rf.cookies.load({"zhike_theme": "dark"})
    assert 'data-bs-theme="dark"' in get_template("404.html").render({}, rf.get("/"))
