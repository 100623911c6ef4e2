"""Background work that survives a killed worker.

    @job("feeds.export", title=_("Export"))
    def export(run: Run) -> Mapping[str, Any]:
        '''Write a file, a chunk at a time.'''
        for rows in chunks(after=run.checkpoint.get("after")):
            with run.chunk():                       # rows, checkpoint and progress commit together
                write(run.context, rows)
                run.checkpoint["after"] = rows[-1].id
                run.progress(run.done + len(rows), total)
        return {"rows": run.done}

`enqueue` saves a job in the transaction of the caller. A worker claims it, beats while it works and, when it is
killed, another one goes on from the last committed chunk.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, override

from zhike.kernel.actor import Actor, ActorKind, Context, system
from zhike.kernel.bell import Bell
from zhike.kernel.errors import NotAllowed, NotSignedIn
from zhike.kernel.models import ApiToken, Job, User
from zhike.kernel.rights import Rights
from zhike.kernel.staff import actor_by_id
from zhike.kernel.text import as_json

# Rung when a job is saved, so that a worker in this process need not wait for its next look.
work_bell = Bell()


class Cancelled(Exception):
    """Somebody asked to cancel the job. The worker ends it; what is committed stays."""


class Stopped(Exception):
    """The worker is shutting down. The job waits for the next one."""


class LostClaim(Exception):
    """Another worker has the job meanwhile: nothing of this chunk may be kept."""


Work = Callable[["Run"], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered kind of work."""

    name: str
    title: str | Promise
    work: Work


_kinds: dict[str, JobKind] = {}


def job(name: str, *, title: str | Promise) -> Callable[[Work], Work]:
    """Register a kind of background work. Raises ValueError when the name is taken by another module."""

    def wrap(work: Work) -> Work:
        known = _kinds.get(name)
        if known is not None and known.work.__module__ != work.__module__:
            raise ValueError(f"job {name} is registered twice")
        _kinds[name] = JobKind(name, title, work)
        return work

    return wrap


def job_kind(name: str) -> JobKind:
    """The registered work of that name. Raises LookupError for an unknown one."""
    if name not in _kinds:
        raise LookupError(f"no such kind of job: {name}")
    return _kinds[name]


Ensure = Callable[[datetime], None]
Schedule = TypeVar("Schedule", bound=Ensure)
_standing: list[Ensure] = []


def standing(ensure: Schedule) -> Schedule:
    """Register what sees to it that a schedule stands: workers call it at their start and every ten minutes after.

    It gets the moment and enqueues what is not waiting yet; it must be safe to repeat.
    """
    if ensure not in _standing:
        _standing.append(ensure)
    return ensure


def ensure_schedules(now: datetime) -> None:
    """See to it that every registered schedule stands."""
    for ensure in _standing:
        ensure(now)


def enqueue(
    context: Context,
    name: str,
    args: Mapping[str, Any],
    *,
    title: str | Promise = "",
    values: Mapping[str, str | Promise] | None = None,
    not_before: datetime | None = None,
) -> UUID:
    """Save a job for a worker, in the caller's transaction, and return its id. Raises LookupError.

    `title` is a message (`gettext_noop`) that may hold `values` by name; each reader gets it in his own language,
    with those of the values that are messages too. `not_before`: the moment it may begin at (now).
    """
    kind, actor = job_kind(name), context.actor
    given = {
        key: [_message(each)] if isinstance(each, Promise) else each for key, each in (values or {}).items()
    }
    row = Job(
        name=name, title=_message(title or kind.title), title_values=given,
        owner_id=actor.id, owner_kind=actor.kind.value,
        token_id=actor.token, scopes=None if actor.scopes is None else sorted(actor.scopes), channel=context.channel,
        args=as_json(dict(args)), run_after=not_before or context.now, created_at=context.now,
    )  # fmt: skip
    row.save(force_insert=True)
    transaction.on_commit(work_bell.ring)
    return row.id


def _message(text: str | Promise) -> str:
    """The English of a message, under which every language has its words."""
    with override("en"):
        return str(text)[:200]


def worded_title(row: Job) -> str:
    """What a job is called in the language of the reader."""
    values = {
        key: gettext(each[0]) if isinstance(each, list) else each for key, each in row.title_values.items()
    }
    title = gettext(row.title) if row.title else row.name
    return title % values if values else title


