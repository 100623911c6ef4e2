"""From figures to the words of the customer master: what a customer was at first, and what became of it when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from zhike.feeds.demo.members import SILENT, Members

Values = tuple[tuple[str, str], ...]

_POTENTIAL: Values = (("state", "potential"), ("stage", "acquire"), ("relation_stage", "potential"))
_FIRST: Values = (("state", "actual"), ("stage", "convert"), ("relation_stage", "growth"))
_THIRD: Values = (("stage", "retain"), ("bond", "preferred_supplier"))
_SIXTH: Values = (("relation_stage", "maturity"), ("grade", "a"))
_SIXTH_FIRM: Values = (("relation_stage", "maturity"), ("bond", "partnership"), ("grade", "key"))
_FADING: Values = (("relation_stage", "decline"),)
_LOST: Values = (("state", "lost"), ("stage", "lose"), ("relation_stage", "end"))


@dataclass(frozen=True, slots=True)
class Turn:
    """On a day something about a customer changed."""

    day: float
    values: Values


def turns(members: Members, at: int, until: float) -> Iterator[Turn]:
    """The turns in one customer's life, in their order, the first being how it was entered."""
    firm = bool(members.is_firm[at])
    yield Turn(float(members.created[at]), _POTENTIAL)
    marks = (_FIRST, _THIRD, _SIXTH_FIRM if firm else _SIXTH)
    for mark, day in zip(marks, members.early[at].tolist(), strict=True):
        if day <= until:
            yield Turn(max(day, float(members.created[at])), mark)
    if members.count[at]:
        silent = SILENT[firm]
        fading, lost = float(members.last[at]) + silent / 2, float(members.last[at]) + silent
        if members.count[at] >= 3 and fading < until:
            yield Turn(fading, _FADING)
        if lost < until:
            yield Turn(lost, _LOST)


def as_of(life: list[Turn], day: float) -> dict[str, Any]:
    """What a customer was on a day."""
    values: dict[str, Any] = {}
    for turn in life:
        if turn.day <= day:
            values.update(turn.values)
    return values
