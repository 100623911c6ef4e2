"""The state of the sealed trail for people: how far it is sealed, and its verification as a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from zhike.kernel.actions import action, query
from zhike.kernel.actor import Context
from zhike.kernel.jobs import Run, enqueue, job
from zhike.kernel.models import Block, Fact
from zhike.kernel.seal import anchors
from zhike.kernel.verify import verify

VERIFY = "audit.verify"


@dataclass(frozen=True, slots=True)
class SealStatus:
    """How far the trail is sealed. `head` is the digest of the newest block, `anchors` counts its copies outside."""

    blocks: int
    sealed: int
    unsealed: int
    head: str
    sealed_at: datetime | None
    anchors: int


@query("audit.seal", label=_("State of the seal"), permission="audit.read")
def seal_status(context: Context) -> SealStatus:
    """How many facts are sealed, how many wait, and the newest block."""
    last = Block.objects.order_by("-number").first()
    waiting = Fact.objects.filter(position__isnull=True).count()
    if last is None:
        return SealStatus(0, 0, waiting, "", None, len(anchors()))
    return SealStatus(last.number, last.last_position, waiting, last.digest, last.sealed_at, len(anchors()))


@action("audit.verify", label=_("Verify the audit trail"), permission="audit.read")
def start_verification(context: Context) -> UUID:
    """Check every fact and every block in the background. Answers with the job."""
    return enqueue(context, VERIFY, {})


@job(VERIFY, title=_("Verify the audit trail"))
def verify_all(run: Run) -> Mapping[str, Any]:
    """Check the whole trail. The result names the first faults; a job that found some has not failed."""
    report = verify()
    run.progress(report.facts, report.facts)
    findings = [[found.fault.value, found.block, found.fact] for found in report.findings[:20]]
    return {
        "facts": report.facts, "blocks": report.blocks, "unsealed": report.unsealed, "anchors": report.anchors,
        "faults": report.faults, "findings": findings,
    }  # fmt: skip
