"""An administrator's morning: a unit, somebody with a role, a field of one's own, a token; all of it on record."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import installation as installations
from tests.browser.driver import DESK, PHONE, Watch, accessibility_problems, overflows, sign_in

SCREENS = (
    "/", "/customers/", "/customers/new/", "/customers/bin/", "/duplicates/", "/imports/", "/imports/new/", "/exports/",
    "/jobs/", "/insight/value/", "/insight/purchases/", "/insight/value/policy/", "/settings/profile/",
    "/settings/about/", "/settings/staff/", "/settings/staff/new/", "/settings/units/", "/settings/roles/",
    "/settings/fields/", "/settings/fields/new/", "/settings/tokens/", "/settings/tokens/new/", "/settings/audit/",
    "/accounts/2fa/", "/accounts/sessions/", "/accounts/password/change/",
)  # fmt: skip


@pytest.fixture
def desk(page: Page, company: installations.Installation) -> Page:
    """The administrator, signed in."""
    sign_in(page, "admin", company.settle())
    return page


def _unit(page: Page) -> None:
    page.goto("/settings/units/new/")
    page.locator("input[name=name]").fill("华东大区")
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(re.compile("/settings/units/$"))
    expect(page.locator("main")).to_contain_text("华东大区")


def _somebody(page: Page) -> str:
    page.goto("/settings/staff/new/")
    page.locator("input[name=name]").fill("林小满")
    page.locator("input[name=username]").fill("lin")
    page.locator("select[name=unit]").select_option(label="华东大区")
    page.get_by_label("客户经理").check()
    assert accessibility_problems(page) == []
    page.locator("main button[type=submit]").click()
    password = page.locator("#one-time-password").inner_text()
    page.reload()
    return password


def _field(page: Page) -> None:
    page.goto("/settings/fields/new/")
    page.locator("input[name=label_zh]").fill("会员卡号")
    page.locator("input[name=label_en]").fill("Card number")
    page.locator("input[name=key]").fill("card_number")
    expect(page.locator("#field-preview")).to_contain_text("会员卡号")
    page.locator("#field-form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/settings/fields/$"))
    expect(page.locator("main")).to_contain_text("会员卡号")


def test_from_a_unit_to_a_field_on_the_form(
    desk: Page, open_context: Callable[..., BrowserContext], watch: Watch
) -> None:
    _unit(desk)
    password = _somebody(desk)
    _field(desk)
    desk.goto("/customers/new/")
    expect(desk.locator("input[name='custom.card_number']")).to_be_visible()
    other = open_context().new_page()
    sign_in(other, "lin", password)
    expect(other).to_have_url(re.compile("/accounts/password/change/"))
    other.locator("input[name=password1]").fill("Quiet-Harbour-58")
    other.locator("input[name=password2]").fill("Quiet-Harbour-58")
    other.locator("main button[type=submit]").first.click()
    expect(other.locator("h1")).to_contain_text("林小满")
    watch.allow(r"answer 403: GET .*/settings/audit/")
    assert other.goto("/settings/audit/").status == 403  # type: ignore[union-attr]
    desk.goto("/settings/audit/")
    for said in ("华东大区", "会员卡号", "林小满"):
        expect(desk.locator("main")).to_contain_text(said)


def test_a_token_is_shown_once_and_ends_when_it_is_revoked(desk: Page, watch: Watch) -> None:
    desk.goto("/settings/tokens/new/")
    desk.locator("input[name=name]").fill("报表程序")
    desk.locator("input[value='customers.read']").check()
    desk.locator("main button[type=submit]").click()
    secret = desk.locator("#token-secret").inner_text()
    headers = {"Authorization": f"Bearer {secret}"}
    assert desk.request.get("/api/v1/customers", headers=headers).status == 200
    desk.goto("/settings/tokens/")
    assert secret not in desk.content()
    desk.get_by_role("button", name="吊销").click()
    desk.locator("#confirm-yes").click()
    expect(desk.get_by_text("已吊销")).to_be_visible()
    assert desk.request.get("/api/v1/customers", headers=headers).status == 401
    desk.goto("/settings/audit/?resource=tokens")
    expect(desk.locator("main")).to_contain_text("报表程序")


@pytest.mark.parametrize(
    ("look", "size", "screens"),
    [("light", PHONE, SCREENS), ("dark", DESK, SCREENS[1::3])],
    ids=["a phone by day", "a desk by night"],
)
def test_no_screen_shuts_anybody_out(
    open_context: Callable[..., BrowserContext],
    company: installations.Installation,
    look: str,
    size: dict[str, int],
    screens: tuple[str, ...],
) -> None:
    page = open_context(color_scheme=look, viewport=size).new_page()
    sign_in(page, "admin", company.settle())
    found: list[str] = []
    for address in screens:
        page.goto(address)
        found += [f"{address}: {each}" for each in accessibility_problems(page)]
        found += [f"{address}: wider than the window"] if overflows(page) else []
    assert found == []
