"""A disk that is really full: under a feed, under an import of purchases, and under an upload by the browser."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.feeds.purchase_files import MAPPING, csv_of, many_lines
from tests.installation import Installation, grow_disk, small_disk

_SIZE = 40 << 20
_SPARE = 200 << 20
LINES = 20_000
_LOOK = """
import json
from zhike.feeds.knowledge.house import warehouse
from zhike.insight.warehouse import query
from zhike.customers.models import Party
house = warehouse()
lines = query(house, "SELECT count(*) AS n, count(DISTINCT document) AS d FROM purchase").to_pylist()[0]
known = query(house, "SELECT count(DISTINCT customer_key) AS n FROM customer").to_pylist()[0]["n"]
print(json.dumps({**lines, "known": known, "parties": Party.objects.count()}))
"""
_SESSION = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from zhike.kernel.models import User
user = User.objects.get(username="admin")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


@pytest.fixture
def small(installation: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An installation on a disk of its own."""
    with small_disk(tmp_path / "disk", _SIZE) as place:
        home = place / "home"
        shutil.copytree(installation.home, home, ignore=shutil.ignore_patterns("static"))
        shutil.copytree(installation.home / "static", home / "static")
        yield replace(
            installation, home=home, environment={**installation.environment, "ZHIKE_HOME": str(home)}
        )


def fill(home: Path, room: int) -> Path:
    """Take all of the disk but `room` bytes."""
    filler = home.parent / "filler"
    block = b"\0" * 65536
    with filler.open("wb", buffering=0) as file:
        while shutil.disk_usage(home).free > room + len(block):
            file.write(block)
    return filler


def look(installation: Installation) -> dict[str, int]:
    """What the warehouse and the database hold."""
    found: dict[str, int] = json.loads(installation.python(_LOOK).splitlines()[-1])
    return found


@pytest.mark.slow
def test_a_feed_and_an_import_of_purchases(small: Installation, tmp_path: Path) -> None:
    mapping, lines = tmp_path / "mapping.json", tmp_path / "lines.csv"
    mapping.write_text(json.dumps(MAPPING))
    lines.write_bytes(csv_of(many_lines(LINES)))
    customers = tmp_path / "customers.csv"
    customers.write_text(
        "姓名,手机\n" + "".join(f"客户{n},138{n:08d}\n" for n in range(50)), encoding="utf-8"
    )
    small.zhike("import", "customers", str(customers), "--json")
    small.python(_LOOK)
    filler = fill(small.home, 16 << 10)
    fed = small.zhike("feed", "--json", check=False)
    taken = small.zhike("import", "purchases", str(lines), "--mapping", str(mapping), "--json", check=False)
    for failed in (fed, taken):
        assert failed.returncode == 1
        assert "磁盘已满" in failed.stderr, failed.stderr
        assert "Traceback" not in failed.stderr
    filler.unlink()
    grow_disk(small.home.parent, _SPARE)
    assert look(small) == {"n": 0, "d": 0, "known": 0, "parties": 50}
    small.zhike("feed", "--json")
    assert look(small)["known"] == 50
    small.zhike("import", "purchases", str(lines), "--mapping", str(mapping), "--json")
    found = look(small)
    assert (found["n"], found["d"]) == (LINES, LINES)


@pytest.mark.slow
def test_an_upload_by_the_browser(small: Installation) -> None:
    small.settle()
    session = small.python(_SESSION).strip()
    body = b"\xe5\x90\x8d\n" + b"x\n" * (4 << 20)
    with small.serve("--no-worker") as server:
        where = urlsplit(server.url).netloc
        status, page = _upload(where, session, body[:100])
        assert status == 302, page
        filler = fill(small.home, 1 << 20)
        status, page = _upload(where, session, body)
        assert (status, "磁盘已满" in page) == (507, True), (status, page[:2000])
        assert not list((small.home / "uploads").iterdir())
        filler.unlink()
        status, page = _upload(where, session, body)
        assert status == 302, page


def _upload(where: str, session: str, file: bytes) -> tuple[int, str]:
    """Send a file as the form of the first step does; the status and the page that comes back."""
    boundary, token = "frontier", "a" * 32
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="many.csv"\r\n\r\n'
    )
    body = parts.encode() + file + f"\r\n--{boundary}--\r\n".encode()
    connection = http.client.HTTPConnection(where, timeout=60)
    try:
        connection.request("POST", "/imports/new/", body, {
            "Cookie": f"sessionid={session}; csrftoken={token}", "Origin": f"http://{where}",
            "Content-Type": f"multipart/form-data; boundary={boundary}", "Accept-Language": "zh-hans",
        })  # fmt: skip
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
