"""Frequent itemsets: all sets of products that enough baskets hold.

Pairs are counted all at once by their histogram. Larger sets are grown depth first on bitmaps (Eclat: Zaki 2000,
*IEEE TKDE* 12(3)), for each first product on the baskets that hold it only, and only by products that are frequent
with every member (the property of Agrawal & Srikant 1994 on pairs).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.baskets.data import Baskets, Codes, ragged
from zhike.insight.models.baskets.pairs import frequent_pairs
from zhike.insight.models.exact import Integers
from zhike.insight.types import CannotCarry

_BLOCK = 1 << 16

Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Level:
    """All frequent sets of one size in the order of their codes: `parents` is the place of each without its last
    product in the level below, `last` that product, `counts` the baskets."""

    parents: Integers
    last: Integers
    counts: Integers


@dataclass(frozen=True)
class Itemsets:
    """The answer. levels[0] holds single products; `at_least` is the fewest baskets of a frequent set; `counted` says
    for each size how many sets were looked at, also where none of that size is frequent."""

    items: tuple[str, ...]
    baskets: int
    at_least: int
    levels: tuple[Level, ...]
    counted: tuple[int, ...]

    def __len__(self) -> int:
        return sum(len(level.last) for level in self.levels)

    def members(self, size: int) -> Integers:
        """The codes of all frequent sets of this size, a row each, rising."""
        level = self.levels[size - 1]
        if size == 1:
            return level.last[:, None]
        return np.column_stack([self.members(size - 1)[level.parents], level.last])

    def places(self, sets: Integers) -> Integers:
        """Where the sets (rows of rising codes) stand in their level. Every one of them must be frequent."""
        at: Integers = sets[:, 0]
        for depth in range(1, sets.shape[1]):
            at = np.searchsorted(self._keys[depth], at * len(self.items) + sets[:, depth])
        return at

    def counts(self, sets: Integers) -> Integers:
        """The baskets that hold each of these frequent sets (rows of rising codes)."""
        found: Integers = self.levels[sets.shape[1] - 1].counts[self.places(sets)]
        return found

    @cached_property
    def _keys(self) -> tuple[Integers, ...]:
        return tuple(level.parents * len(self.items) + level.last for level in self.levels)

    @cached_property
    def table(self) -> pa.Table:
        """items (list), size, baskets, support; the most frequent first."""
        parts = [self.members(size + 1) for size in range(len(self.levels))]
        flat = np.concatenate([part.ravel() for part in parts])
        sizes = np.repeat(np.arange(1, len(parts) + 1), [len(part) for part in parts])
        names = pa.array(self.items).take(pa.array(flat))
        offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
        counts = np.concatenate([level.counts for level in self.levels])
        columns = {
            "items": pa.ListArray.from_arrays(offsets, names),
            "size": sizes,
            "baskets": counts,
            "support": counts / self.baskets,
        }
        return pa.table(columns).take(pa.array(np.argsort(-counts, kind="stable")))


def itemsets(baskets: Baskets, *, support: float = 0.01, longest: int = 5, most: int = 1_000_000) -> Itemsets:
    """All sets of at most `longest` products that at least the share `support` of the baskets hold.

    Empty baskets count as baskets. Raises ValueError for a support outside (0, 1]; CannotCarry when no product is that
    frequent, or when more than `most` sets are.
    """
    if not 0 < support <= 1:
        raise ValueError("support must lie above 0 and not above 1")
    if longest < 1:
        raise ValueError("longest must be 1 or more")
    # The tolerance keeps 0.1 of 30 baskets at 3, whatever the last binary digit says.
    at_least = max(1, int(np.ceil(support * len(baskets) * (1 - 1e-12))))
    frequent = baskets.limited(int(np.count_nonzero(baskets.counts >= at_least)))
    if not frequent.items:
        message = f"no product is in {support:.2%} of the {len(baskets)} baskets"
        raise CannotCarry("no_frequent_items", message, baskets=len(baskets), at_least=at_least)
    search = _Search(frequent, at_least, longest, most)
    search.run()
    return Itemsets(frequent.items, len(baskets), at_least, tuple(search.levels()), search.looked_at())


class _Search:
    """The state of one search: for each size from 2 on the found sets in pieces, in the order of their codes."""

    def __init__(self, baskets: Baskets, at_least: int, longest: int, most: int) -> None:
        self.baskets = baskets
        self.at_least = at_least
        self.longest = longest
        self.most = most
        self.pairs = np.zeros(0, dtype=np.int64)
        self.found: dict[int, list[tuple[Integers, Integers, Integers]]] = defaultdict(list)
        self.filled: Counter[int] = Counter()
        self.counted: Counter[int] = Counter()

    def run(self) -> None:
        """Finds all."""
        width = len(self.baskets.items)
        self.filled[1] = width
        if self.longest == 1 or width == 1:
            return
        first, second, counts = frequent_pairs(self.baskets, self.at_least)
        self.pairs = first * width + second
        self._keep(2, first, second, counts, counted=width * (width - 1) // 2)
        for place, code, partners in self._fertile(first, second) if self.longest > 2 else ():
            self._grow(place + np.arange(len(partners)), partners, self._bitmaps(code, partners), 2)

    def levels(self) -> Iterator[Level]:
        """What was found, smallest sets first."""
        singles = np.arange(len(self.baskets.items))
        yield Level(np.zeros(len(singles), np.int64), singles, self.baskets.counts)
        for size in sorted(self.found):
            parents, last, counts = (np.concatenate(column) for column in zip(*self.found[size], strict=True))
            if len(last):
                yield Level(parents, last, counts)

    def looked_at(self) -> tuple[int, ...]:
        """Sets counted, by size from 1 on."""
        return (len(self.baskets.items), *(self.counted[size] for size in sorted(self.counted)))

    def _fertile(self, first: Integers, second: Integers) -> Iterator[tuple[int, int, Integers]]:
        """First products with more than one partner: the place of their first pair, their code, their partners."""
        codes, begins, sizes = np.unique(first, return_index=True, return_counts=True)
        for code, begin, size in zip(codes.tolist(), begins.tolist(), sizes.tolist(), strict=True):
            if size > 1:
                yield begin, code, second[begin : begin + size]

    def _grow(self, places: Integers, last: Integers, bits: Bits, size: int) -> None:
        """Extends each of the sets that differ in their last product only by those that come after it.

        places: of these sets in their level; bits: for each, the baskets that hold it.
        """
        for at in range(len(last) - 1):
            later = np.arange(at + 1, len(last))
            later = later[self._are_pairs(last[at], last[later])]
            if not len(later):
                continue
            together = bits[later] & bits[at]
            counts = np.bitwise_count(together).sum(axis=1, dtype=np.int64)
            kept = counts >= self.at_least
            later, counts = later[kept], counts[kept]
            parents = np.full(len(later), places[at])
            begin = self._keep(size + 1, parents, last[later], counts, counted=len(kept))
            if len(later) > 1 and size + 1 < self.longest:
                self._grow(begin + np.arange(len(later)), last[later], together[kept], size + 1)

    def _are_pairs(self, one: int, others: Integers) -> npt.NDArray[np.bool_]:
        keys = one * len(self.baskets.items) + others
        at = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        return np.asarray(self.pairs[at] == keys)

    def _keep(self, size: int, parents: Integers, last: Integers, counts: Integers, *, counted: int) -> int:
        """Keeps sets and returns the place of the first in its level."""
        begin = self.filled[size]
        self.filled[size] += len(last)
        self.counted[size] += counted
        self.found[size].append((parents, last, counts))
        if self.filled.total() > self.most:
            message = f"more than {self.most} sets are frequent: ask for a higher support or shorter sets"
            raise CannotCarry("too_many_itemsets", message, at_least=self.at_least, most=self.most)
        return begin

    def _bitmaps(self, code: int, partners: Integers) -> Bits:
        """For each partner, which of the baskets with product `code` hold it: a bit for each such basket."""
        rows = self._holders[self._begins[code] : self._begins[code + 1]]
        line = np.full(len(self.baskets.items), -1)
        line[partners] = np.arange(len(partners))
        blocks = (rows[at : at + _BLOCK] for at in range(0, len(rows), _BLOCK))
        return np.concatenate([self._block(block, line, len(partners)) for block in blocks], axis=1)

    def _block(self, rows: Codes, line: Integers, lines: int) -> Bits:
        sizes = self.baskets.sizes[rows]
        codes = self.baskets.codes[ragged(self.baskets.offsets[rows], sizes)]
        lines_of, columns = line[codes], np.repeat(np.arange(len(rows)), sizes)
        wanted = lines_of >= 0
        flags = np.zeros((lines, -(-len(rows) // 64) * 64), dtype=bool)
        flags[lines_of[wanted], columns[wanted]] = True
        return np.packbits(flags, axis=1).view(np.uint64)

    @cached_property
    def _begins(self) -> Integers:
        return np.concatenate([[0], np.cumsum(self.baskets.counts)])

    @cached_property
    def _holders(self) -> Codes:
        """The baskets of each product, one product after the other."""
        codes = self.baskets.codes
        narrow = codes.astype(np.int16) if len(self.baskets.items) < 1 << 15 else codes
        basket = np.repeat(np.arange(len(self.baskets), dtype=np.int32), self.baskets.sizes)
        return basket[np.argsort(narrow, kind="stable")]
