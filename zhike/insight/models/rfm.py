"""RFM: recency, frequency and money of each customer, in bands, cells and types.

R is the number of days since the last purchase (small is good), F the number of purchases and M the net amount in the
period (Hughes 1994, *Strategic Database Marketing*; bands by quantiles as there, by fixed cuts for houses that want
bands to mean the same every month). The eight types are those of Chinese practice: each of R, F, M above the average
band or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.bands import Band, Bands, check_cuts, cut, describe, quantile_cuts, sums
from zhike.insight.models.exact import Integers, decimals
from zhike.insight.models.spending import Frequency, Grain, Purchases, Spending, spending
from zhike.insight.types import Days

Measure = Literal["recency", "frequency", "money"]
MEASURES: tuple[Measure, ...] = ("recency", "frequency", "money")


class CustomerType(Enum):
    """Type by whether M, R and F stand above the average band; the order is the order of importance."""

    IMPORTANT_VALUE = ("Important value customer", "重要价值客户", True, True, True)
    IMPORTANT_DEVELOP = ("Important customer to develop", "重要发展客户", True, True, False)
    IMPORTANT_KEEP = ("Important customer to keep", "重要保持客户", True, False, True)
    IMPORTANT_WIN_BACK = ("Important customer to win back", "重要挽留客户", True, False, False)
    GENERAL_VALUE = ("General value customer", "一般价值客户", False, True, True)
    GENERAL_DEVELOP = ("General customer to develop", "一般发展客户", False, True, False)
    GENERAL_KEEP = ("General customer to keep", "一般保持客户", False, False, True)
    GENERAL_WIN_BACK = ("General customer to win back", "一般挽留客户", False, False, False)

    def __init__(self, en: str, zh: str, money: bool, recency: bool, frequency: bool) -> None:
        self.en = en
        self.zh = zh
        self.high = (money, recency, frequency)

    @property
    def code(self) -> str:
        """A stable name, such as important_value."""
        return self.name.lower()


TYPES: tuple[CustomerType, ...] = tuple(CustomerType)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the R×F map: its customers and their net amount in 1/10,000 of the currency."""

    recency: int
    frequency: int
    customers: int
    money: int


@dataclass(frozen=True, slots=True)
class TypeCount:
    """The customers of one type and their net amount in 1/10,000 of the currency."""

    type: CustomerType
    customers: int
    money: int


@dataclass(frozen=True)
class Rfm:
    """The answer. Arrays are of equal length, one entry per customer; `edges` say what each band means.

    `left_out` customers took part in the period but bought nothing net (only returns, or nothing paid).
    `thresholds` are the average bands that the types compare with.
    """

    as_of: date
    period: Days
    bands: int
    customers: pa.Array
    values: Mapping[Measure, Integers]
    numbers: Mapping[Measure, Bands]
    score: npt.NDArray[np.float64]
    types: npt.NDArray[np.int8]
    edges: Mapping[Measure, tuple[Band, ...]]
    cuts: Mapping[Measure, tuple[int, ...]]
    thresholds: Mapping[Measure, float]
    cells: tuple[Cell, ...]
    by_type: tuple[TypeCount, ...]
    left_out: int

    @cached_property
    def table(self) -> pa.Table:
        """customer_key, recency (days), frequency, money, r, f, m, code ("545"), score, type (code)."""
        r, f, m = (self.numbers[measure].astype(np.int32) for measure in MEASURES)
        return pa.table(
            {
                "customer_key": self.customers,
                "recency": self.values["recency"],
                "frequency": self.values["frequency"],
                "money": decimals(self.values["money"]),
                "r": r,
                "f": f,
                "m": m,
                "code": pa.array(r * 100 + f * 10 + m).cast(pa.string()),
                "score": self.score,
                "type": pa.DictionaryArray.from_arrays(self.types, [kind.code for kind in TYPES]),
            }
        )

    def customers_in(
        self,
        *,
        recency: int | None = None,
        frequency: int | None = None,
        money: int | None = None,
        type: CustomerType | None = None,
    ) -> pa.Array:
        """The customers behind a figure: those in the given bands and of the given type."""
        chosen = np.ones(len(self.types), dtype=bool)
        for measure, number in zip(MEASURES, (recency, frequency, money), strict=True):
            if number is not None:
                chosen &= self.numbers[measure] == number
        if type is not None:
            chosen &= self.types == TYPES.index(type)
        return self.customers.filter(pa.array(chosen))


