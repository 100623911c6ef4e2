"""Sequences: which product customers buy after which, and how many days later.

Frequent sequences of products bought on different days, grown by projection (PrefixSpan: Pei et al. 2004, *IEEE TKDE*
16(11)): of every customer only what comes after the sequence so far is looked at again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.data import Baskets, ragged
from zhike.insight.models.baskets.significance import Floats, false_discovery, log_sign, wilson
from zhike.insight.models.exact import Integers
from zhike.insight.types import CannotCarry

_NONE = -1
_WIDEST = 1 << 62


@dataclass(frozen=True)
class Sequences:
    """The answer, most frequent first; arrays have one entry per sequence of two products or more.

    steps: codes of the products in the order of buying, filled up with −1. both: customers who bought in this order;
    first: those who bought all but the last step; base: customers who bought the last product on a later day than
    their first. gap: quartiles of the days between the last two steps, of the earliest time each customer did so.
    ahead, behind: customers whose first purchase of the last product came after, or before, that of the one ahead of
    it; q_value: share of false discoveries when that order is believed of this pair and all surer ones. A product
    that came on sale later than the other stands behind it for that reason alone.
    """

    items: tuple[str, ...]
    customers: int
    within: int | None
    steps: Integers
    both: Integers
    first: Integers
    base: Integers
    gap: Floats
    ahead: Integers
    behind: Integers
    p_value: Floats
    q_value: Floats
    level: float

    def __len__(self) -> int:
        return len(self.both)

    @property
    def confidence(self) -> Floats:
        """Of the customers who came as far as the last step but one, the share who took the last."""
        return self.both / self.first

    @property
    def lift(self) -> Floats:
        """Confidence ÷ the share of all customers who bought the last product on any day after their first."""
        return self.confidence * self.customers / self.base

    @cached_property
    def table(self) -> pa.Table:
        """steps (list of products), customers, support, confidence with interval, lift, gap in days (quartiles),
        ahead, behind, p_value and q_value of the order."""
        there = self.steps != _NONE
        offsets = pa.array(np.concatenate([[0], np.cumsum(there.sum(axis=1))]), pa.int32())
        names = pa.array(self.items, pa.string()).take(pa.array(self.steps[there]))
        low, high = wilson(self.both, self.first, self.level)
        return pa.table(
            {
                "steps": pa.ListArray.from_arrays(offsets, names),
                "customers": self.both,
                "support": self.both / self.customers,
                "confidence": self.confidence,
                "confidence_low": low,
                "confidence_high": high,
                "lift": self.lift,
                "days_quarter": self.gap[:, 0],
                "days_half": self.gap[:, 1],
                "days_three_quarters": self.gap[:, 2],
                "ahead": self.ahead,
                "behind": self.behind,
                "p_value": self.p_value,
                "q_value": self.q_value,
            }
        )

    def to_json(self) -> str:
        """The table and what it rests on, as JSON."""
        about = {"customers": self.customers, "within": self.within, "level": self.level}
        return json.dumps(about | {"sequences": self.table.to_pylist()})


@dataclass(frozen=True)
class Events:
    """Distinct purchases by customer, then day: places of customers and codes of products, days from 0.

    `begun` is the day of each customer's very first purchase, also when that product is left out here.
    """

    items: tuple[str, ...]
    customers: Integers
    customer: Integers
    day: Integers
    code: Integers
    span: int
    begun: Integers

    @cached_property
    def moments(self) -> Integers:
        """Customer and day in one rising number."""
        return self.customer * self.span + self.day

    @cached_property
    def ends(self) -> Integers:
        """Where the purchases of each customer end."""
        return np.cumsum(np.bincount(self.customer, minlength=len(self.customers)))

    @cached_property
    def firsts(self) -> tuple[Integers, Integers, Integers]:
        """Product, customer and day of the first purchase of each product by each customer, by product."""
        keys = np.sort((self.code * len(self.customers) + self.customer) * self.span + self.day)
        pair, day = np.divmod(keys, self.span)
        new = np.concatenate([[True], pair[1:] != pair[:-1]])
        code, customer = np.divmod(pair[new], len(self.customers))
        return code, customer, day[new]


def events_of(baskets: Baskets, at_least: int = 1) -> Events:
    """The purchases of known customers, of products that `at_least` customers bought.

    Raises ValueError for baskets without customers and days, CannotCarry when no customer is known.
    """
    if baskets.customers is None or baskets.days is None:
        raise ValueError("sequences need to know whose the baskets are and of which day")
    sizes = np.where(baskets.customers >= 0, baskets.sizes, 0)
    if not sizes.sum():
        raise CannotCarry("no_customers", "no basket belongs to a known customer", baskets=len(baskets))
    at = ragged(baskets.offsets[:-1], sizes)
    customers, place = np.unique(np.repeat(baskets.customers, sizes), return_inverse=True)
    day = np.repeat(baskets.days, sizes).astype(np.int64)
    day -= day.min()
    span, width = int(day.max()) + 1, len(baskets.items)
    if len(customers) * span * span * width >= _WIDEST:
        raise CannotCarry("too_many_purchases", "too many customers, products and days at once: limit them")
    keys = np.unique((place * span + day) * width + baskets.codes[at])
    moment, code = np.divmod(keys, width)
    begun = np.full(len(customers), span)
    np.minimum.at(begun, moment // span, moment % span)
    everybody = Events(baskets.items, customers, moment // span, moment % span, code, span, begun)
    bought = np.bincount(everybody.firsts[0], minlength=width)
    kept = bought[code] >= at_least
    names = np.flatnonzero(bought >= at_least)
    rank = np.cumsum(bought >= at_least) - 1
    items = tuple(baskets.items[each] for each in names)
    return Events(
        items, customers, everybody.customer[kept], everybody.day[kept], rank[code[kept]], span, begun
    )


def sequences(
    baskets: Baskets,
    *,
    support: float = 0.01,
    longest: int = 3,
    within: int | None = None,
    most: int = 100_000,
    level: float = 0.95,
) -> Sequences:
    """All sequences of at most `longest` products that at least the share `support` of the known customers bought in
    this order, each on a later day than the one before, and not more than `within` days later where given.

    A product may follow itself: then the gap is the time to buying it again. Raises ValueError for options outside
    their range or baskets that do not know customers and days; CannotCarry when nothing follows anything often
    enough, or more than `most` sequences do.
    """
    if not 0 < support <= 1 or longest < 2 or (within is not None and within < 1) or not 0 < level < 1:
        raise ValueError("support and level are shares, longest is 2 or more, within is 1 day or more")
    known = 0 if baskets.customers is None else len(np.unique(baskets.customers[baskets.customers >= 0]))
    at_least = max(1, int(np.ceil(support * known * (1 - 1e-12))))
    events = events_of(baskets, at_least)
    found = list(_Projection(events, at_least, longest, within, most).run())
    if not found:
        message = f"no product follows another among {support:.2%} of the {known} customers"
        raise CannotCarry("no_sequences", message, customers=known, at_least=at_least)
    return _answer(events, found, within, longest, level)


@dataclass(frozen=True, slots=True)
class _Found:
    steps: tuple[int, ...]
    both: int
    first: int
    gap: Floats


class _Projection:
    """The search. A projection is, by customer, the days on which the sequence so far came to its end."""

    def __init__(self, events: Events, at_least: int, longest: int, within: int | None, most: int) -> None:
        self.events = events
        self.at_least = at_least
        self.longest = longest
        self.most = most
        self.within = within
        self.reach = events.span if within is None else min(within, events.span - 1) + 1
        self.found = 0

    def run(self) -> Iterator[_Found]:
        """All frequent sequences."""
        if self.within is None:
            code, customer, day = self.events.firsts
        else:
            order = np.lexsort((self.events.day, self.events.customer, self.events.code))
            code, customer, day = (
                each[order] for each in (self.events.code, self.events.customer, self.events.day)
            )
        bounds = np.searchsorted(code, np.arange(len(self.events.items) + 1))
        for item in range(len(self.events.items)):
            part = slice(bounds[item], bounds[item + 1])
            yield from self._grow((item,), customer[part], day[part])

    def _grow(self, steps: tuple[int, ...], customer: Integers, end: Integers) -> Iterator[_Found]:
        first = _distinct(customer)
        if first < self.at_least or len(steps) == self.longest:
            return
        code, who, day, gap = self._followers(customer, end)
        begins = np.searchsorted(code, np.arange(len(self.events.items) + 1))
        new = np.concatenate([[True], (who[1:] != who[:-1]) | (code[1:] != code[:-1])])[: len(code)]
        bought = np.bincount(code[new], minlength=len(self.events.items))
        for item in np.flatnonzero(bought >= self.at_least).tolist():
            part = slice(begins[item], begins[item + 1])
            once = new[part]
            self._room()
            quartiles = np.quantile(gap[part][once], [0.25, 0.5, 0.75])
            yield _Found((*steps, item), int(bought[item]), first, quartiles)
            ends = once if self.within is None else slice(None)
            yield from self._grow((*steps, item), who[part][ends], day[part][ends])

    def _followers(self, customer: Integers, end: Integers) -> tuple[Integers, ...]:
        """What comes after: product, customer, day and days since, sorted so, each day of a customer once."""
        events = self.events
        at = customer * events.span + end
        starts = np.searchsorted(events.moments, at, side="right")
        stops = events.ends[customer]
        if self.within is not None:
            stops = np.minimum(stops, np.searchsorted(events.moments, at + self.within, side="right"))
        sizes = stops - starts
        after = ragged(starts, sizes)
        day = events.day[after]
        keys = (events.code[after] * len(events.customers) + events.customer[after]) * events.span + day
        keys = keys * self.reach + (day - np.repeat(end, sizes))
        keys.sort()
        moment, gap = np.divmod(keys, self.reach)
        new = np.concatenate([[True], moment[1:] != moment[:-1]])[: len(moment)]
        pair, day = np.divmod(moment[new], events.span)
        code, who = np.divmod(pair, len(events.customers))
        return code, who, day, gap[new]

    def _room(self) -> None:
        self.found += 1
        if self.found > self.most:
            message = (
                f"more than {self.most} sequences are frequent: ask for a higher support or shorter ones"
            )
            raise CannotCarry("too_many_sequences", message, at_least=self.at_least, most=self.most)


def _distinct(rising: Integers) -> int:
    return 1 + int(np.count_nonzero(rising[1:] != rising[:-1])) if len(rising) else 0


def _answer(events: Events, found: list[_Found], within: int | None, longest: int, level: float) -> Sequences:
    found.sort(key=lambda each: (-each.both, each.steps))
    steps = np.full((len(found), longest), _NONE)
    for row, each in enumerate(found):
        steps[row, : len(each.steps)] = each.steps
    last = np.array([each.steps[-2:] for each in found])
    ahead, behind = _orders(events, last)
    log_p = log_sign(ahead, ahead + behind)
    pairs, first_of, back = np.unique(last, axis=0, return_index=True, return_inverse=True)
    width = len(events.items)
    q = false_discovery(log_p[first_of], max(len(pairs), width * (width - 1)))
    return Sequences(
        items=events.items,
        customers=len(events.customers),
        within=within,
        steps=steps,
        both=np.array([each.both for each in found]),
        first=np.array([each.first for each in found]),
        base=_later_buyers(events)[last[:, 1]],
        gap=np.array([each.gap for each in found]),
        ahead=ahead,
        behind=behind,
        p_value=np.exp(log_p),
        q_value=q[back.ravel()],
        level=level,
    )


def _later_buyers(events: Events) -> Integers:
    """Of each product, the customers who bought it on a day after their first."""
    later = events.day > events.begun[events.customer]
    pairs = np.unique(events.code[later] * len(events.customers) + events.customer[later])
    return np.bincount(pairs // len(events.customers), minlength=len(events.items))


def _orders(events: Events, pairs: Integers) -> tuple[Integers, Integers]:
    """Of each pair, the customers who first bought the second after the first, and those who did so before."""
    code, customer, day = events.firsts
    bounds = np.searchsorted(code, np.arange(len(events.items) + 1))
    ahead, behind = np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    begun = np.empty(len(events.customers), dtype=np.int64)
    for item in np.unique(pairs[:, 0]).tolist():
        begun.fill(_NONE)
        part = slice(bounds[item], bounds[item + 1])
        begun[customer[part]] = day[part]
        for row in np.flatnonzero(pairs[:, 0] == item).tolist():
            other = slice(bounds[pairs[row, 1]], bounds[pairs[row, 1] + 1])
            before = begun[customer[other]]
            known = before != _NONE
            ahead[row] = np.count_nonzero(known & (before < day[other]))
            behind[row] = np.count_nonzero(known & (before > day[other]))
    return ahead, behind