def owner_of(row: Job) -> Actor:
    """The actor a job works for, with the rights of this moment. Raises NotSignedIn for a disabled owner.

    What was asked for with an API token stays within the scopes of that token.
    """
    if row.owner_kind == ActorKind.SYSTEM:
        return system()
    actor = actor_by_id(row.owner_id)
    scopes = None if row.scopes is None else frozenset(row.scopes)
    return replace(actor, kind=ActorKind(row.owner_kind), scopes=scopes, token=row.token_id)


# Whether whoever asked for a job may still act: its owner, and the token that the owner's program used. A token that
# has only run out lets its job come to an end; one that was revoked does not.
_OWNER_STANDS = Q(owner_kind=ActorKind.SYSTEM) | Exists(
    User.objects.filter(pk=OuterRef("owner_id"), is_active=True)
)
_TOKEN_STANDS = Q(token_id__isnull=True) | Exists(
    ApiToken.objects.filter(pk=OuterRef("token_id"), revoked_at__isnull=True)
)


def require_scopes_of(actor: Actor, job: UUID) -> None:
    """Raise NotAllowed when an API token would let a job go on that was asked for with more than its own scopes."""
    if actor.scopes is None:
        return
    begun = Job.objects.values_list("scopes", flat=True).get(pk=job)
    allowed = Rights(actions=actor.scopes)
    if not all(allowed.allows(scope) for scope in (["*"] if begun is None else begun)):
        raise NotAllowed()


class Run:
    """One attempt at a job, as its work sees it.

    `args` are what `enqueue` was given, `checkpoint` is a dict the work keeps its place in, `done` and `total`
    count units of work (total None: unknown). `actor` has the owner's rights as they are now, within the scopes of
    the token that the job was asked for with.
    """

    def __init__(self, row: Job, *, stop: threading.Event | None = None) -> None:
        self.id: UUID = row.id
        self.args: dict[str, Any] = row.args
        self.checkpoint: dict[str, Any] = row.checkpoint
        self.done: int = row.done_count
        self.total: int | None = row.total_count
        self.note: str = row.note
        self.actor = owner_of(row)
        self._channel = row.channel
        self._worker = row.worker
        self._stop = stop
        self._in_chunk = False

    @property
    def context(self) -> Context:
        """The owner's circumstances now. All facts of a job carry its id as their request."""
        return Context(self.actor, timezone.now(), self._channel, request_id=self.id)

    def check(self) -> None:
        """Raise Cancelled, Stopped or LostClaim when the work should end, NotSignedIn when its owner was disabled or
        the token revoked since. `chunk` does it by itself."""
        if self._stop is not None and self._stop.is_set():
            raise Stopped()
        rows = Job.objects.filter(pk=self.id).annotate(owner_stands=_OWNER_STANDS, token_stands=_TOKEN_STANDS)
        row = rows.values_list("worker", "state", "cancel_asked", "owner_stands", "token_stands").first()
        if row is None or row[:2] != (self._worker, Job.State.RUNNING):
            raise LostClaim()
        _, _, cancel_asked, owner_stands, token_stands = row
        if cancel_asked:
            raise Cancelled()
        if not owner_stands:
            raise NotSignedIn(gettext("The account that asked for this was disabled."))
        if not token_stands:
            raise NotSignedIn(gettext("The token that asked for this was revoked."))

    def progress(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """Say how far the work is. Within a chunk it commits with the chunk, elsewhere at once."""
        self.done = done
        self.total = self.total if total is None else total
        self.note = self.note if note is None else note[:200]
        if not self._in_chunk:
            self._keep()

    @contextmanager
    def chunk(self) -> Iterator[None]:
        """One transaction in which rows, checkpoint and progress commit together, or not at all.

        Raises what `check` raises before the chunk begins, LostClaim also at its end.
        """
        self.check()
        before = (copy.deepcopy(self.checkpoint), self.done, self.total, self.note)
        self._in_chunk = True
        try:
            with transaction.atomic():
                yield
                self._keep()
        except BaseException:
            self.checkpoint, self.done, self.total, self.note = before
            raise
        finally:
            self._in_chunk = False

    def _keep(self) -> None:
        # The worker's name in the WHERE is the fence: whoever lost the claim commits nothing.
        kept = Job.objects.filter(pk=self.id, worker=self._worker, state=Job.State.RUNNING).update(
            checkpoint=as_json(self.checkpoint), done_count=self.done, total_count=self.total,
            note=self.note, attempts=1, heartbeat_at=timezone.now(),
        )  # fmt: skip
        if not kept:
            raise LostClaim()
