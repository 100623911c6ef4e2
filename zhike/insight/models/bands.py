"""Cutting a measure into numbered bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from zhike.insight.models.exact import Integers

Bands = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Band:
    """One band: `number` 1 is the worst. Its values run from `low` to `high`, both included; None where nobody is."""

    number: int
    low: int | None
    high: int | None
    customers: int
    money: int


def quantile_cuts(values: Integers, bands: int) -> Integers:
    """The highest value of each band but the last, at the quantiles k/bands (the inverse of the distribution function,
    type 1 of Hyndman & Fan 1996): equal values never part, so bands differ in size where many values are equal."""
    places = [-(-len(values) * k // bands) - 1 for k in range(1, bands)]
    return np.partition(values, places)[places]


def cut(values: Integers, cuts: Sequence[int] | Integers, *, falling: bool = False) -> Bands:
    """The band of each value: 1 + the number of cuts below it. `falling` makes small values the best."""
    numbers = np.ones(len(values), dtype=np.int8)
    for edge in cuts:
        numbers += values > edge
    return np.int8(len(cuts) + 2) - numbers if falling else numbers


def check_cuts(cuts: Sequence[int], bands: int, name: str) -> None:
    """Raises ValueError unless there are `bands` − 1 rising cuts."""
    if len(cuts) != bands - 1 or any(low >= high for low, high in pairwise(cuts)):
        raise ValueError(f"{name}: {bands} bands need {bands - 1} rising cuts")


def describe(values: Integers, numbers: Bands, money: Integers, bands: int) -> tuple[Band, ...]:
    """Each band with its edges, customers and money."""
    size = np.bincount(numbers, minlength=bands + 1)
    low = np.full(bands + 1, np.iinfo(np.int64).max)
    high = np.full(bands + 1, np.iinfo(np.int64).min)
    np.minimum.at(low, numbers, values)
    np.maximum.at(high, numbers, values)
    worth = sums(money, numbers, bands + 1)
    return tuple(
        Band(
            number=k,
            low=int(low[k]) if size[k] else None,
            high=int(high[k]) if size[k] else None,
            customers=int(size[k]),
            money=int(worth[k]),
        )
        for k in range(1, bands + 1)
    )


def sums(values: Integers, groups: npt.NDArray[np.integer], size: int) -> Integers:
    """Exact sums of whole numbers by group."""
    totals = np.zeros(size, dtype=np.int64)
    np.add.at(totals, groups, values)
    return totals
