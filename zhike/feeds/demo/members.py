"""The customers as figures: who buys when, and what follows from that. A block at a time, in the order they came.

Blocks can be drawn again from the seed alone, so that memory does not grow with the number of customers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhike.feeds.demo.dice import numbers
from zhike.feeds.demo.process import FIRMS, PEOPLE, Clock, Floats, Ints, purchases

BLOCK = 5_000
# Taken over from the old system on the first day.
INHERITED = 0.16
_FIRM, _LEAD, _COPY = 0.24, 0.2, 0.015
# Without a purchase for so many days a customer counts as lost.
SILENT = {False: 330.0, True: 210.0}


@dataclass(frozen=True, slots=True)
class Members:
    """One block of customers. `first` is the number of the first; `created` and `bought` count days.

    `is_copy` marks records of somebody who is on file already; they buy nothing.
    `buyer`, `bought` hold all purchases by member, then time; `count`, `last` and `early` tell of each member how
    often, when last and on which days the first, third and sixth purchase was (inf: never).
    """

    first: int
    is_firm: NDArray[np.bool_]
    is_copy: NDArray[np.bool_]
    created: Floats
    buyer: Ints
    bought: Floats
    count: Ints
    last: Floats
    early: Floats


def blocks(seed: int, size: int, clock: Clock) -> Iterator[Members]:
    """All customers, in the order in which they came."""
    for number, first in enumerate(range(0, size, BLOCK)):
        yield _block(numbers(seed, "members", number), first, min(BLOCK, size - first), size, clock)


def _block(by: np.random.Generator, first: int, count: int, size: int, clock: Clock) -> Members:
    is_firm = by.random(count) < _FIRM
    created = _created(by, first, count, size, clock.days)
    is_copy = (by.random(count) < _COPY) & (created > 0)
    buys = (by.random(count) >= np.where(created == 0, _LEAD / 3, _LEAD)) & ~is_copy
    lag = np.where(by.random(count) < 0.6, 0.0, by.exponential(18.0, count))
    start = np.minimum(created + lag + by.random(count) * 0.3, clock.days - 0.01)
    start = np.where(created == 0, by.random(count) ** 1.5 * 240, start)
    buyer, bought = _buy(by, is_firm, np.flatnonzero(buys), start, clock)
    often = np.bincount(buyer, minlength=count)
    last = np.full(count, -np.inf)
    np.maximum.at(last, buyer, bought)
    return Members(first, is_firm, is_copy, created, buyer, bought, often, last, _early(buyer, bought, often))


def _created(by: np.random.Generator, first: int, count: int, size: int, days: int) -> Floats:
    """The days on which customers were entered: some on the first, then ever more."""
    place = (np.arange(first, first + count) + 0.5) / size
    new = np.clip((place - INHERITED) / (1 - INHERITED), 0, 1)
    return np.where(place < INHERITED, 0.0, 1 + (days - 1.02) * new**0.82)


def _buy(
    by: np.random.Generator, is_firm: NDArray[np.bool_], buyers: Ints, start: Floats, clock: Clock
) -> tuple[Ints, Floats]:
    who, when = [], []
    for mix, kind in ((PEOPLE, False), (FIRMS, True)):
        chosen = buyers[is_firm[buyers] == kind]
        found = purchases(by, mix, clock.to_process(start[chosen]), float(clock.days))
        who.append(chosen[found.buyer])
        when.append(clock.to_days(found.at))
    member, day = np.concatenate(who), np.concatenate(when)
    order = np.lexsort((day, member))
    return member[order], day[order]


def _early(buyer: Ints, bought: Floats, often: Ints) -> Floats:
    """Of each member the days of purchases one, three and six."""
    begins = np.cumsum(often) - often
    found = np.full((len(often), 3), np.inf)
    for column, number in enumerate((1, 3, 6)):
        enough = often >= number
        found[enough, column] = bought[begins[enough] + number - 1]
    return found
