"""A job in the words and shapes of the screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from zhike.kernel.actor import SYSTEM_ID
from zhike.kernel.job_doors import JobRead
from zhike.web.lists.show import number_text

_STATES: dict[str, tuple[str | Promise, str]] = {
    "waiting": (gettext_lazy("waiting"), "grey"),
    "running": (gettext_lazy("running"), "info"),
    "done": (gettext_lazy("done"), "success"),
    "failed": (gettext_lazy("failed"), "danger"),
    "cancelled": (gettext_lazy("cancelled"), "warning"),
}


@dataclass(frozen=True, slots=True)
class ShownJob:
    """What the part `progress` and the job pages show."""

    id: UUID
    label: str
    state: str
    state_label: str
    tone: str
    done: int
    total: int | None
    rate: int | None
    seconds_left: float | None
    note: str
    error: str
    result: list[tuple[str, Any]]
    cancelling: bool
    owner_name: str
    created_at: datetime
    due_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    url: str
    seconds: float | None


def _result(raw: Any) -> list[tuple[str, Any]]:
    """The plain values of a result, with their names in words where they are known."""
    names = {
        "rows": _("Rows"), "records": _("Records"), "customers": _("Customers"), "created": _("Created"),
        "updated": _("Updated"), "merged": _("Merged"), "skipped": _("Skipped"), "refused": _("Refused"),
        "pairs": _("Pairs"), "compared": _("Compared"), "seconds": _("Seconds"), "renewed": _("Renewed"),
        "facts": _("Facts"), "changed": _("Records changed"),
        "blocks": _("Blocks"), "unsealed": _("Not sealed yet"), "anchors": _("Anchors"), "faults": _("Faults"),
        "amount": _("Amount"), "lines_without_customer": _("Lines without customer"),
        "negative_quantity": _("Returned lines"), "linked_customers": _("Customers linked"),
        "unlinked_lines": _("Lines not linked"), "written": _("Written"), "removed": _("Removed"),
        "days": _("Period in days"), "currency": _("Currency"), "as_of": _("As of"), "known": _("Known already"),
        "new": _("New"), "matched": _("Known already"), "kept": _("Kept"), "restored": _("Restored"),
        "deleted": _("Deleted"), "lines": _("Lines"), "purchases": _("Purchases"), "size": _("Bytes"),
    }  # fmt: skip
    if not isinstance(raw, dict):
        return []
    return [
        (str(names.get(key, key)), value if isinstance(value, str) else number_text(value))
        for key, value in raw.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]


def _owner(owner: UUID, names: Mapping[UUID, str]) -> str:
    return str(pgettext("actor", "system")) if owner == SYSTEM_ID else names.get(owner, "")


def shown_job(row: JobRead, names: Mapping[UUID, str] | None = None) -> ShownJob:
    """A job as the screens show it; `names` are those of the staff who own it."""
    label, tone = _STATES[row.state]
    if row.cancelling:
        label, tone = _("stopping"), "warning"
    seconds = (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else None
    return ShownJob(
        id=row.id, label=row.title, state=row.state, state_label=str(label), tone=tone, done=row.done,
        total=row.total, rate=round(row.rate) if row.rate and row.state == "running" else None,
        seconds_left=row.remaining, note=row.note, error=row.error, result=_result(row.result),
        cancelling=row.cancelling, owner_name=_owner(row.owner, names or {}), created_at=row.created_at,
        due_at=row.due_at, started_at=row.started_at, ended_at=row.ended_at,
        url=reverse("job", args=[row.id]), seconds=seconds,
    )  # fmt: skip
