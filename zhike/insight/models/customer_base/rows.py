"""Customers as a model sees them: equal (x, t_x, T) are one row with a count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhike.insight.models.customer_base.special import Floats
from zhike.insight.models.exact import Integers

Places = npt.NDArray[np.intp]

_LONGEST = 1e6


@dataclass(frozen=True)
class Coded:
    """Values as places in the rising list of distinct ones."""

    values: Floats
    at: Places


@dataclass(frozen=True)
class Rows:
    """Distinct rows in order of x, T, t_x: how many customers share each, x, and the codes of t_x and T."""

    count: Floats
    frequency: Integers
    recency: Coded
    age: Coded

    def __len__(self) -> int:
        return len(self.count)

    @property
    def customers(self) -> int:
        """All customers."""
        return int(self.count.sum())

    def every(self, step: int) -> Rows:
        """Each step-th row: near enough to the whole to start a search from."""
        part = slice(step // 2, None, step)
        return Rows(
            self.count[part],
            self.frequency[part],
            Coded(self.recency.values, self.recency.at[part]),
            Coded(self.age.values, self.age.at[part]),
        )


def grouped(frequency: Integers, recency: Floats, age: Floats, *, unit: float = 1.0) -> tuple[Rows, Places]:
    """Equal customers as one row, and for each customer the place of its row. `unit`: days in the unit of time."""
    times, ages = coded(recency, unit), coded(age, unit)
    key = (frequency * len(ages.values) + ages.at) * len(times.values) + times.at
    distinct, at, count = np.unique(key, return_inverse=True, return_counts=True)
    rest, time = np.divmod(distinct, len(times.values))
    x, whole = np.divmod(rest, len(ages.values))
    rows = Rows(
        count.astype(np.float64),
        x.astype(np.int64),
        Coded(times.values, time.astype(np.intp)),
        Coded(ages.values, whole.astype(np.intp)),
    )
    return rows, at.reshape(-1)


def coded(values: Floats, unit: float = 1.0) -> Coded:
    """Codes of times; whole days are looked up, anything else is sorted."""
    days = np.rint(values * unit)
    top = float(days.max(initial=0.0))
    if top > _LONGEST or not np.allclose(days, values * unit, rtol=0, atol=1e-6):
        distinct, at = np.unique(values, return_inverse=True)
        return Coded(distinct, at.reshape(-1).astype(np.intp))
    whole = days.astype(np.intp)
    seen = np.zeros(int(top) + 1, dtype=bool)
    seen[whole] = True
    places = np.cumsum(seen) - 1
    return Coded(np.flatnonzero(seen) / unit, places[whole])


def sums(at: npt.NDArray[np.integer], values: Floats, size: int = 0) -> Floats:
    """Sums of values by place."""
    return np.asarray(np.bincount(at, values, minlength=size), dtype=np.float64)
