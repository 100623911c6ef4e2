"""The whole company from a seed: staff, customers as they came, what happened to them, and what they bought."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from zhike.customers.actions import create_many
from zhike.customers.types import Draft
from zhike.feeds.demo.dice import dice
from zhike.feeds.demo.drafts import Born, organisation, person
from zhike.feeds.demo.events import Diary, Known, plan_copy, plan_handover, plan_life
from zhike.feeds.demo.lives import Turn, as_of, turns
from zhike.feeds.demo.members import Members, blocks
from zhike.feeds.demo.mistakes import second_record, spoilt
from zhike.feeds.demo.places import cities_of
from zhike.feeds.demo.process import Clock
from zhike.feeds.demo.staff import REGIONS, Rep, Staff
from zhike.kernel.actor import Context, system

YEARS = 3
OLD_SYSTEM = "旧客户系统"
# Of so many customers everything that happened is told; of the others of a larger company only how it ended.
TOLD_IN_FULL = 10_000
_CHUNKS, _LARGEST = 2_500, 2_000
_PER_TRANSACTION = 40
_SPOILT, _FREE, _HANDED_OVER, _TARGETED = 0.05, 0.08, 0.03, 0.25
_WEIGHTS = {"华东": 44, "华南": 18, "华北": 17, "华中": 9, "西南": 12}

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be built: from which seed, how many customers, until when."""

    seed: int
    size: int
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the installation."""
        return ZoneInfo(settings.TIME_ZONE)

    @property
    def last_day(self) -> date:
        """Today, where the company is; the demo ends with its first moment."""
        return self.now.astimezone(self.zone).date()

    @property
    def first_day(self) -> date:
        """The day on which the company began to use the system."""
        return self.last_day - timedelta(days=self.days)

    @property
    def days(self) -> int:
        """How many days the demo covers."""
        return YEARS * 365 + 1

    @property
    def midnight(self) -> datetime:
        """The first moment of the first day."""
        return datetime(self.first_day.year, self.first_day.month, self.first_day.day, tzinfo=self.zone)

    def clock(self) -> Clock:
        """The clock of the purchases."""
        return Clock.of(self.first_day, self.days)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Customers entered at one moment by one person: members of a block from `start` until `stop`."""

    start: int
    stop: int
    context: Context
    region: str
    rep: Rep | None


