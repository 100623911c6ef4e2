"""What happens to customers after they were entered: notes, relations, new numbers, files, handovers, merges."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from zhike.customers import actions
from zhike.customers.types import (
    Bond,
    ContactDraft,
    CustomerType,
    Draft,
    Grade,
    ManageGrade,
    RelationKind,
    RelationStage,
    RelationType,
    Stage,
    State,
)
from zhike.feeds.demo.codes import mobile
from zhike.feeds.demo.drafts import key_person
from zhike.feeds.demo.lives import Values
from zhike.feeds.demo.staff import Rep, Staff
from zhike.feeds.demo.talk import note_about
from zhike.kernel.actor import Actor, Context

_WORDS = {
    "state": State, "relation_kind": RelationKind, "type": CustomerType, "bond": Bond, "stage": Stage,
    "relation_stage": RelationStage, "grade": Grade,
}  # fmt: skip
_PARTS = (
    RelationType.DECIDER, RelationType.BUYER, RelationType.GATEKEEPER, RelationType.INFLUENCER, RelationType.USER,
    RelationType.CONTACT,
)  # fmt: skip
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Known:
    """A customer on file whom later ones may be related to."""

    id: UUID
    draft: Draft
    rep: Rep


@dataclass(slots=True)
class Diary:
    """What is still to happen, in the order of time."""

    staff: Staff
    begins: datetime
    ends: datetime
    _handed: dict[UUID, Rep] = field(default_factory=dict)
    _deeds: list[tuple[datetime, int, Callable[[datetime], object]]] = field(default_factory=list)
    _weeks: dict[int, dict[Values, list[UUID]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    _number: int = 0
    _week: int = 0

    def plan(self, at: datetime, deed: Callable[[datetime], object]) -> None:
        """Do something at a moment, unless it lies after the end."""
        if at < self.ends:
            self._number += 1
            heapq.heappush(self._deeds, (at, self._number, deed))

    def rep_of(self, one: Known) -> Actor:
        """The account manager whose customer it is now."""
        return self._handed.get(one.id, one.rep).actor

    def hand_over(self, customers: Sequence[UUID], to: Rep, at: datetime) -> None:
        """Give customers to another account manager."""
        context = Context(self.staff.actors["director"], at, "screen", reason="人员调整")
        actions.assign(context, list(customers), owner=to.actor.id)
        self._handed.update(dict.fromkeys(customers, to))

    def classify(self, day: float, customer: UUID, values: Values) -> None:
        """Classify a customer at the weekly review after a day."""
        self._weeks[int(day // 7) + 1][values].append(customer)

    def go_on_to(self, moment: datetime) -> None:
        """Do all that is due before a moment."""
        while True:
            review = self.begins + self._week * _WEEK + timedelta(hours=9, minutes=30)
            due = self._deeds[0][0] if self._deeds else None
            if due is not None and due < moment and due <= review:
                at, _number, deed = heapq.heappop(self._deeds)
                deed(at)
            elif review < moment:
                self._review(review)
                self._week += 1
            else:
                return

    def _review(self, at: datetime) -> None:
        context = Context(self.staff.actors["director"], at, "screen", reason="客户周评审")
        for values, customers in self._weeks.pop(self._week, {}).items():
            words: dict[str, Any] = {name: _WORDS[name](value) for name, value in values}
            for first in range(0, len(customers), 1000):
                actions.classify(context, customers[first : first + 1000], **words)


def _by(actor: Actor, at: datetime, reason: str = "") -> Context:
    return Context(actor, at, "screen", reason=reason)


def plan_life(diary: Diary, by: Random, one: Known, at: datetime, circle: Sequence[Known]) -> None:
    """Plan what will happen to one customer; `circle` are those who came shortly before."""
    firm = one.draft.kind == "organisation"
    if by.random() < (0.12 if firm else 0.035):
        _plan_notes(diary, by, one, at, firm)
    if firm and by.random() < 0.12:
        _plan_key_persons(diary, by, one, at)
    if by.random() < 0.02:
        _plan_new_number(diary, by, one, at)
    if circle and by.random() < (0.04 if firm else 0.03):
        _plan_relation(diary, by, one, at, by.choice(circle))
    if firm and by.random() < 0.015:
        _plan_file(diary, by, one, at)


def _later(by: Random, at: datetime, days: float) -> datetime:
    day = at + timedelta(days=by.expovariate(1 / days))
    return day.replace(
        hour=by.randrange(1, 10), minute=by.randrange(60), second=by.randrange(60)
    ) + timedelta(days=1)


def _plan_notes(diary: Diary, by: Random, one: Known, at: datetime, firm: bool) -> None:
    for _note in range(1 + (by.random() < 0.4)):
        at, text, pinned = _later(by, at, 90), note_about(by, firm), by.random() < 0.1

        def write(now: datetime, text: str = text, pinned: bool = pinned) -> None:
            actions.add_note(_by(diary.rep_of(one), now), one.id, text, pinned)

        diary.plan(at, write)


def _plan_key_persons(diary: Diary, by: Random, one: Known, at: datetime) -> None:
    for part in by.sample(_PARTS, 1 + (by.random() < 0.3)):
        name, phone, title = key_person(by, at.date())

        def add(
            now: datetime, part: RelationType = part, who: tuple[str, str, str] = (name, phone, title)
        ) -> None:
            actions.add_key_person(
                _by(diary.rep_of(one), now), one.id, part, name=who[0], phone=who[1], title=who[2]
            )

        diary.plan(_later(by, at, 20), add)


def _plan_new_number(diary: Diary, by: Random, one: Known, at: datetime) -> None:
    phone = ContactDraft(mobile(by), "phone", "mobile", "granted", primary=True)
    diary.plan(
        _later(by, at, 150), lambda now: actions.add_contact(_by(diary.rep_of(one), now), one.id, phone)
    )


def _plan_relation(diary: Diary, by: Random, one: Known, at: datetime, other: Known) -> None:
    kinds = (one.draft.kind, other.draft.kind)
    grade = None
    if kinds == ("organisation", "organisation"):
        kind = RelationType.BRANCH if "集团" in other.draft.name or by.random() < 0.5 else RelationType.PARENT
        grade = by.choice(list(ManageGrade)) if kind == RelationType.BRANCH else None
    elif kinds == ("person", "organisation"):
        kind = RelationType.EMPLOYER
    else:
        couple = kinds == ("person", "person") and by.random() < 0.35
        kind = RelationType.SPOUSE if couple else RelationType.REFERRER
    # Whoever answers for everybody writes it down: the other may be a customer of another branch.
    director = diary.staff.actors["director"]
    diary.plan(
        _later(by, at, 45),
        lambda now: actions.relate(_by(director, now), one.id, other.id, kind, manage_grade=grade),
    )


def _plan_file(diary: Diary, by: Random, one: Known, at: datetime) -> None:
    lines = [f"{note_about(by, True)}\n" for _line in range(by.randint(3, 8))]
    name = by.choice(["拜访纪要.txt", "报价说明.txt", "合作备忘.txt", "会议记录.txt"])
    content = f"{one.draft.name}\n\n{''.join(lines)}".encode()
    diary.plan(
        _later(by, at, 60),
        lambda now: actions.add_file(_by(diary.rep_of(one), now), one.id, name, content),
    )


def plan_copy(diary: Diary, by: Random, copy: UUID, first: Known, at: datetime) -> None:
    """Plan what becomes of a record of somebody who was on file: some are merged, a few thrown away."""
    director = diary.staff.actors["director"]
    way = by.random()
    if way < 0.1:
        diary.plan(
            _later(by, at, 30),
            lambda now: actions.merge(_by(director, now, "同一客户"), first.id, copy),
        )
    elif way < 0.14:
        diary.plan(_later(by, at, 30), lambda now: actions.delete(_by(director, now, "重复录入"), copy))


def plan_handover(diary: Diary, by: Random, customers: list[UUID], to: Rep, at: datetime) -> None:
    """Plan that customers get another account manager."""
    diary.plan(_later(by, at, 200), lambda now: diary.hand_over(customers, to, now))
