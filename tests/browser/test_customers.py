"""A day with customers: put one on file, find it, change it, merge its twin and take the merge back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import installation as installations
from tests.browser.driver import PHONE, Watch, accessibility_problems, overflows, sign_in

_FILL = """
from zhike.kernel.models import User
from zhike.kernel.staff import actor_of
from zhike.kernel.actor import Context
from zhike.kernel.actions import run
from datetime import datetime, UTC
user = User.objects.get(username="admin")
context = Context(actor_of(user), datetime.now(UTC))
for name, kind in (("上海华腾软件有限公司", "organisation"), ("欧阳靖宇", "person"), ("欧阳敬宇", "person")):
    run("customers.create", context, {"name": name, "kind": kind, "phone": "13812345678", "tags": ["重点"]})
"""


@pytest.fixture(scope="module")
def filled(company: installations.Installation) -> installations.Installation:
    """Three customers on file."""
    company.python(_FILL)
    return company


@pytest.fixture
def desk(page: Page, filled: installations.Installation) -> Page:
    """The administrator at the list of customers."""
    sign_in(page, "admin", filled.settle())
    page.goto("/customers/?view=all")
    return page


def test_search_preview_and_open(desk: Page) -> None:
    desk.locator("#list-search").press_sequentially("shht")
    expect(desk.locator("tr[data-row]")).to_have_count(1)
    assert "q=shht" in desk.url
    desk.locator("a.cell-peek").click()
    expect(desk.locator("dialog.dialog-side")).to_contain_text("上海华腾软件有限公司")
    desk.keyboard.press("Escape")
    desk.locator("tr[data-row] a.cell-strong").click()
    expect(desk.locator("h1")).to_contain_text("上海华腾软件有限公司")
    assert not overflows(desk)
    assert accessibility_problems(desk) == []


def test_groups_open_and_columns_keep_their_width(desk: Page) -> None:
    desk.locator("[popovertarget=list-grouping]").click()
    desk.get_by_role("menuitemradio", name="个人或组织").click()
    expect(desk.locator("[data-group-toggle]")).to_have_count(2)
    desk.locator("[data-group-toggle]").first.click()
    expect(desk.locator("tr[data-row]").first).to_be_visible()
    assert accessibility_problems(desk) == []
    desk.goto("/customers/?view=all")
    grip = desk.locator("th[data-col=city] [data-col-grip]")
    grip.focus()
    with desk.expect_response(re.compile("/customers/widths/")):
        for _press in range(5):
            grip.press("ArrowRight")
    drawn = desk.locator("th[data-col=city]").get_attribute("width")
    desk.reload()
    expect(desk.locator("th[data-col=city]")).to_have_attribute("width", str(drawn))
    assert accessibility_problems(desk) == []
    with desk.expect_response(re.compile("/customers/widths/")):
        desk.locator("th[data-col=city] [data-col-grip]").dblclick()
    expect(desk.locator("table.table-fixed")).to_have_count(0)


def test_a_note_from_the_page(desk: Page) -> None:
    desk.get_by_role("link", name="欧阳靖宇", exact=True).click()
    desk.locator(".page-actions a").first.click()
    dialog = desk.locator("#dialog-slot dialog")
    dialog.locator("textarea").fill("下周二拜访")
    dialog.locator("button.btn-primary").click()
    expect(dialog).to_have_count(0)
    expect(desk.locator("#notes")).to_contain_text("下周二拜访")
    expect(desk.locator("#timeline")).to_contain_text("下周二拜访")


def test_a_cell_is_changed_in_place(desk: Page, watch: Watch) -> None:
    row = desk.locator("tr[data-row]").first
    cell = row.locator("td[data-cell]").nth(1)
    cell.click()
    cell.locator("select").select_option("a")
    expect(row.locator("td[data-cell]").nth(1).locator(".badge")).to_be_visible()


def test_merge_and_take_it_back(desk: Page) -> None:
    first = desk.get_by_role("link", name="欧阳靖宇", exact=True).get_attribute("href")
    other = desk.get_by_role("link", name="欧阳敬宇", exact=True).get_attribute("href")
    assert first
    assert other
    desk.goto(f"{first}merge/{other.split('/')[2]}/")
    assert accessibility_problems(desk) == []
    desk.locator("#merge-form .btn-primary").click()
    notice = desk.locator(".notice.tone-success")
    expect(notice).to_be_visible()
    notice.locator("button").click()
    expect(desk.locator(".notice.tone-success")).to_have_count(0)
    desk.goto(other)
    expect(desk.locator("h1")).to_contain_text("欧阳敬宇")


def test_twins_are_told_while_typing(desk: Page) -> None:
    desk.goto("/customers/new/")
    desk.locator("#id_name").fill("欧阳静宇")
    desk.locator("#id_phone").fill("13812345678")
    expect(desk.locator("#twins")).to_contain_text("欧阳靖宇")
    expect(desk.locator("#check-phone")).to_contain_text("138 1234 5678")


def test_the_phone_sized_window(
    open_context: Callable[..., BrowserContext], filled: installations.Installation
) -> None:
    page = open_context(viewport=PHONE, color_scheme="dark").new_page()
    sign_in(page, "admin", filled.settle())
    page.goto("/customers/?view=all")
    box = page.locator("[data-pick]").first
    size = box.bounding_box()
    assert size
    assert min(size["width"], size["height"]) >= 24
    box.click()
    bar = page.locator("[data-bulk-bar]")
    expect(bar.locator("[data-bulk-count]")).to_contain_text("1")
    page.locator("[data-pick-page]").check()
    expect(page.locator("tr.row-picked")).to_have_count(page.locator("tr[data-row]").count())
    assert accessibility_problems(page) == []
    bar.locator(".bulk-actions button").first.click()
    expect(page.locator("#dialog-slot dialog")).to_be_visible()
    for address in ("/customers/?view=all", "/customers/new/", "/duplicates/", "/customers/bin/"):
        page.goto(address)
        assert not overflows(page), address
        assert accessibility_problems(page) == [], address
