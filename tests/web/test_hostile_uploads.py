"""Files that mean harm, sent by the doors people use: each is refused with its reason or lies harmless, and nothing is
half-written."""

from __future__ import annotations

import csv
import gzip
import io
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import Client

from tests.feeds.tables import text_cell, workbook
from tests.feeds.test_files_hostile import EXTERNAL, LAUGHS
from tests.web.customers import make_person, signed_in
from tests.world import World
from zhike.customers.models import FileItem, Party
from zhike.feeds.models import Import
from zhike.kernel.actions import run
from zhike.kernel.worker import work_off

pytestmark = pytest.mark.django_db
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
ENDLESS = 10 << 30


def send(client: Client, name: str, body: bytes) -> Any:
    """Upload a file as the first step of an import does."""
    return client.post("/imports/new/", {"file": SimpleUploadedFile(name, body)})


def endless() -> bytes:
    """Ten gigabytes of one line, compressed: the same member over and over."""
    member = gzip.compress(b"x" * (64 << 20), 1)
    return gzip.compress("姓名,电话\n".encode()) + member * (ENDLESS // (64 << 20))


def bad_files(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    """Name, content, and a part of what is said about it."""
    bomb = workbook(folder / "a.xlsx", "", more={"xl/worksheets/sheet2.xml": b" " * (300 << 20)})
    yield "bomb.xlsx", bomb.read_bytes(), "解压"
    for doctype in (LAUGHS, EXTERNAL):
        file = workbook(folder / "b.xlsx", f"<row>{text_cell('&a;')}</row>", doctype=doctype)
        yield "xxe.xlsx", file.read_bytes(), "实体"
    yield "climb.xlsx", workbook(folder / "c.xlsx", "", more={"../../x": b"1"}).read_bytes(), ""
    yield "wide.csv", b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n1,2\n", "列"
    yield "nul.csv", bytes(5000), ""
    yield "endless.csv.gz", endless(), ""
    yield "drawing.csv", SVG, ""
    yield "drawing.svg", SVG, ""
    yield "page.xls", b"<html><script>alert(1)</script></html>", ""


def _kept() -> set[Path]:
    """The files of imports in the file store, which all tests share."""
    return set(Path(default_storage.path("imports")).rglob("*"))


def test_each_is_refused_with_its_reason_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    client = signed_in(world.admin)
    there = _kept()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, body, said in bad_files(tmp_path):
        answer = send(client, name, body)
        page = answer.content.decode()
        assert answer.status_code == 422, name
        assert 'class="error' in page or "notice" in page, name
        assert said in page, name
    assert not Import.objects.exists()
    assert _kept() == there
    # The bodies themselves are held here; the server side must not unpack them into memory.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600 << 10


def brought_in(client: Client, world: World, name: str, body: bytes) -> Import:
    """Upload by the screen, bring in, and return the import."""
    answer = send(client, name, body)
    assert answer.status_code == 302, answer.content.decode()
    batch = Import.objects.latest("id")
    assert client.post(f"/imports/{batch.pk}/start/").status_code == 302
    work_off()
    batch.refresh_from_db()
    return batch


def test_formula_cells_are_texts_on_the_way_in_and_out(world: World, tmp_path: Path) -> None:
    client = signed_in(world.admin)
    head = "".join(text_cell(name) for name in ("姓名", "备注"))
    cells = '<c t="str"><f>HYPERLINK("http://evil.example","点我")</f><v>点我</v></c>' + text_cell("=1+1")
    made = workbook(
        tmp_path / "f.xlsx",
        f"<row>{head}</row><row>{text_cell('=cmd|calc!A1')}{text_cell('@SUM(1)')}</row><row>{cells}</row>",
    )
    batch = brought_in(client, world, "formulas.xlsx", made.read_bytes())
    assert (batch.state, batch.created) == ("done", 2)
    assert set(Party.objects.values_list("name", flat=True)) == {"=cmd|calc!A1", "点我"}
    page = client.get("/customers/").content.decode()
    assert "evil.example" not in page
    exported = run("feeds.export", world.context(world.admin), {"fields": ["name"]}).result
    text = default_storage.open(exported["path"]).read().decode("utf-8-sig")
    assert ["'=cmd|calc!A1"] in list(csv.reader(io.StringIO(text)))


def test_rows_with_nul_are_refused_one_by_one(world: World) -> None:
    client = signed_in(world.admin)
    lines = "姓名,手机\n王小明,13800138000\n李\x00四,13800138001\n赵六,13800138002\n"
    batch = brought_in(client, world, "nul.csv", lines.encode())
    assert (batch.created, batch.refused) == (2, 1)
    assert "NUL" in client.get(f"/imports/{batch.pk}/").content.decode()
    refused = client.get(f"/imports/{batch.pk}/refused/").content
    assert b"\x00" not in refused


def test_markup_in_names_is_shown_as_text(world: World) -> None:
    client = signed_in(world.admin)
    name = '<svg onload="alert(1)">'
    batch = brought_in(
        client, world, "x.csv", f"姓名,手机\n{name},13800138000\n坏,<script>alert(2)</script>\n".encode()
    )
    assert (batch.created, batch.refused) == (1, 1)
    for address in ("/customers/", f"/customers/{Party.objects.get().pk}/", f"/imports/{batch.pk}/"):
        page = client.get(address).content.decode()
        assert name not in page
        assert "<script>alert(2)" not in page


def test_a_drawing_with_a_script_is_never_shown_in_the_page(world: World) -> None:
    client = signed_in(world.rep)
    customer: UUID = make_person(world)
    sent = client.post(
        f"/customers/{customer}/files/", {"content": SimpleUploadedFile("图.svg", SVG, "image/svg+xml")}
    )
    assert sent.status_code in (200, 302)
    kept = FileItem.objects.get()
    assert kept.content_type == "application/octet-stream"
    answer = client.get(f"/customers/{customer}/files/{kept.pk}/")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    page = client.get(f"/customers/{customer}/").content.decode()
    assert f'src="/customers/{customer}/files/' not in page


def test_of_a_file_that_is_too_large_no_more_is_read_than_shows_it(
    world: World, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, ...]] = []

    def read(file: UploadedFile[bytes], *size: int) -> bytes:
        asked.append(size)
        assert file.file is not None
        return file.file.read(*size)

    monkeypatch.setattr(UploadedFile, "read", read)
    settings.ZHIKE_LARGEST_FILE = 1 << 20
    customer = make_person(world)
    body = io.BytesIO(bytes(3 << 20))
    body.name = "大.bin"
    sent = {"content": body}
    answer = signed_in(world.rep).post(f"/customers/{customer}/files/", sent)
    assert (answer.status_code, asked) == (422, [((1 << 20) + 1,)])
    assert not FileItem.objects.exists()
