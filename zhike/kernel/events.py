"""The stream of facts: announce in the transaction of the change, read in order by whoever subscribes.

Writers never wait: a fact is inserted without a position. The sealer (`zhike.kernel.seal`) puts committed
facts in line, so a
neighbour that commits late simply gets a later position and no reader can miss it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q

from zhike.config.home import installation_secrets
from zhike.kernel.actor import Context
from zhike.kernel.models import Fact
from zhike.kernel.text import canonical


@dataclass(frozen=True, slots=True)
class News:
    """What an action has to say: the kind (`customers.renamed`), the record, the changed fields and more.

    `changes` maps field → (old, new). Secrets (certificate numbers, passwords) must not be in it.
    """

    kind: str
    resource: str
    record_id: UUID
    title: str = ""
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactRead:
    """A fact as readers get it."""

    id: int
    uid: UUID
    kind: str
    resource: str
    record_id: UUID
    title: str
    at: datetime
    actor_kind: str
    actor_id: UUID
    actor_name: str
    channel: str
    request_id: UUID
    changes: Mapping[str, Sequence[Any]]
    data: Mapping[str, Any]
    reason: str
    position: int | None


def mac_of(fact: Fact) -> str:
    """The keyed hash over everything the fact says (not over its place in line)."""
    at = fact.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = (
        str(fact.uid), fact.kind, fact.resource, str(fact.record_id), fact.title, at, fact.actor_kind,
        str(fact.actor_id), fact.actor_name, fact.channel, str(fact.request_id), fact.body,
    )  # fmt: skip
    return keyed("\x1f".join(parts))


def keyed(text: str) -> str:
    """The keyed hash (HMAC-SHA-256 under the seal key of this installation) of a text, as hex."""
    return hmac.digest(installation_secrets().seal.encode(), text.encode(), "sha256").hex()


def build_fact(context: Context, news: News) -> Fact:
    """The row of a piece of news, complete with its mac, not yet saved (bulk writers save many at once)."""
    actor = context.actor
    fact = Fact(
        kind=news.kind,
        resource=news.resource,
        record_id=news.record_id,
        title=news.title[:200],
        at=context.now,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        actor_name=actor.name[:120],
        channel=context.channel,
        request_id=context.request_id,
        body=canonical({"changes": news.changes, "data": news.data, "reason": context.reason}),
    )
    fact.mac = mac_of(fact)
    return fact


def announce(context: Context, *news: News) -> None:
    """Save facts in the transaction of the change. Raises RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("a fact is announced in the transaction of its change")
    facts = [build_fact(context, item) for item in news]
    if len(facts) == 1:
        facts[0].save(force_insert=True)
    elif facts:
        Fact.objects.bulk_create(facts, batch_size=500)


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields whose values differ, as field → (old, new)."""
    names = [*before, *(name for name in after if name not in before)]
    return {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}


def read_fact(fact: Fact) -> FactRead:
    """The row as a frozen value."""
    body = orjson.loads(fact.body)
    return FactRead(
        fact.id, fact.uid, fact.kind, fact.resource, fact.record_id, fact.title, fact.at, fact.actor_kind,
        fact.actor_id, fact.actor_name, fact.channel, fact.request_id, body["changes"], body["data"],
        body["reason"], fact.position,
    )  # fmt: skip


def facts_of(
    resource: str,
    ids: Iterable[UUID],
    *,
    before: int | None = None,
    kinds: Sequence[str] = (),
    limit: int = 50,
) -> list[FactRead]:
    """The newest facts about some records, newest first; `before` is the id of the last fact seen.

    `kinds` are prefixes (`customers.note`). Rights are the caller's business: pass only visible ids.
    """
    queryset = Fact.objects.filter(resource=resource, record_id__in=list(ids)).order_by("-id")
    if before is not None:
        queryset = queryset.filter(id__lt=before)
    if kinds:
        wanted = Q()
        for prefix in kinds:
            wanted |= Q(kind__startswith=prefix)
        queryset = queryset.filter(wanted)
    return [read_fact(fact) for fact in queryset[:limit]]


def facts_after(position: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> list[FactRead]:
    """Sealed facts after a position, in order, at most `limit`."""
    queryset = Fact.objects.filter(position__gt=position).order_by("position")
    if kinds:
        queryset = queryset.filter(kind__in=kinds)
    return [read_fact(fact) for fact in queryset[:limit]]


Handler = Callable[[Sequence[FactRead]], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """Someone above who wants news from below. The handler is safe to run twice with the same facts."""

    name: str
    handler: Handler
    kinds: tuple[str, ...] = ()


_subscriptions: dict[str, Subscription] = {}


def subscribe(name: str, handler: Handler, *, kinds: tuple[str, ...] = ()) -> None:
    """Register a subscriber. Only `zhike/wiring.py` calls this."""
    _subscriptions[name] = Subscription(name, handler, kinds)


def subscriptions() -> list[Subscription]:
    """All subscribers."""
    return list(_subscriptions.values())
