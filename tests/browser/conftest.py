"""The real server with a database of its own, and Chromium pages that fail a test on any fault they saw."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import installation as installations
from tests.browser.driver import DESK, FLAGS, Watch, chromium

# Playwright's loop runs in the thread of the tests; a journey's own look into the database is synchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, home: Path) -> installations.Installation:
    """The installation the journeys of one file walk through; a file fills it in a fixture of its own."""
    return installations.create(tmp_path_factory.mktemp("company"), home)


@pytest.fixture(scope="module")
def server(company: installations.Installation) -> Iterator[installations.Server]:
    """The real server over `company`, on a free port of 127.0.0.1."""
    with company.serve() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window; one for all journeys of this process."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """The faults of this journey; the test fails at its end when one was not allowed."""
    seen = Watch()
    yield seen
    assert seen.problems() == []


@pytest.fixture
def open_context(
    browser: Browser, server: installations.Server, watch: Watch
) -> Iterator[Callable[..., BrowserContext]]:
    """Opens browser contexts, each with cookies of its own: another user, another size, dark, English."""
    opened: list[BrowserContext] = []

    def start(**options: object) -> BrowserContext:
        chosen = {"viewport": DESK, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"} | options
        context = browser.new_context(base_url=server.url, **chosen)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        watch.attach(context)
        opened.append(context)
        return context

    yield start
    for context in opened:
        context.close()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """One fresh page in Chinese on a desk-sized window."""
    return open_context().new_page()
