"""What is known on a day: who bought what, what goes with what and what follows what, and what sells now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zhike.insight.models.baskets.data import Baskets
from zhike.insight.models.baskets.pairs import pair_counts
from zhike.insight.models.exact import Integers
from zhike.insight.models.sequences import Events
from zhike.insight.types import CannotCarry

Matrix = npt.NDArray[np.int32]

# A pair seen less often says nothing that one chance meeting could not.
_SEEN = 3
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Links:
    """From product to product: counts[j, i] out of totals[j], and as weight the cosine of the two (Sarwar et al. 2001,
    *WWW10*: item-based filtering)."""

    counts: Matrix
    totals: Integers
    weight: npt.NDArray[np.float32]


@dataclass(frozen=True)
class State:
    """Purchases before a day. Each row of `customer`, `code` is a customer with a product bought once or more:
    `times` different days, `last` the latest of them. `recent` counts customers by product in the last days, `earlier`
    those in as many days before them."""

    day: int
    customers: int
    items: int
    customer: Integers
    code: Integers
    times: Integers
    last: Integers
    recent: Integers
    earlier: Integers
    together: Links
    after: Links
    purchases: Integers
    latest: Integers

    @cached_property
    def bounds(self) -> Integers:
        """Where the rows of each customer begin; one more at the end."""
        return np.searchsorted(self.customer, np.arange(self.customers + 1))

    @property
    def known(self) -> Integers:
        """Customers who bought something before the day."""
        return np.flatnonzero(np.diff(self.bounds))


def state_before(events: Events, baskets: Baskets, day: int, recent: int) -> State:
    """The state before `day` (counted as in the events). `baskets` hold the same products and are those before it."""
    before = events.day < day
    if not before.any():
        raise CannotCarry("no_purchases", "nobody bought anything before the day", day=day)
    width, span = len(events.items), events.span
    keys = (events.customer[before] * width + events.code[before]) * span + events.day[before]
    keys.sort()
    pair, when = np.divmod(keys, span)
    begins = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))
    ends = np.append(begins[1:], len(pair))
    customer, code = np.divmod(pair[begins], width)
    moments = np.unique(events.moments[before])
    latest = np.full(len(events.customers), -1)
    np.maximum.at(latest, moments // span, moments % span)
    later = _later_counts(customer, code, when[begins], when[ends - 1], width)
    buyers = np.bincount(code, minlength=width)
    met = pair_counts(baskets)
    return State(
        day=day,
        customers=len(events.customers),
        items=width,
        customer=customer,
        code=code,
        times=ends - begins,
        last=when[ends - 1],
        recent=_buyers(events, day - recent, day),
        earlier=_buyers(events, day - 2 * recent, day - recent),
        together=_links(met + met.T, baskets.counts),
        after=_links(later, buyers),
        purchases=np.bincount(moments // span, minlength=len(events.customers)),
        latest=latest,
    )


def _buyers(events: Events, begin: int, end: int) -> Integers:
    """Customers by product in a span of days."""
    during = (events.day >= begin) & (events.day < end)
    pairs = np.unique(events.code[during] * len(events.customers) + events.customer[during])
    return np.bincount(pairs // len(events.customers), minlength=len(events.items))


def _links(counts: Integers, totals: Integers) -> Links:
    np.fill_diagonal(counts, 0)
    root = np.sqrt(np.maximum(totals, 1))
    cosine = np.where(counts >= _SEEN, counts / root[:, None] / root, 0.0).astype(np.float32)
    return Links(counts.astype(np.int32), totals, cosine)


def _later_counts(
    customer: Integers, code: Integers, first: Integers, last: Integers, width: int
) -> Integers:
    """counts[j, i]: customers who bought i on a later day than j, at least once."""
    totals = np.zeros(width * width, dtype=np.int64)
    for numbers in _later_numbers(customer, code, first, last, width):
        totals += np.bincount(numbers, minlength=width * width)
    return totals.reshape(width, width)


def _later_numbers(
    customer: Integers, code: Integers, first: Integers, last: Integers, width: int
) -> Iterator[Integers]:
    sizes = np.bincount(customer)
    starts = np.cumsum(sizes) - sizes
    kept: list[Integers] = []
    filled = 0
    for size in np.unique(sizes[sizes > 1]):
        at = starts[sizes == size] + np.arange(size)[:, None]
        for columns in np.array_split(at, max(1, at.size // _AT_ONCE), axis=1):
            codes, begun, ended = code[columns], first[columns], last[columns]
            for row in range(size):
                kept.append((codes[row] * width + codes)[begun[row] < ended])
                filled += len(kept[-1])
                if filled > max(_AT_ONCE, 2 * width * width):
                    yield np.concatenate(kept)
                    kept, filled = [], 0
    yield np.concatenate([np.zeros(0, np.int64), *kept])
