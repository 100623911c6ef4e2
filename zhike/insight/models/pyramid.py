"""The pyramid of customers by value: few carry much, many carry little (Zeithaml, Rust & Lemon 2001, *California
Management Review* 43(4): platinum, gold, iron, lead)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.bands import sums
from zhike.insight.models.exact import Integers, counts, decimals
from zhike.insight.types import CannotCarry

By = Literal["number", "value"]


@dataclass(frozen=True, slots=True)
class TierRule:
    """A tier and the part of the customers (or of the value) it takes, in millionths of the whole: 10_000 is 1 %."""

    code: str
    en: str
    zh: str
    share: int


WHOLE = 1_000_000

TIERS: tuple[TierRule, ...] = (
    TierRule("platinum", "Platinum", "铂金", 10_000),
    TierRule("gold", "Gold", "黄金", 40_000),
    TierRule("iron", "Iron", "铁", 150_000),
    TierRule("lead", "Lead", "铅", 800_000),
)


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier as it came out. Values are in 1/10,000 of the currency; `low` and `high` are None where nobody is."""

    rule: TierRule
    customers: int
    value: int
    share_of_customers: float
    share_of_value: float
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Pyramid:
    """The answer, best tier first. `places` holds for each customer the place of its tier in `tiers`.

    `share_of_value` of a tier is its part of the sum of all positive values, so that it may be negative for a tier
    of customers who cost more than they bring.
    """

    by: By
    tiers: tuple[Tier, ...]
    customers: pa.Array
    values: Integers
    places: npt.NDArray[np.int8]

    @cached_property
    def table(self) -> pa.Table:
        """customer_key, value, tier (code)."""
        codes = [tier.rule.code for tier in self.tiers]
        return pa.table(
            {
                "customer_key": self.customers,
                "value": decimals(self.values),
                "tier": pa.DictionaryArray.from_arrays(self.places, codes),
            }
        )

    def customers_in(self, tier: str) -> pa.Array:
        """The customers of the tier with this code. Raises ValueError when there is no such tier."""
        place = [each.rule.code for each in self.tiers].index(tier)
        return self.customers.filter(pa.array(self.places == place))


def pyramid(
    customers: pa.Array | pa.ChunkedArray,
    values: pa.Array | pa.ChunkedArray | Integers,
    *,
    tiers: Sequence[TierRule] = TIERS,
    by: By = "number",
) -> Pyramid:
    """Sorts customers into tiers by their value (decimals with four places, or whole 1/10,000 of the currency).

    by="number": the best tier takes the first share of the customers in order of value, and so on (a share of 1 % of
    30 customers is rounded up to one). by="value": each tier takes the customers that carry its share of the value
    (A/B/C of Pareto: 70 % / 20 % / 10 %). Customers of equal value always come into one tier, the one in which the
    middle of their group lies; customers whose value is not positive come into the last.
    Raises CannotCarry when there is nobody, nothing positive, or nothing to tell customers apart; ValueError when the
    shares do not add up to the whole.
    """
    _check(tiers)
    amounts = values if isinstance(values, np.ndarray) else counts(values)
    keys = customers.combine_chunks() if isinstance(customers, pa.ChunkedArray) else customers
    _can_carry(amounts)
    distinct, group, size = np.unique(-amounts, return_inverse=True, return_counts=True)
    places = _places(-distinct, size, tiers, by)[group].astype(np.int8)
    return Pyramid(by, _describe(amounts, places, tiers), keys, amounts, places)


def _check(tiers: Sequence[TierRule]) -> None:
    if len(tiers) < 2 or any(tier.share <= 0 for tier in tiers):
        raise ValueError("a pyramid needs two tiers or more, each with a positive share")
    if sum(tier.share for tier in tiers) != WHOLE:
        raise ValueError(f"the shares of the tiers must add up to {WHOLE}")


def _can_carry(amounts: Integers) -> None:
    if not len(amounts):
        raise CannotCarry("no_customers", "there are no customers to rank")
    if amounts.max() <= 0:
        raise CannotCarry("no_value", "no customer has a positive value", customers=len(amounts))
    if len(amounts) > 1 and amounts.min() == amounts.max():
        raise CannotCarry("all_equal", "all customers have the same value", customers=len(amounts))


def _places(distinct: Integers, size: Integers, tiers: Sequence[TierRule], by: By) -> npt.NDArray[np.int64]:
    """The tier of each distinct value (falling). Whole numbers throughout, so that no edge depends on rounding."""
    weight = size if by == "number" else np.maximum(distinct, 0) * size
    before = np.cumsum(weight) - weight
    shares = np.cumsum([tier.share for tier in tiers])[:-1]
    whole = int(weight.sum())
    if by == "number":
        # The middle of a group of equals, doubled: its ranks run from before + 1 to before + size.
        middle = 2 * before + size + 1
        edges = [2 * -(-whole * int(share) // WHOLE) for share in shares]
        places = np.searchsorted(edges, middle, side="left")
    else:
        middle = 2 * before + weight
        edges = [2 * whole * int(share) // WHOLE for share in shares]
        places = np.searchsorted(edges, middle, side="left")
    return np.where(distinct > 0, places, len(tiers) - 1)


def _describe(amounts: Integers, places: npt.NDArray[np.int8], tiers: Sequence[TierRule]) -> tuple[Tier, ...]:
    size = np.bincount(places, minlength=len(tiers))
    worth = sums(amounts, places, len(tiers))
    positive = int(np.maximum(amounts, 0).sum())
    return tuple(
        Tier(
            rule=rule,
            customers=int(size[at]),
            value=int(worth[at]),
            share_of_customers=int(size[at]) / len(amounts),
            share_of_value=int(worth[at]) / positive,
            low=int(amounts[places == at].min()) if size[at] else None,
            high=int(amounts[places == at].max()) if size[at] else None,
        )
        for at, rule in enumerate(tiers)
    )
