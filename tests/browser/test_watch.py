"""The journeys' own watch: what goes wrong on a page is seen, planted fault by planted fault."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.driver import Watch, accessibility_problems, overflows

pytestmark = pytest.mark.usefixtures("server")

_PLANTED = {
    "CSP: style-src": "document.body.setAttribute('style', 'color: red')",
    "CSP: script-src": "document.body.appendChild(document.createElement('script')).text = 'window.planted = 1'",
    "left this machine: https://example.com/": "fetch('https://example.com/').catch(() => 0)",
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
    page.wait_for_function("() => document.readyState === 'complete'")
    page.goto("/accounts/login/")
    assert any(line.startswith(fault) for line in watch.problems())
    watch.allow("")


def test_a_planted_barrier_is_found(page: Page) -> None:
    page.goto("/accounts/login/")
    page.evaluate("document.body.appendChild(document.createElement('button'))")
    assert any(line.startswith("button-name") for line in accessibility_problems(page))
