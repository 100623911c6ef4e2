"""The journeys' own watch: what goes wrong on a page is seen, planted fault by planted fault."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.driver import Watch, accessibility_problems, overflows

pytestmark = pytest.mark.usefixtures("server")

_SCRIPT = "document.body.appendChild(document.createElement('script')).text = 'window.planted = 1'"
_PLANTED = {
    "console: .*Content Security Policy.*style-src": "document.body.setAttribute('style', 'color: red')",
    "console: .*Content Security Policy.*script-src": _SCRIPT,
    "left this machine: https://example.com/": "location.href = 'https://example.com/'",
    "console: .*Content Security Policy.*connect-src": "fetch('https://example.com/').catch(() => 0)",
    "uncaught: ": "setTimeout(() => { throw new Error('planted') })",
    "console: planted": "console.error('planted')",
    "answer 404: GET": "fetch('/no/such/page/').catch(() => 0)",
}


def test_the_sign_in_page_is_sound(page: Page) -> None:
    page.goto("/accounts/login/")
    assert accessibility_problems(page) == []
    assert not overflows(page)


@pytest.mark.parametrize("fault", _PLANTED)
def test_a_planted_fault_is_seen(page: Page, watch: Watch, fault: str) -> None:
    page.goto("/accounts/login/")
    page.evaluate(_PLANTED[fault])
    seen = any(re.match(fault, line) for line in watch.after(page))
    watch.allow("")
    assert seen


def test_a_planted_barrier_is_found(page: Page) -> None:
    page.goto("/accounts/login/")
    page.evaluate("document.body.appendChild(document.createElement('button'))")
    assert any(line.startswith("button-name") for line in accessibility_problems(page))
