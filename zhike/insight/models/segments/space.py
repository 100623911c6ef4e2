"""Customers as points: numbers and categories brought to one scale, so that every feature counts alike.

A number that is never negative and very skewed (amounts) is taken by its logarithm; then numbers are centred on their
mean, divided by their standard deviation without the outermost hundredth on either side, and cut off at four of them,
so that one giant makes no segment of its own. A category differs or does not, with a weight that gives it the same
dispersion about its commonest value as a number has about its mean (Huang 1998, *Data Min. Knowl. Discov.* 2, leaves
the weight open).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.features import Features, Reader, reader
from zhike.insight.models.exact import Integers
from zhike.insight.types import CannotCarry

_SKEWED = 2.0
_FARTHEST = 4.0
_HEAVIEST = 4.0
_PRODUCT = 200_000
_BEYOND = 1e100


@dataclass(frozen=True)
class Points:
    """numbers: customers × numbers, scaled; codes: customers × categories, 0 where missing or unknown; weights: of the
    categories; widths: how many codes each has."""

    numbers: Floats
    codes: Integers
    weights: Floats
    widths: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def of(self, rows: Integers | slice) -> Points:
        """Only these."""
        return Points(self.numbers[rows], self.codes[rows], self.weights, self.widths)

    def distances(self, numbers: Floats, codes: Integers) -> Floats:
        """Squared distances from each point to each prototype: Euclid's of the numbers, and weights where categories
        differ."""
        by_mark = np.repeat(self.weights, self.widths)
        middles = np.column_stack([-2 * numbers, -self._marked(codes) * by_mark]).T
        found = np.empty((len(self), len(numbers)))
        # Small products, which no library shares out among threads: these wait for each other where others use the
        # processors too.
        step = max(_PRODUCT // max(middles.size, 1), 1)
        for start in range(0, len(self), step):
            np.matmul(self._joined[start : start + step], middles, out=found[start : start + step])
        found += self._own
        found += (numbers**2).sum(axis=1)
        return np.maximum(found, 0.0, out=found)

    @cached_property
    def _joined(self) -> Floats:
        """Numbers, and a column of 0 and 1 for each code of each category: a distance is then one product."""
        return np.column_stack([self.numbers, self._marked(self.codes)])

    @cached_property
    def _own(self) -> Floats:
        return np.asarray((self.numbers**2).sum(axis=1)[:, None] + self.weights.sum())

    def _marked(self, codes: Integers) -> Floats:
        starts = np.cumsum([0, *self.widths])
        found = np.zeros((len(codes), starts[-1]))
        rows = np.arange(len(codes))
        for at, column in enumerate(codes.T):
            found[rows, starts[at] + column] = 1.0
        return found


@dataclass(frozen=True)
class Space:
    """How features become points: for each number of the reader whether by its logarithm, its centre and its scale; for
    each category its weight."""

    reader: Reader
    logs: tuple[bool, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]

    @property
    def number_names(self) -> tuple[str, ...]:
        """Names of the numbers."""
        pairs = zip(self.reader.names, self.reader.categories, strict=True)
        return tuple(name for name, known in pairs if known is None)

    @property
    def category_names(self) -> tuple[str, ...]:
        """Names of the categories."""
        pairs = zip(self.reader.names, self.reader.categories, strict=True)
        return tuple(name for name, known in pairs if known is not None)

    def points(self, features: Features) -> Points:
        """The customers as points; a missing number lies at the centre."""
        matrix = self.reader.matrix(features)
        is_number = np.array([known is None for known in self.reader.categories])
        raw = matrix[:, is_number]
        numbers = np.empty_like(raw)
        for at, (log, centre, scale) in enumerate(zip(self.logs, self.centres, self.scales, strict=True)):
            numbers[:, at] = np.clip((_logged(raw[:, at], log) - centre) / scale, -_FARTHEST, _FARTHEST)
        codes = matrix[:, ~is_number].astype(np.int64) + 1
        widths = tuple(len(known) + 1 for known in self.reader.categories if known is not None)
        return Points(np.nan_to_num(numbers, nan=0.0), codes, np.array(self.weights), widths)


def space_of(features: Features) -> Space:
    """The space these customers span. Raises CannotCarry: constant_features when nothing varies, absurd_amounts."""
    known = reader(features, np.ones(len(features), dtype=bool))
    matrix = known.matrix(features)
    logs, centres, scales, weights = [], [], [], []
    for at, categories in enumerate(known.categories):
        values = matrix[:, at]
        if categories is None:
            some = values[~np.isnan(values)]
            if np.abs(some).max() > _BEYOND:
                name = known.names[at]
                raise CannotCarry("absurd_amounts", f"{name}: has values beyond all amounts", feature=name)
            log = bool(some.min() >= 0 and _skewness(some) > _SKEWED)
            inner = np.clip(_logged(some, log), *np.quantile(_logged(some, log), (0.01, 0.99)))
            spread = float(inner.std()) or float(_logged(some, log).std()) or 1.0
            logs.append(log)
            centres.append(float(inner.mean()))
            scales.append(spread)
        else:
            commonest = np.bincount(values.astype(np.int64) + 1).max() / len(values)
            weights.append(min(1 / (1 - commonest), _HEAVIEST) if commonest < 1 else 0.0)
    return Space(known, tuple(logs), tuple(centres), tuple(scales), tuple(weights))


def _logged(values: Floats, log: bool) -> Floats:
    return np.log1p(np.maximum(values, 0.0)) if log else values


def _skewness(values: Floats) -> float:
    spread = values.std()
    return float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
