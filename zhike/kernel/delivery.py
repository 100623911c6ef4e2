"""Delivery: sealed facts go up to those who subscribed, in order, at least once, each at their own pace.

A subscriber's place is a Cursor row. Its effects and its new place commit together; one that fails is tried again,
fact by fact and ever more rarely, its error is kept with its place and logged, and nobody else waits for it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from zhike.kernel.events import Subscription, facts_after, subscriptions
from zhike.kernel.models import Block, Cursor

log = logging.getLogger("zhike.delivery")
BATCH = 500
_LEASE = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(minutes=10)


def _head() -> int:
    return Block.objects.aggregate(last=Max("last_position"))["last"] or 0


def _cursors() -> dict[str, Cursor]:
    """The places of all subscribers; new ones start at the beginning."""
    names = [item.name for item in subscriptions()]
    known = {cursor.name: cursor for cursor in Cursor.objects.filter(name__in=names)}
    fresh = [Cursor(name=name) for name in names if name not in known]
    if fresh:
        Cursor.objects.bulk_create(fresh, ignore_conflicts=True)
        known.update({cursor.name: cursor for cursor in fresh})
    return known


def _claim(cursor: Cursor, now: datetime) -> bool:
    """Lease the subscriber to this worker. False when another one has it, or has moved it on."""
    free = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    same = Cursor.objects.filter(free, name=cursor.name, position=cursor.position)
    return bool(same.update(next_try_at=now + _LEASE))


def _hand_over(item: Subscription, cursor: Cursor, head: int) -> int:
    """Give the next facts to the subscriber and move its place, in one transaction. Returns how many positions."""
    # After a failure one fact at a time, so that all before the bad one get through.
    limit = 1 if cursor.attempts else BATCH
    with transaction.atomic():
        facts = facts_after(cursor.position, limit=limit, kinds=item.kinds)
        last = facts[-1].position if len(facts) == limit else head
        place = max(last or head, cursor.position)
        if facts:
            item.handler(facts)
        Cursor.objects.filter(name=item.name).update(position=place, attempts=0, next_try_at=None, error="")
    moved = place - cursor.position
    cursor.position, cursor.attempts = place, 0
    return moved


def _failed(item: Subscription, cursor: Cursor, problem: Exception, now: datetime) -> None:
    log.error("subscriber %s failed after position %s", item.name, cursor.position, exc_info=problem)
    attempts = cursor.attempts + 1
    wait = min(timedelta(seconds=2 ** min(attempts, 12)), _LONGEST_WAIT)
    Cursor.objects.filter(name=item.name).update(
        attempts=attempts, next_try_at=now + wait, error=f"{type(problem).__name__}: {problem}"[:2000]
    )


def deliver(now: datetime) -> int:
    """One round: each subscriber that is behind gets its next facts. Returns how many positions were passed.

    Nothing that a handler raises comes out of here.
    """
    if not subscriptions():
        return 0
    head, cursors, passed = _head(), _cursors(), 0
    for item in subscriptions():
        cursor = cursors[item.name]
        if cursor.position >= head or not _claim(cursor, now):
            continue
        try:
            passed += _hand_over(item, cursor, head)
        except Exception as problem:
            _failed(item, cursor, problem, now)
    return passed
