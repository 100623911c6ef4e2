"""Work that comes round: what the house does of itself, in a night or every so often."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from zhike.kernel.actor import ActorKind, Context, system
from zhike.kernel.jobs import enqueue
from zhike.kernel.models import Job

SCHEDULE = "schedule"


def next_night(now: datetime, at: time) -> datetime:
    """The moment of the coming night, in the time zone of the house."""
    day = timezone.localtime(now).date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, at))


def due(name: str, at: datetime, now: datetime, *, besides: UUID | None = None) -> None:
    """See to it that the house itself does a job at this moment, unless one of its own is open already. `besides`: the
    job that is just ending. What people asked for does not count."""
    rows = Job.objects.filter(name=name, done_at__isnull=True, owner_kind=ActorKind.SYSTEM)
    if not (rows.exclude(pk=besides) if besides else rows).exists():
        enqueue(Context(system(), now, channel=SCHEDULE), name, {}, not_before=at)
