"""Imports of purchases that did not come to their end: where they stand, and how they go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.feeds.knowledge.house import warehouse
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.kernel.actor import Context, system
from zhike.kernel.errors import Invalid
from zhike.kernel.events import News, announce
from zhike.kernel.job_doors import JobRead, read_job, retry
from zhike.kernel.jobs import require_scopes_of
from zhike.kernel.text import as_json

_UNDER_WAY = (PurchaseImport.State.WAITING, PurchaseImport.State.RUNNING, PurchaseImport.State.UNDOING)
_STOPPED = ("failed", "cancelled")


def job_of(row: PurchaseImport, now: datetime) -> JobRead:
    """The job that works on an import, whoever asked for it."""
    return read_job(Context(system(), now), row.job_id)


def stopped(row: PurchaseImport, now: datetime) -> str | None:
    """Why an import that is not done stands still; None while its job waits or works, or where it has ended well.

    A job may end without a word to its import: cancelled before it began, or dead in every attempt.
    """
    if row.state == PurchaseImport.State.FAILED:
        return row.error
    if row.state not in _UNDER_WAY:
        return None
    job = job_of(row, now)
    if job.state not in _STOPPED:
        return None
    return job.error or _("The job was cancelled.")


def may_go_on(row: PurchaseImport, now: datetime) -> bool:
    """Whether an import stands still and can be continued; one that is half taken back can only be taken back."""
    return row.state != PurchaseImport.State.UNDOING and stopped(row, now) is not None


def go_on(context: Context, row: PurchaseImport) -> None:
    """Let a stopped import continue behind its last committed line."""
    if not may_go_on(row, context.now):
        raise Invalid({"purchase_import": _("Only an import that did not come to its end can be continued.")})
    require_scopes_of(context.actor, row.job_id)
    if job_of(row, context.now).state in _STOPPED:
        retry(Context(replace(system(), token=context.actor.token), context.now, context.channel), row.job_id)
    row.state, row.error, row.ended_at = PurchaseImport.State.WAITING, "", None
    row.save(update_fields=["state", "error", "ended_at"])
    announce(context, News("feeds.purchases_import_continued", "imports", row.id, row.file_name))


def reads_alike(row: PurchaseImport, options: Mapping[str, Any], mapping: Mapping[str, Any]) -> bool:
    """Whether an import reads its file in this very way."""
    return bool(row.options == as_json(options) and row.mapping == as_json(mapping))


def has_lines(row: PurchaseImport) -> bool:
    """Whether lines of an import may stand in the warehouse."""
    from zhike.feeds.knowledge.import_run import application_of
    from zhike.insight.warehouse import PURCHASE, position

    return position(warehouse(), PURCHASE, application_of(row.id)) is not None
