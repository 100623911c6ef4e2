"""Whether offers would have been right: made as of past days, held against what was then bought, beside popularity."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np

from zhike.insight.models.baskets.data import Baskets
from zhike.insight.models.baskets.significance import Floats, log_sign, wilson
from zhike.insight.models.exact import Integers
from zhike.insight.models.offers.model import Ready, offers_from, ready
from zhike.insight.types import CannotCarry


@dataclass(frozen=True, slots=True)
class Measured:
    """How one way of offering did. hit_rate: customers who bought at least one of their offers, with its interval;
    precision: offers that were bought; coverage: products that were offered to anybody; novelty: mean surprise of an
    offer in bits, −log₂ of the share of recent buyers who bought the product (Castells, Hurley & Vargas 2015)."""

    hit_rate: float
    hit_low: float
    hit_high: float
    precision: float
    coverage: float
    novelty: float


@dataclass(frozen=True, slots=True)
class Held:
    """One held-out span of days. customers: those known before who bought in it something that could be offered;
    p_value: one-sided sign test that our offers hit no more customers than the most popular products (McNemar);
    promised: purchases that the probabilities of our offers add up to, of all customers, and `kept` those that came.
    """

    as_of: date
    customers: int
    offers: Measured
    popular: Measured
    p_value: float
    promised: float
    kept: int


@dataclass(frozen=True)
class OfferCheck:
    """The answer, one entry for each held-out span."""

    horizon: int
    per_customer: int
    only_new: bool
    spans: tuple[Held, ...]

    def to_json(self) -> str:
        """All figures as JSON."""
        told = asdict(self)
        return json.dumps(told, default=date.isoformat)


def check_offers(
    baskets: Baskets,
    as_of: Sequence[date],
    *,
    horizon: int = 30,
    offers: int = 10,
    only_new: bool = False,
    most_products: int = 4000,
    learn_from: int = 5000,
    wide: int = 100,
) -> OfferCheck:
    """Makes offers as of each day from what was known before it, and looks at the `horizon` days that followed.

    The rival offers everybody the products that most customers bought in the `horizon` days before, with only_new
    those of them that the customer has not bought. Raises as `next_offers`, and CannotCarry when nobody known bought
    in the days that followed.
    """
    prepared = ready(baskets, most_products)
    spans = []
    for day in as_of:
        made = offers_from(prepared, day, horizon, offers, only_new, learn_from, wide)
        place = np.searchsorted(prepared.events.customers, made.customers)
        spans.append(_held(prepared, day, horizon, offers, only_new, place, made.products, made.probability))
    return OfferCheck(horizon, offers, only_new, tuple(spans))


def _held(
    prepared: Ready,
    as_of: date,
    horizon: int,
    offers: int,
    only_new: bool,
    customer: Integers,
    product: Integers,
    chance: Floats,
) -> Held:
    state = prepared.state(as_of, horizon)
    events, width = prepared.events, state.items
    during = (events.day >= state.day) & (events.day < state.day + horizon)
    bought = np.unique(events.customer[during] * width + events.code[during])
    owned = state.customer * width + state.code
    wanted = bought[np.isin(bought // width, state.known)]
    wanted = np.setdiff1d(wanted, owned) if only_new else wanted
    who = np.unique(wanted // width)
    if not len(who):
        message = f"nobody known before {as_of} bought in the {horizon} days from then on"
        raise CannotCarry("nothing_held_out", message, as_of=as_of)
    rival = _popular(state.recent, owned, who, width, offers, only_new)
    keys = customer * width + product
    ours = keys[np.isin(customer, who)]
    recent = len(np.unique(events.customer[(events.day >= state.day - horizon) & (events.day < state.day)]))
    hit, hit_too = (np.unique(each[np.isin(each, wanted)] // width) for each in (ours, rival))
    won, lost = len(np.setdiff1d(hit, hit_too)), len(np.setdiff1d(hit_too, hit))
    return Held(
        as_of=as_of,
        customers=len(who),
        offers=_measured(ours, wanted, len(who), state.recent, recent, width),
        popular=_measured(rival, wanted, len(who), state.recent, recent, width),
        p_value=math.exp(log_sign(np.array([won]), np.array([won + lost]))[0]),
        promised=float(chance.sum()),
        kept=int(np.isin(keys, bought).sum()),
    )


def _popular(
    recent: Integers, owned: Integers, who: Integers, width: int, offers: int, only_new: bool
) -> Integers:
    """The most bought products for each customer, as numbers customer × products + product."""
    order = np.argsort(-recent, kind="stable")
    if not only_new:
        return np.asarray((who[:, None] * width + order[:offers]).ravel())
    rows = []
    for one in who.tolist():
        lot = owned[slice(*np.searchsorted(owned, [one * width, (one + 1) * width]))] - one * width
        rows.append(one * width + order[~np.isin(order, lot)][:offers])
    return np.concatenate(rows)


def _measured(
    keys: Integers, wanted: Integers, customers: int, recent: Integers, buyers: int, width: int
) -> Measured:
    right = np.isin(keys, wanted)
    hit = len(np.unique(keys[right] // width))
    low, high = wilson(np.array([hit]), np.array([customers]), 0.95)
    share = np.maximum(recent[keys % width], 0.5) / max(buyers, 1)
    return Measured(
        hit_rate=hit / customers,
        hit_low=float(low[0]),
        hit_high=float(high[0]),
        precision=float(right.mean()),
        coverage=len(np.unique(keys % width)) / width,
        novelty=float(-np.log2(share).mean()),
    )