class Builder:
    """Enters the customers of a plan, in the order of time."""

    def __init__(self, plan: Plan, staff: Staff, tell: Tell = lambda done, total: None) -> None:
        self.plan, self.staff, self.tell = plan, staff, tell
        self.diary = Diary(staff, plan.midnight, plan.now)
        self.rich = min(1.0, TOLD_IN_FULL / plan.size)
        self.circle: deque[Known] = deque(maxlen=300)
        self.moment = plan.midnight
        self.regions = list(REGIONS)

    def build(self) -> Iterator[tuple[Members, list[UUID]]]:
        """Enter all customers, a block at a time; gives each block with the ids of its customers."""
        done = 0
        for members in blocks(self.plan.seed, self.plan.size, self.plan.clock()):
            ids: list[UUID] = []
            chunks = list(self._chunks(members, dice(self.plan.seed, "chunks", members.first)))
            by = dice(self.plan.seed, "words", members.first)
            for first in range(0, len(chunks), _PER_TRANSACTION):
                with transaction.atomic():
                    for chunk in chunks[first : first + _PER_TRANSACTION]:
                        self.diary.go_on_to(chunk.context.now)
                        ids += self._enter(members, chunk, by)
                self.tell(done + len(ids), self.plan.size)
            done += len(ids)
            yield members, ids
        with transaction.atomic():
            self.diary.go_on_to(self.plan.now)

    def _chunks(self, members: Members, by: Random) -> Iterator[_Chunk]:
        """Who enters whom when: the old system's customers at once, later ones a few at a time."""
        size = max(1, min(_LARGEST, self.plan.size // _CHUNKS))
        count, start = len(members.created), 0
        while start < count:
            old = members.created[start] == 0
            stop = min(count, start + (1000 if old else 1 + by.randrange(2 * size)))
            while old and members.created[stop - 1] > 0:
                stop -= 1
            region = by.choices(self.regions, [_WEIGHTS[name] for name in self.regions])[0]
            rep = None if old or by.random() < _FREE else by.choice(self.staff.reps[region])
            yield _Chunk(
                start, stop, self._context(by, rep, old, float(members.created[stop - 1])), region, rep
            )
            start = stop

    def _context(self, by: Random, rep: Rep | None, old: bool, day: float) -> Context:
        hour = timedelta(
            hours=by.choice([9, 9, 10, 10, 11, 13, 14, 14, 15, 16, 17]), minutes=by.randrange(60)
        )
        at = self.plan.midnight + timedelta(days=int(day)) + hour + timedelta(seconds=by.randrange(60))
        self.moment = max(at, self.moment + timedelta(seconds=1))
        if old:
            return Context(self.staff.actors["admin"], self.moment, "import", reason=OLD_SYSTEM)
        if rep is None:
            return Context(system("官网注册"), self.moment, "api")
        return Context(rep.actor, self.moment, "screen")

    def _enter(self, members: Members, chunk: _Chunk, by: Random) -> list[UUID]:
        lives: list[list[Turn]] = []
        drafts: list[Draft] = []
        firsts: list[Known | None] = []
        for at in range(chunk.start, chunk.stop):
            rich = by.random() < self.rich
            life = list(turns(members, at, self.plan.days))
            first = self._on_file(by, members, at)
            known: dict[str, Any] = as_of(life, float(members.created[at]) if rich else self.plan.days)
            if not members.count[at] and by.random() < _TARGETED:
                known["state"] = "target"
            draft = self._draft(by, members, at, chunk, rich, first)
            drafts.append(replace(draft, **known))
            lives.append(life if rich else [])
            firsts.append(first)
        made = create_many(chunk.context, drafts)
        if made.refused:
            raise RuntimeError(
                f"the demo made a customer that is refused: {next(iter(made.refused.values())).fields}"
            )
        ids = [made.made[index].id for index in range(len(drafts))]
        self._plan(by, chunk, drafts, lives, firsts, ids)
        return ids

    def _on_file(self, by: Random, members: Members, at: int) -> Known | None:
        """For the second record of somebody: whose it is."""
        if not members.is_copy[at] or not self.circle:
            return None
        return by.choice(self.circle)

    def _draft(
        self, by: Random, members: Members, at: int, chunk: _Chunk, rich: bool, first: Known | None
    ) -> Draft:
        place = self._place(by, chunk)
        if first is not None:
            return replace(second_record(by, first.draft), **place)
        region = chunk.region if chunk.rep or chunk.context.channel == "api" else self._region_of(place)
        city = cities_of(region).draw(by)
        born = Born(self.plan.first_day + timedelta(days=int(members.created[at])), rich)
        draft = organisation(by, city, born) if members.is_firm[at] else person(by, city, born)
        draft = spoilt(by, draft) if by.random() < _SPOILT else draft
        if chunk.context.channel == "import":
            place["external_ids"] = ((OLD_SYSTEM, f"K{members.first + at + 1:07d}"),)
        return replace(draft, **place)

    def _place(self, by: Random, chunk: _Chunk) -> dict[str, Any]:
        """Whose customer it is: of who enters it, free in the region, or as the old system had it."""
        if chunk.rep is not None:
            return {"owner_id": chunk.rep.actor.id, "unit_id": chunk.rep.unit}
        if chunk.context.channel == "api":
            return {"unit_id": self.staff.units[f"{chunk.region}区"]}
        region = by.choices(self.regions, [_WEIGHTS[name] for name in self.regions])[0]
        rep = by.choice(self.staff.reps[region])
        return {"owner_id": rep.actor.id, "unit_id": rep.unit}

    def _region_of(self, place: dict[str, Any]) -> str:
        return next(
            region
            for region, reps in self.staff.reps.items()
            if any(rep.unit == place["unit_id"] for rep in reps)
        )

    def _plan(
        self,
        by: Random,
        chunk: _Chunk,
        drafts: list[Draft],
        lives: list[list[Turn]],
        firsts: list[Known | None],
        ids: list[UUID],
    ) -> None:
        """Plan what will become of the customers that were entered."""
        moment = chunk.context.now
        for customer, draft, life, first in zip(ids, drafts, lives, firsts, strict=True):
            if first is not None:
                plan_copy(self.diary, by, customer, first, moment)
                continue
            for turn in life[1:]:
                self.diary.classify(turn.day, customer, turn.values)
            if life and chunk.rep is not None:
                known = Known(customer, draft, chunk.rep)
                plan_life(self.diary, by, known, moment, self.circle)
                self.circle.append(known)
        own = [customer for customer, first in zip(ids, firsts, strict=True) if first is None]
        if chunk.rep is not None and own and any(lives) and by.random() < _HANDED_OVER:
            plan_handover(self.diary, by, own, by.choice(self.staff.reps[chunk.region]), moment)
