"""What a journey needs: a page that reports every fault, sign-in, pictures, and the accessibility check."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, Route

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PHONE = {"width": 375, "height": 812}
DESK = {"width": 1440, "height": 900}


def chromium() -> str:
    """The browser's program: ZHIKE_CHROMIUM, or what is on the PATH. Raises RuntimeError if none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("ZHIKE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise RuntimeError("No Chromium: apt-get install chromium, or set ZHIKE_CHROMIUM")
    return found


@dataclass
class Watch:
    """Everything that went wrong on the pages of one context. What a test expects it allows by pattern."""

    found: list[str] = field(default_factory=list)
    allowed: list[re.Pattern[str]] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """A fault matching this pattern is part of the journey, such as the 422 of a form sent back."""
        self.allowed.append(re.compile(pattern))

    def problems(self) -> list[str]:
        """The faults nobody allowed, in the order they happened."""
        return [line for line in self.found if not any(pattern.search(line) for pattern in self.allowed)]

    def after(self, page: Page, patience_ms: int = 5_000) -> list[str]:
        """The faults there are, once there is one: waits for what the browser has yet to report."""
        waited = 0
        while not self.problems() and waited < patience_ms:
            page.wait_for_timeout(50)
            waited += 50
        return self.problems()

    def attach(self, context: BrowserContext) -> None:
        """Watch all pages of this context and keep them on this machine."""
        context.route(lambda url: not _is_local(url), self._refuse)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.found.append(f"uncaught: {error.error}"))
        context.on("response", self._response)

    def _refuse(self, route: Route, request: Request) -> None:
        self.found.append(f"left this machine: {request.url}")
        route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        # A refused answer is told by its status below; the console's copy names no address.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.found.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.found.append(f"answer {response.status}: {response.request.method} {response.url}")


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob", "about"} or parts.hostname in {"127.0.0.1", "localhost"}


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign in through the real form; `page` must belong to a context with a base address."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"^(?!.*/accounts/login/)"))


def screenshot(page: Page, name: str) -> Path:
    """Save a picture of the whole page in ZHIKE_SCREENSHOTS (default the test's home) and return its path."""
    folder = Path(os.environ.get("ZHIKE_SCREENSHOTS", Path(os.environ["ZHIKE_HOME"]) / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path


def accessibility_problems(page: Page) -> list[str]:
    """WCAG 2.2 A and AA violations that axe finds on the page as it stands, one line each."""
    # Before its styles have come a page is judged by sizes that nobody sees.
    page.wait_for_load_state("load")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]}"
        for rule in result.response["violations"]
        for node in rule["nodes"]
    ]


def overflows(page: Page) -> bool:
    """Whether the page is wider than its window, which no page may be."""
    wide: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
    )
    return wide
