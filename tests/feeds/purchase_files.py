"""Small files of purchases, and the pieces that tests of the knowledge part share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings

from zhike.feeds.knowledge.house import warehouse
from zhike.feeds.knowledge.import_actions import ImportStarted, import_purchases
from zhike.insight.warehouse import query
from zhike.kernel.actor import Context
from zhike.kernel.intake import keep
from zhike.kernel.job_doors import JobRead, read_job
from zhike.kernel.worker import work_on

HEAD = "invoice,customer,day,product,quantity,price"
MAPPING: dict[str, Any] = {
    "zone": "Asia/Shanghai",
    "order": "ymd",
    "fields": {
        "document": {"column": "invoice"}, "customer": {"column": "customer"}, "occurred_at": {"column": "day"},
        "product": {"column": "product"}, "quantity": {"column": "quantity"}, "unit_price": {"column": "price"},
        "currency": {"value": "CNY"},
    },
}  # fmt: skip
LINES = (
    "A1,100,2026-01-05,tea,2,10.50",
    "A1,100,2026-01-05,cup,1,8",
    "A2,200,2026-02-10,tea,1,10.50",
    "A3,,2026-02-11,tea,5,10.50",
    "A4,100,2026-02-20,tea,-1,10.50",
    "A5,300,2026-03-01,pot,3,100",
    "A6,300,yesterday,pot,1,100",
)


def csv_of(lines: Sequence[str] = LINES) -> bytes:
    """A file with these lines."""
    return "\n".join([HEAD, *lines, ""]).encode()


def many_lines(count: int) -> list[str]:
    """Lines of one invoice each, by a few customers."""
    start = date(2025, 1, 1)
    return [
        f"N{n},{n % 97},{start + timedelta(days=n % 400)},p{n % 7},{1 + n % 3},{1 + n % 50}.25"
        for n in range(count)
    ]


def begin(context: Context, content: bytes, **options: Any) -> ImportStarted:
    """Ask for the import of a file."""
    upload = keep([content])
    given: dict[str, Any] = {"mapping": MAPPING, "source": "shop", **options}
    return import_purchases(context, upload, "lines.csv", **given)


def take_in(context: Context, content: bytes, **options: Any) -> JobRead:
    """Import a file to its end; returns the job."""
    started = begin(context, content, **options)
    assert work_on(started.job)
    return read_job(context, started.job)


def stored(columns: str = "*", where: str = "true") -> list[dict[str, Any]]:
    """What stands in the table of purchases."""
    rows: list[dict[str, Any]] = query(
        warehouse(), f"SELECT {columns} FROM purchase WHERE {where} ORDER BY document, line_no"
    ).to_pylist()
    return rows


def import_of(started: ImportStarted) -> UUID:
    """The id of an import that was begun."""
    return started.id


@pytest.fixture
def house(tmp_path: Path, settings: LazySettings) -> Path:
    """A warehouse of the test's own."""
    settings.WAREHOUSE = tmp_path / "warehouse"
    settings.HOME = tmp_path
    return tmp_path
