"""Chance that comes from the seed alone: one stream for each purpose, so that no part disturbs another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar
from zlib import crc32

import numpy as np

Item = TypeVar("Item")


def dice(seed: int, *purpose: str | int) -> Random:
    """A stream of chance for one purpose."""
    return Random(":".join(map(str, (seed, *purpose))))  # noqa: S311 (made-up data, no secret)


def numbers(seed: int, purpose: str, *more: int) -> np.random.Generator:
    """A stream of chance for whole arrays."""
    return np.random.default_rng([seed, crc32(purpose.encode()), *more])


@dataclass(frozen=True, slots=True)
class Weighted(Generic[Item]):
    """Items of which some are drawn more often than others."""

    items: Sequence[Item]
    sums: Sequence[float]

    @classmethod
    def of(cls, items: Sequence[Item], weights: Sequence[float]) -> Weighted[Item]:
        """Items with a weight for each."""
        return cls(items, tuple(accumulate(weights)))

    def draw(self, by: Random) -> Item:
        """One of the items."""
        return by.choices(self.items, cum_weights=self.sums)[0]
