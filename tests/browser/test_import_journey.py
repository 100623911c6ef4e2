"""Half the rows of a file are wrong: everything is told, nothing is lost, and all of it can be undone."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.driver import Watch, accessibility_problems, overflows, sign_in
from tests.installation import Installation


def half_wrong() -> bytes:
    """Forty rows in GB18030, every second of them wrong."""
    lines = ["客户名单", "", "姓名,手机,生日"]
    for number in range(40):
        name = "" if number % 4 == 1 else f"测试{chr(0x5000 + number)}"
        born = "昨天" if number % 4 == 3 else "1990-02-03"
        lines.append(f"{name},1380000{number:04d},{born}")
    return "\r\n".join(lines).encode("gb18030")


def corrected(text: str) -> str:
    """The file of refused rows with every fault mended."""
    head, *rows = csv.reader(io.StringIO(text))
    name, phone, born = (head.index(each) for each in ("姓名", "手机", "生日"))
    for row in rows:
        row[name] = row[name] or f"补上{row[phone][-2:]}"
        row[born] = row[born].replace("昨天", "1991-04-05")
    answer = io.StringIO()
    csv.writer(answer).writerows([head, *rows])
    return answer.getvalue()


def bring_in(page: Page, file: Path) -> list[str]:
    """Send a file through all steps; returns what the check counted: rows, new, known, refused."""
    page.goto("/imports/new/")
    page.set_input_files("#file", file)
    page.locator("form:has(#file) button[type=submit]").click()
    page.wait_for_url(re.compile("/file/"))
    page.locator("button[name=next]").click()
    page.wait_for_url(re.compile("/columns/"))
    page.locator(".form-actions button[type=submit]").click()
    page.wait_for_url(re.compile("/check/"))
    page.wait_for_selector(".tiles", timeout=60_000)
    counted = [text.replace(",", "") for text in page.locator(".tile-value").all_inner_texts()]
    page.locator("form[action$='/start/'] button").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/$"))
    page.wait_for_selector("form[action$='/undo/']", timeout=60_000)
    return counted


def test_half_a_file_is_wrong_and_nothing_is_lost(
    page: Page, company: Installation, watch: Watch, tmp_path: Path
) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes(half_wrong())
    sign_in(page, "admin", company.settle())
    page.goto("/imports/new/")
    expect(page.locator("#file")).to_be_visible()
    assert accessibility_problems(page) == []
    expect(page.locator(".file-field")).to_contain_text("将文件拖到此处，或点击选择")
    page.set_input_files("#file", file)
    expect(page.locator(".file-field")).to_contain_text("名单.csv")
    page.locator("form:has(#file) button[type=submit]").click()
    page.wait_for_url(re.compile("/file/"))
    assert accessibility_problems(page) == []
    page.locator("button[name=next]").click()
    page.wait_for_url(re.compile("/columns/"))
    assert accessibility_problems(page) == []
    assert not overflows(page)
    page.locator(".form-actions button[type=submit]").click()
    page.wait_for_url(re.compile("/check/"))
    page.wait_for_selector(".tiles", timeout=60_000)
    assert [text.replace(",", "") for text in page.locator(".tile-value").all_inner_texts()] == [
        "40",
        "20",
        "0",
        "20",
    ]
    page.locator("form[action$='/start/'] button").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/$"))
    page.wait_for_selector("a[href$='/refused/']", timeout=60_000)
    assert accessibility_problems(page) == []
    with page.expect_download() as download:
        page.locator("a[href$='/refused/']").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 21
    assert "昨天" in text
    again = tmp_path / "名单-更正.csv"
    again.write_text(corrected(text), encoding="utf-8-sig")
    assert bring_in(page, again) == ["20", "20", "0", "0"]
    page.locator("form[action$='/undo/'] button").click()
    page.locator("dialog[open] button.btn-danger, dialog[open] button.btn-primary").last.click()
    expect(page.locator(".notice-title").first).to_be_visible(timeout=60_000)
    page.wait_for_function(
        "document.body.innerText.includes('撤销') || document.body.innerText.includes('undone')"
    )
    expect(page.locator("nav.bottom-bar")).to_have_count(1)
    assert watch.problems() == []
