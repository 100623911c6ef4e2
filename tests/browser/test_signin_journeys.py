"""Signing in with a real browser: the one-time password, a passkey, and what pages look like in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests import installation as installations
from tests.browser.driver import PHONE, accessibility_problems, overflows

PASSWORD = "Quiet-Harbour-58"


def _first_sign_in(page: Page, password: str) -> None:
    """Come in with the printed password and choose another."""
    page.locator("input[name=login]").fill("admin")
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    expect(page).to_have_url(re.compile(r"/$"))


def _virtual_key(page: Page) -> None:
    """A key inside the browser that agrees to everything, as a person would with a finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_from_the_printed_password_to_a_passkey(
    page: Page, company: installations.Installation, server: installations.Server
) -> None:
    # Keys belong to names: none works at a bare IP address.
    here = server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{here}/accounts/login/")
    _virtual_key(page)
    _first_sign_in(page, company.password)
    assert accessibility_problems(page) == []
    page.goto(f"{here}/accounts/2fa/webauthn/add/")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.locator("input[name=name]").fill("办公室笔记本")
    assert accessibility_problems(page) == []
    page.locator("form[data-passkey] button[type=submit]").click()
    expect(page).to_have_url(re.compile("/accounts/2fa/recovery-codes/"))
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    assert accessibility_problems(page) == []
    page.goto(f"{here}/accounts/2fa/")
    expect(page.get_by_text("办公室笔记本")).to_be_visible()
    page.locator("[popovertarget=menu-user]").click()
    page.locator("#menu-user form button").click()
    page.goto(f"{here}/accounts/login/")
    page.locator("#mfa_login button").click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.locator("[popovertarget=menu-user]")).to_be_visible()


def test_sign_in_pages_are_whole_on_a_phone_in_english(open_context: Callable[..., BrowserContext]) -> None:
    page = open_context(viewport=PHONE, locale="en-US", color_scheme="dark").new_page()
    for place in ("login/", "password/reset/", "password/reset/done/", "inactive/"):
        page.goto(f"/accounts/{place}")
        assert accessibility_problems(page) == [], place
        assert not overflows(page), place
        assert not re.search("[\u4e00-\u9fff]", page.locator("main").inner_text()), place


def test_the_language_switch_speaks_the_other_language(page: Page) -> None:
    page.goto("/accounts/login/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