def rfm(
    purchases: Purchases,
    *,
    as_of: date,
    period: Days,
    bands: int = 5,
    method: Literal["quantile", "fixed"] = "quantile",
    cuts: Mapping[Measure, Sequence[int]] | None = None,
    weights: tuple[float, float, float] = (1, 1, 1),
    frequency: Frequency = "documents",
    grain: Grain = "line",
    currency: str | None = None,
) -> Rfm:
    """RFM of every customer who bought in the period, as seen on the day `as_of`; see `spending` for what counts.

    bands: 2 to 9, the best has the highest number. method: "quantile" puts equally many customers into each band as
    far as equal values allow; "fixed" takes `cuts`, for each measure the highest value of each band but the last in
    rising order (recency in days, money in 1/10,000 of the currency).
    weights: of R, F, M in `score`, the weighted mean band. Raises CannotCarry, ValueError.
    """
    _check(bands, method, cuts, weights)
    bought = spending(
        purchases, as_of=as_of, period=period, frequency=frequency, grain=grain, currency=currency
    )
    values: dict[Measure, Integers] = {
        "recency": bought.recency,
        "frequency": bought.frequency,
        "money": bought.money,
    }
    given = cuts or {measure: quantile_cuts(values[measure], bands).tolist() for measure in MEASURES}
    chosen = {measure: tuple(given[measure]) for measure in MEASURES}
    return _result(bought, values, chosen, as_of, period, bands, weights)


def _result(
    bought: Spending,
    values: Mapping[Measure, Integers],
    cuts: Mapping[Measure, tuple[int, ...]],
    as_of: date,
    period: Days,
    bands: int,
    weights: tuple[float, float, float],
) -> Rfm:
    numbers = {m: cut(values[m], cuts[m], falling=m == "recency") for m in MEASURES}
    thresholds = {m: float(numbers[m].mean(dtype=np.float64)) for m in MEASURES}
    types = _types(numbers, thresholds)
    return Rfm(
        as_of=as_of,
        period=period,
        bands=bands,
        customers=bought.customers,
        values=values,
        numbers=numbers,
        score=np.average([numbers[m] for m in MEASURES], axis=0, weights=weights),
        types=types,
        edges={m: describe(values[m], numbers[m], bought.money, bands) for m in MEASURES},
        cuts=cuts,
        thresholds=thresholds,
        cells=_cells(numbers, bought.money, bands),
        by_type=_by_type(types, bought.money),
        left_out=bought.left_out,
    )


def _check(
    bands: int,
    method: str,
    cuts: Mapping[Measure, Sequence[int]] | None,
    weights: tuple[float, float, float],
) -> None:
    if not 2 <= bands <= 9:
        raise ValueError("bands must be 2 to 9")
    if (method == "fixed") != (cuts is not None):
        raise ValueError("cuts belong to the method fixed, and only to it")
    for measure in MEASURES if cuts is not None else ():
        check_cuts((cuts or {}).get(measure, ()), bands, measure)
    if min(weights) < 0 or sum(weights) <= 0:
        raise ValueError("weights must not be negative, nor all zero")


def _types(numbers: Mapping[Measure, Bands], thresholds: Mapping[Measure, float]) -> npt.NDArray[np.int8]:
    """The place of each customer's type in TYPES, whose order counts down M, R, F as bits."""
    high = [numbers[m] > thresholds[m] for m in ("money", "recency", "frequency")]
    bits = high[0].astype(np.int8) * np.int8(4) + high[1] * np.int8(2) + high[2]
    return (7 - bits).astype(np.int8)


def _cells(numbers: Mapping[Measure, Bands], money: Integers, bands: int) -> tuple[Cell, ...]:
    place = (numbers["recency"].astype(np.intp) - 1) * bands + numbers["frequency"] - 1
    customers = np.bincount(place, minlength=bands * bands)
    worth = sums(money, place, bands * bands)
    return tuple(
        Cell(at // bands + 1, at % bands + 1, int(customers[at]), int(worth[at]))
        for at in range(bands * bands)
    )


def _by_type(types: npt.NDArray[np.int8], money: Integers) -> tuple[TypeCount, ...]:
    customers = np.bincount(types, minlength=len(TYPES))
    worth = sums(money, types, len(TYPES))
    return tuple(TypeCount(kind, int(customers[at]), int(worth[at])) for at, kind in enumerate(TYPES))
