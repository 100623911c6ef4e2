"""Next best offer: for each customer the products most likely to be bought in the coming days, and why.

Three sources meet: buying again what was bought before, what goes with it and what follows it (item to item), and what
sells now. How much each counts is learned from the days just before, as if they had still lain ahead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.baskets.data import Baskets, ragged
from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.exact import Integers
from zhike.insight.models.offers.learn import FEATURES, candidates, chunks, learned, probabilities
from zhike.insight.models.offers.state import State, state_before
from zhike.insight.models.sequences import Events, events_of
from zhike.insight.models.worded import Worded
from zhike.insight.types import CannotCarry

_NONE = -1
_EPOCH = date(1970, 1, 1)


class Reason(Worded):
    """Why a product is offered."""

    AGAIN = ("Bought {times} times, last {days} days ago", "买过{times}次,上次在{days}天前")
    TOGETHER = (
        "{share:.0%} of baskets with {because} hold it too",
        "含{because}的单据中{share:.0%}也有此产品",
    )
    AFTER = (
        "{share:.0%} of buyers of {because} bought it later",
        "买过{because}的客户中{share:.0%}之后买了此产品",
    )
    POPULAR = ("Sells well now: {buyers} recent buyers", "近期热销:{buyers}位客户购买")


REASONS: tuple[Reason, ...] = tuple(Reason)


@dataclass(frozen=True)
class Offers:
    """The answer, by customer and rank; arrays have one entry per offer.

    probability: that the customer buys the product within `horizon` days from `as_of`. reasons: places in REASONS;
    because: code of the product the offer comes from, or −1; share, times, days, buyers: figures of the reason.
    weights: what was learned, by feature.
    """

    as_of: date
    horizon: int
    items: tuple[str, ...]
    customers: Integers
    rank: Integers
    products: Integers
    probability: Floats
    reasons: Integers
    because: Integers
    share: Floats
    times: Integers
    days: Integers
    buyers: Integers
    weights: dict[str, float]

    @cached_property
    def table(self) -> pa.Table:
        """customer_key, rank (from 1), product, probability, reason (code), because (product), share, times, days,
        buyers."""
        names = pa.array(self.items, pa.string())
        because = pa.array(self.because, mask=self.because == _NONE)
        return pa.table(
            {
                "customer_key": self.customers,
                "rank": self.rank,
                "product": names.take(pa.array(self.products)),
                "probability": self.probability,
                "reason": pa.array([each.code for each in REASONS]).take(pa.array(self.reasons)),
                "because": names.take(because),
                "share": self.share,
                "times": self.times,
                "days": self.days,
                "buyers": self.buyers,
            }
        )

    def sentence(self, at: int, language: str = "en") -> str:
        """Why this offer, in words."""
        row = self.table.slice(at, 1).to_pylist()[0]
        reason = REASONS[self.reasons[at]]
        text: str = reason.zh if language == "zh" else reason.en
        return text.format(**row)

    def to_json(self) -> str:
        """The offers and what they rest on, as JSON."""
        about = {"as_of": self.as_of.isoformat(), "horizon": self.horizon, "weights": self.weights}
        return json.dumps(about | {"offers": self.table.to_pylist()})


@dataclass(frozen=True)
class Ready:
    """Baskets prepared for offers: their most bought products only, as baskets and as events from `begin` on."""

    baskets: Baskets
    events: Events
    begin: date

    def state(self, as_of: date, recent: int) -> State:
        """What is known before the day."""
        assert self.baskets.days is not None  # events were made of them
        day = (as_of - self.begin).days
        earlier = self.baskets.days < (as_of - _EPOCH).days
        return state_before(self.events, _only(self.baskets, earlier), day, recent)


def ready(baskets: Baskets, most_products: int) -> Ready:
    """Raises ValueError for baskets that do not know customers and days; CannotCarry where no customer is known."""
    limited = baskets.limited(most_products)
    events = events_of(limited)
    assert baskets.customers is not None  # events_of has seen to it
    assert baskets.days is not None
    whose = (baskets.customers >= 0) & (limited.sizes > 0)
    # Products that only unknown customers bought have no events: both sides must number products alike.
    kept = {name: at for at, name in enumerate(events.items)}
    rank = np.array([kept.get(name, _NONE) for name in limited.items])
    codes = rank[limited.codes]
    before = np.concatenate([[0], np.cumsum(codes >= 0)])
    same = Baskets(
        events.items,
        before[limited.offsets],
        codes[codes >= 0].astype(np.int32),
        baskets.customers,
        baskets.days,
    )
    return Ready(same, events, _EPOCH + timedelta(days=int(baskets.days[whose].min())))


def _only(baskets: Baskets, chosen: npt.NDArray[np.bool_]) -> Baskets:
    sizes = np.where(chosen, baskets.sizes, 0)
    codes = baskets.codes[ragged(baskets.offsets[:-1], sizes)]
    return Baskets(baskets.items, np.concatenate([[0], np.cumsum(sizes)]), codes)


def next_offers(
    baskets: Baskets,
    *,
    as_of: date,
    horizon: int = 30,
    offers: int = 10,
    only_new: bool = False,
    most_products: int = 4000,
    learn_from: int = 5000,
    wide: int = 100,
) -> Offers:
    """The `offers` best products for each customer who bought before `as_of`, as known on that day.

    horizon: days ahead that the probability speaks of, and days before `as_of` that it is learned from. only_new: leave
    out what the customer has bought before. most_products: only so many most bought products are considered;
    learn_from: at most so many customers teach the weights; wide: neighbours and sellers considered for each customer.
    Raises ValueError for options outside their range or baskets that do not know customers and days; CannotCarry when
    the log is too short to learn from, or nothing was bought in the days to learn from.
    """
    if min(horizon, offers, most_products, learn_from, wide) < 1:
        raise ValueError("horizon, offers, most_products, learn_from and wide are 1 or more")
    return offers_from(ready(baskets, most_products), as_of, horizon, offers, only_new, learn_from, wide)


def offers_from(
    prepared: Ready, as_of: date, horizon: int, offers: int, only_new: bool, learn_from: int, wide: int
) -> Offers:
    """As `next_offers`, from baskets that are ready."""
    weights = _weights(prepared, as_of, horizon, only_new, learn_from, wide)
    state = prepared.state(as_of, horizon)
    pieces = []
    for part in chunks(state, state.known):
        found = candidates(state, part, wide, only_new=only_new)
        chance = probabilities(found.features, weights)
        order = np.lexsort((found.code, -chance, found.customer))
        customer = found.customer[order]
        begins = np.searchsorted(customer, customer)
        rank = np.arange(len(order)) - begins
        best = order[rank < offers]
        pieces.append(
            (found.customer[best], rank[rank < offers] + 1, found.code[best], found.owned[best], chance[best])
        )
    customer, rank, code, owned, chance = (np.concatenate(column) for column in zip(*pieces, strict=True))
    reasons, because, share = _reasons(state, customer, code, owned)
    has = owned >= 0
    return Offers(
        as_of=as_of,
        horizon=horizon,
        items=prepared.events.items,
        customers=prepared.events.customers[customer],
        rank=rank,
        products=code,
        probability=chance,
        reasons=reasons,
        because=because,
        share=share,
        times=np.where(has, state.times[owned], 0),
        days=np.where(has, state.day - state.last[owned], 0),
        buyers=state.recent[code],
        weights=dict(zip(FEATURES, weights.tolist(), strict=True)),
    )


def _weights(
    prepared: Ready, as_of: date, horizon: int, only_new: bool, learn_from: int, wide: int
) -> Floats:
    """Learned on the `horizon` days before `as_of` from what was known before them."""
    past = as_of - timedelta(days=horizon)
    if past <= prepared.begin:
        message = f"purchases must reach back more than {horizon} days before {as_of}"
        raise CannotCarry("log_too_short", message, begin=prepared.begin, horizon=horizon)
    state = prepared.state(past, horizon)
    known = state.known
    some = known[:: max(1, -(-len(known) // learn_from))]
    events = prepared.events
    during = (events.day >= state.day) & (events.day < state.day + horizon)
    bought = np.unique(events.customer[during] * state.items + events.code[during])
    found = [candidates(state, part, wide, only_new=only_new) for part in chunks(state, some)]
    keys = np.concatenate([each.customer * state.items + each.code for each in found])
    hits = np.isin(keys, bought).astype(np.float64)
    return learned(np.concatenate([each.features for each in found]), hits)


def _reasons(
    state: State, customer: Integers, code: Integers, owned: Integers
) -> tuple[Integers, Integers, Floats]:
    """The reason of each offer, the product it comes from, and the share of that product's buyers who did the same."""
    reasons = np.full(len(code), REASONS.index(Reason.POPULAR))
    because, share = np.full(len(code), _NONE), np.zeros(len(code))
    sizes = state.bounds[customer + 1] - state.bounds[customer]
    # In parts: a customer may own hundreds of products, each of which is asked for each offer.
    for part in np.array_split(np.arange(len(code)), max(1, int(sizes.sum()) >> 20)):
        own = state.code[ragged(state.bounds[customer[part]], sizes[part])]
        begins = np.cumsum(sizes[part]) - sizes[part]
        offer = np.repeat(np.arange(len(part)), sizes[part])
        for reason, links in ((Reason.TOGETHER, state.together), (Reason.AFTER, state.after)):
            counts = links.counts[own, np.repeat(code[part], sizes[part])]
            shares = np.where(counts >= 3, counts / np.maximum(links.totals[own], 1), 0.0)
            top = np.maximum.reduceat(shares, begins)
            better = top > share[part]
            first = np.flatnonzero((shares == top[offer]) & better[offer])
            which, at = np.unique(offer[first], return_index=True)
            reasons[part[which]] = REASONS.index(reason)
            because[part[which]], share[part[which]] = own[first[at]], top[which]
    again = owned >= 0
    reasons[again], because[again], share[again] = REASONS.index(Reason.AGAIN), _NONE, 0.0
    return reasons, because, share
