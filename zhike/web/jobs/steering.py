"""Stopping a job and letting it go on, and saying so."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.kernel.actions import run
from zhike.web.context import context_of


def stop_job(request: HttpRequest, job: UUID) -> None:
    """Ask a job to end, and tell whether it has. Raises NotFound, NotAllowed."""
    ended = run("jobs.cancel", context_of(request), {"job": job}).result["ended_at"] is not None
    messages.info(
        request, _("The job has ended.") if ended else _("The job ends after the part it works on now.")
    )


def resume_job(request: HttpRequest, job: UUID) -> None:
    """Let a job go on from where it stopped. Raises NotFound, NotAllowed, Refusal."""
    run("jobs.retry", context_of(request), {"job": job})
    messages.success(request, _("The job goes on from where it stopped."))
