"""How often two products lie in one basket: counted for all pairs at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from zhike.insight.models.baskets.data import Baskets
from zhike.insight.models.exact import Integers

_DENSE = 3000
_AT_ONCE = 1 << 20


def pair_counts(baskets: Baskets) -> Integers:
    """matrix[a, b], a < b, holds the baskets with both products; all else is 0.

    One pass over the pairs that occur, in blocks of baskets of one size, each block a stream of pair numbers that is
    counted by its histogram. Memory: 8 × (products)² bytes, so limit the products first when they are many.
    """
    width = len(baskets.items)
    totals = np.zeros(width * width, dtype=np.int64)
    for numbers in _pair_numbers(baskets, width):
        totals += np.bincount(numbers, minlength=width * width)
    return totals.reshape(width, width)


def _pair_numbers(baskets: Baskets, width: int) -> Iterator[Integers]:
    """The numbers a × width + b of all pairs in all baskets, in chunks that stay in the cache of the processor."""
    room = max(_AT_ONCE, 2 * width * width)
    buffer, filled = np.empty(room, dtype=np.int64), 0
    for block in _blocks(baskets, room):
        size = len(block)
        for first in range(size - 1):
            many = (size - 1 - first) * block.shape[1]
            if filled + many > room:
                yield buffer[:filled]
                filled = 0
            into = buffer[filled : filled + many].reshape(size - 1 - first, -1)
            np.add(block[first] * width, block[first + 1 :], out=into)
            filled += many
    yield buffer[:filled]


def _blocks(baskets: Baskets, room: int) -> Iterator[Integers]:
    """Baskets of equal size side by side, each a column: few rows of many columns each."""
    order = np.argsort(baskets.sizes, kind="stable")
    sizes, begins = np.unique(baskets.sizes[order], return_index=True)
    for size, begin, end in zip(sizes, begins, [*begins[1:], len(order)], strict=True):
        if size < 2:
            continue
        step = max(1, min(room // 4, _AT_ONCE) // int(size))
        for at in range(begin, end, step):
            starts = baskets.offsets[order[at : min(at + step, end)]]
            yield baskets.codes[starts + np.arange(size)[:, None]].astype(np.int64)


def frequent_pairs(baskets: Baskets, at_least: int) -> tuple[Integers, Integers, Integers]:
    """First, second (a < b) and count of the pairs in `at_least` baskets or more, in the order of their codes."""
    frequent = baskets.limited(int(np.count_nonzero(baskets.counts >= at_least)))
    width = len(frequent.items)
    if width <= _DENSE:
        matrix = pair_counts(frequent)
        first, second = np.nonzero(matrix >= at_least)
        return first, second, matrix[first, second]
    found = [_with(frequent, part, at_least) for part in _parts(frequent)]
    first, second, count = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(first * width + second)
    return first[order], second[order], count[order]


def _parts(baskets: Baskets) -> list[range]:
    width = len(baskets.items)
    step = max(1, _DENSE * _DENSE // width)
    return [range(at, min(at + step, width)) for at in range(0, width, step)]


def _with(baskets: Baskets, part: range, at_least: int) -> tuple[Integers, Integers, Integers]:
    """The frequent pairs whose first product is in `part`, where a matrix of all pairs would be too large."""
    width = len(baskets.items)
    totals = np.zeros(len(part) * width, dtype=np.int64)
    basket_end = np.repeat(baskets.offsets[1:], baskets.sizes)
    places = np.flatnonzero((baskets.codes >= part.start) & (baskets.codes < part.stop))
    apart = 1
    while len(places := places[places + apart < basket_end[places]]):
        numbers = (baskets.codes[places].astype(np.int64) - part.start) * width + baskets.codes[
            places + apart
        ]
        totals += np.bincount(numbers, minlength=len(totals))
        apart += 1
    found = np.flatnonzero(totals >= at_least)
    return found // width + part.start, found % width, totals[found]
