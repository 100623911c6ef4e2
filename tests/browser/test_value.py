"""The value page in a real browser: empty, filled, moved between tiers; every figure opens who stands behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.driver import PHONE, Watch, accessibility_problems, overflows, sign_in
from tests.feeds.purchase_files import MAPPING, csv_of, many_lines
from tests.installation import Installation
from tests.world import PASSWORD

_PEOPLE = """
from tests.world import make_user, make_unit
company = make_unit("总公司")
make_user("boss", "周总", company, "director")
"""


@pytest.fixture(scope="module")
def boss(company: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A director in a company without purchases."""
    company.python(_PEOPLE)
    return company


def test_an_empty_company_says_how_to_begin(boss: Installation, page: Page, watch: Watch) -> None:
    sign_in(page, "boss", PASSWORD)
    page.goto("/insight/value/")
    page.get_by_role("main").get_by_role("link", name="导入购买记录").click()
    page.wait_for_url(re.compile("/insight/purchases/"))
    assert page.locator("input[type=file]").is_visible()


def test_figures_open_their_customers(
    boss: Installation, page: Page, open_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    file, mapping = tmp_path / "lines.csv", tmp_path / "mapping.json"
    file.write_bytes(csv_of(many_lines(600)))
    mapping.write_text(json.dumps(MAPPING))
    boss.zhike("import", "purchases", str(file), "--mapping", str(mapping), "--source", "shop", "--json")
    boss.zhike("score", "--as-of", "2026-02-28")
    sign_in(page, "boss", PASSWORD)
    page.goto("/insight/value/?as_of=2026-02-28")
    row = page.get_by_role("row", name=re.compile("铅")).first
    day = page.locator("#as_of")
    assert day.input_value() == "2026-02-28"
    day.fill("2026年2月7日")
    day.blur()
    assert day.input_value() == "2026-02-07"
    page.locator("[data-day-pick]").click()
    assert page.locator("[data-day-picker]").input_value() == "2026-02-07"
    page.keyboard.press("Escape")
    count = row.get_by_role("cell").first.inner_text()
    row.get_by_role("cell").first.get_by_role("link").click()
    page.wait_for_url(re.compile("/customers/"))
    assert count in page.locator("main").inner_text()
    page.goto("/insight/value/moves/?before=2025-08-01&after=2026-02-28&days=90")
    page.locator("table tbody td a").first.click()
    page.wait_for_url(re.compile("/insight/value/movers/"))
    assert page.locator("table tbody tr").count() >= 1
    phone = open_context(viewport=PHONE, color_scheme="dark").new_page()
    sign_in(phone, "boss", PASSWORD)
    for address in ("/insight/value/?as_of=2026-02-28", "/insight/value/moves/?after=2026-02-28"):
        phone.goto(address)
        assert not overflows(phone)


def test_nothing_serious_for_axe(boss: Installation, open_context: Callable[..., BrowserContext]) -> None:
    page = open_context(bypass_csp=True).new_page()
    sign_in(page, "boss", PASSWORD)
    for address in ("/insight/value/?as_of=2026-02-28", "/insight/purchases/", "/insight/value/policy/"):
        page.goto(address)
        assert accessibility_problems(page) == []
