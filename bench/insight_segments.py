"""Segments: k-prototypes of numbers alone and of mixed features, beside scikit-learn's k-means where it is installed.

Eight groups in ten numbers, overlapping a little. The floor of a division is one round of distances over all customers.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa

from bench.table import Row, median_seconds, peak_mib
from zhike.insight.models.churn import Features, features_of
from zhike.insight.models.segments import Points, fit_segments, prototypes
from zhike.insight.models.segments.prototypes import nearest

SIZES = {"small": (10**4, 10**5), "large": (10**4, 10**5, 10**6)}
NUMBERS = 10
GROUPS = 8


def run(size: str) -> Iterator[Row]:
    """Rows for each number of customers."""
    for customers in SIZES[size]:
        points = Points(_numbers(customers), np.zeros((customers, 0), dtype=np.int64), np.zeros(0), ())
        start = prototypes(points, GROUPS)
        peer = _peer(points)
        yield Row(
            f"k-means, {NUMBERS} numbers, k {GROUPS}",
            customers,
            _timed(partial(prototypes, points, GROUPS)),
            floor=_timed(partial(nearest, points, start.numbers, start.codes)),
            peer=_timed(peer) if peer else None,
            peer_name="scikit-learn" if peer else "",
            memory=peak_mib(),
        )
        features = _mixed(customers)
        yield Row(
            "segments of mixed features: choice of k, stability, names",
            customers,
            _timed(partial(fit_segments, features), repeat=1),
            memory=peak_mib(),
        )


def _numbers(size: int, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    random = np.random.default_rng(seed)
    middles = random.normal(size=(GROUPS, NUMBERS)) * 1.2
    return middles[random.integers(0, GROUPS, size)] + random.normal(size=(size, NUMBERS))


def _mixed(size: int, seed: int = 2) -> Features:
    """Four groups in five numbers and three categories, which agree with the group two times in three."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, 4, size)
    numbers = random.normal(size=(4, 5))[kind] * 2 + random.normal(size=(size, 5))
    columns = {f"x{at}": numbers[:, at] for at in range(5)}
    for at in range(3):
        codes = np.where(random.random(size) < 2 / 3, kind, random.integers(0, 4, size))
        columns[f"c{at}"] = np.array(["a", "b", "c", "d"])[codes]
    return features_of(pa.table({"customer_key": np.arange(size), **columns}))


def _peer(points: Points) -> Callable[[], object] | None:
    """As many starts where ours has them on all customers, else one."""
    if not importlib.util.find_spec("sklearn"):
        return None
    from sklearn.cluster import KMeans  # type: ignore[import-not-found,import-untyped,unused-ignore]

    starts = 8 if len(points) <= 20_000 else 1
    return lambda: KMeans(GROUPS, n_init=starts, random_state=1).fit(points.numbers)


def _timed(work: Callable[[], object], *, repeat: int = 3) -> float:
    return median_seconds(work, repeat=repeat, warm=0 if repeat == 1 else 1)
