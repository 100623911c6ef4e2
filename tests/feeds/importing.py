"""Helpers for tests of imports: a file in, its jobs worked off, what came of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from zhike.customers.models import Party
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.models import Fact, SearchEntry
from zhike.kernel.worker import work_off

HEAD = "姓名,手机,邮箱,生日,城市,标签,外部编号\n"


def line(number: int, **other: str) -> str:
    """A good row of a file; other cells by the names of `HEAD`."""
    cells = {
        "姓名": f"测试{chr(0x4E00 + number)}", "手机": f"1380000{number:04d}", "邮箱": f"t{number}@example.com",
        "生日": f"1990-01-{number % 28 + 1:02d}", "城市": "上海", "标签": "甲", "外部编号": f"E{number}",
    } | other  # fmt: skip
    return ",".join(cells.values()) + "\n"


def upload(context: Context, text: str | bytes, *, name: str = "customers.csv") -> dict[str, Any]:
    """Upload a file and return the import."""
    raw = text.encode() if isinstance(text, str) else text
    given = {"name": name, "content": base64.b64encode(raw).decode()}
    made: dict[str, Any] = run("feeds.upload", context, given).result
    return made


def bring_in(
    context: Context, text: str | bytes, *, rule: str = "skip", name: str = "customers.csv",
    mapping: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Import a whole file and return the import as it is afterwards."""
    made = upload(context, text, name=name)
    run("feeds.map", context, {"batch": made["id"], "mapping": dict(mapping or {}), "rule": rule})
    run("feeds.start", context, {"batch": made["id"]})
    return worked(context, made["id"])


def worked(context: Context, batch: str) -> dict[str, Any]:
    """Work all jobs off and return the import."""
    work_off()
    found: dict[str, Any] = run("feeds.import_read", context, {"batch": batch}).result["batch"]
    return found


def rows_of(context: Context, batch: str, verdict: str) -> list[dict[str, Any]]:
    """The rows of an import with this verdict."""
    found: list[dict[str, Any]] = run(
        "feeds.import_rows", context, {"batch": batch, "verdict": verdict}
    ).result
    return found


def counts(found: Mapping[str, Any]) -> Sequence[int]:
    """Rows, created, updated, matched, refused."""
    return [found[name] for name in ("rows", "created", "updated", "matched", "refused")]


def state_of_house() -> tuple[int, int, int]:
    """Customers, search entries and facts of creation."""
    return (
        Party.objects.count(),
        SearchEntry.objects.filter(resource="customers").count(),
        Fact.objects.filter(kind="customers.created").count(),
    )
