"""From purchases to what the models need of each customer: repeat purchases x, their last t_x, time seen T, money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.customer_base.rows import Places, Rows, grouped
from zhike.insight.models.customer_base.special import Floats
from zhike.insight.models.exact import EXACT, Integers, counts, decimals
from zhike.insight.models.spending import Purchases, ask, check_purchases, inside, relation
from zhike.insight.sql import quoted
from zhike.insight.types import CannotCarry, Days

DAY, WEEK, MONTH, YEAR = 1.0, 7.0, 365.25 / 12, 365.25
_MOST = 10_000_000


@dataclass(frozen=True)
class Summary:
    """One entry per customer, in arrays of equal length; times in units of `unit` days.

    frequency x: repeat purchases (the first does not count); recency t_x: time from the first to the last purchase;
    age T: time from the first purchase to the last day seen; money: net amount after the first purchase, in 1/10,000
    of the currency. `left_out` further customers only brought goods back or paid nothing. `last`: the last day seen.
    """

    customers: pa.Array
    frequency: Integers
    recency: Floats
    age: Floats
    money: Integers
    unit: float = WEEK
    last: date | None = None
    left_out: int = 0

    def __post_init__(self) -> None:
        _check(self)

    def __len__(self) -> int:
        return len(self.frequency)

    @cached_property
    def _grouped(self) -> tuple[Rows, Places]:
        return grouped(self.frequency, self.recency, self.age, unit=self.unit)

    @property
    def rows(self) -> Rows:
        """Distinct (x, t_x, T) with their counts."""
        return self._grouped[0]

    @property
    def row_of(self) -> Places:
        """The place of each customer's row."""
        return self._grouped[1]

    @cached_property
    def table(self) -> pa.Table:
        """customer_key, frequency, recency, age, money (decimal)."""
        return pa.table(
            {
                "customer_key": self.customers,
                "frequency": self.frequency,
                "recency": self.recency,
                "age": self.age,
                "money": decimals(self.money),
            }
        )

    def first_dates(self) -> npt.NDArray[np.datetime64]:
        """The day of each first purchase. Raises ValueError when the last day seen is not known."""
        if self.last is None:
            raise ValueError("the summary does not say which its last day was")
        days = np.rint(self.age * self.unit).astype("timedelta64[D]")
        return np.datetime64(self.last, "D") - days


def summarise(
    purchases: Purchases,
    *,
    period: Days,
    unit: float = WEEK,
    currency: str | None = None,
    acquired: Days | None = None,
    free: bool = False,
) -> Summary:
    """Sums up the purchases of a period by customer, as seen on its last day.

    Purchases are lines or documents with customer_key, occurred_date, amount (Arrow, Ibis or DuckDB; see `spending`).
    All that a customer buys on one day is one purchase when its net amount is positive (`free`: or zero); returns lower
    the money of their customer. The period must hold each customer's first purchase: give the history from its start,
    and `acquired` to keep only customers who came in a part of it.
    Raises CannotCarry when nobody bought, or in several currencies and none was chosen; ValueError for a wrong unit.
    """
    if not unit > 0:
        raise ValueError("the unit of time must be positive")
    data = relation(purchases)
    check_purchases(data, period, currency)
    found = ask(data, _by_customer(period, currency, acquired, free))
    bought = found.filter(found["frequency"].is_valid())
    if not bought.num_rows:
        raise CannotCarry("no_purchases", "nobody bought anything in the period", customers=found.num_rows)
    return Summary(
        customers=bought["customer_key"].combine_chunks(),
        frequency=bought["frequency"].to_numpy(),
        recency=bought["recency"].to_numpy() / unit,
        age=bought["age"].to_numpy() / unit,
        money=counts(bought["money"]),
        unit=unit,
        last=period.end - timedelta(days=1),
        left_out=found.num_rows - bought.num_rows,
    )


def summary_of(
    frequency: Sequence[int] | npt.NDArray[np.integer],
    recency: Sequence[float] | Floats,
    age: Sequence[float] | Floats,
    *,
    average: Sequence[float] | Floats | None = None,
    customers: pa.Array | None = None,
    unit: float = WEEK,
    last: date | None = None,
) -> Summary:
    """A summary made elsewhere. `average` is the mean amount of a repeat purchase in the currency (any for x = 0).

    Raises ValueError naming the column for what cannot be: negative or missing values, t_x beyond T, a repeat purchase
    at the moment of the first.
    """
    x = np.asarray(frequency)
    if not np.issubdtype(x.dtype, np.integer):
        raise ValueError("frequency: must be whole numbers")
    money = np.zeros(len(x)) if average is None else np.asarray(average, dtype=np.float64) * x * EXACT
    if not np.isfinite(money).all() or np.abs(money).max(initial=0) > 2**62:
        raise ValueError("average: missing or beyond all amounts")
    return Summary(
        customers=pa.array(np.arange(len(x))) if customers is None else customers,
        frequency=x.astype(np.int64),
        recency=np.asarray(recency, dtype=np.float64),
        age=np.asarray(age, dtype=np.float64),
        money=np.rint(money).astype(np.int64),
        unit=unit,
        last=last,
    )


def _check(summary: Summary) -> None:
    x, recency, age = summary.frequency, summary.recency, summary.age
    if not len(x) == len(recency) == len(age) == len(summary.money) == len(summary.customers):
        raise ValueError("the columns of a summary must be of one length")
    # Times come rounded: hundredths of a week must not make the last purchase lie after the end.
    slack = 1e-9 * (1 + age)
    wrong = {
        "frequency: negative, or beyond ten million": (x < 0) | (x > _MOST),
        "age: negative or missing": ~(np.isfinite(age) & (age >= 0)),
        "recency: negative, missing, or beyond age": ~((recency >= 0) & (recency <= age + slack)),
        "recency: must be zero exactly where nothing was bought again": (x > 0) != (recency > 0),
    }
    for name, found in wrong.items():
        if found.any():
            raise ValueError(f"{name} ({int(found.sum())} of {len(x)} customers)")


def purchase_days(
    purchases: Purchases, period: Days, currency: str | None, free: bool
) -> tuple[Integers, Integers]:
    """Customer and day (since 1970-01-01) of each purchase, as `summarise` counts them."""
    sql = f"""SELECT customer_key, datediff('day', DATE '1970-01-01', occurred_date) AS day
              FROM ({_by_day(period, currency)}) WHERE {_is_purchase(free)}"""  # noqa: S608
    found = ask(relation(purchases), sql)
    return found["customer_key"].to_numpy(), found["day"].to_numpy()


def _is_purchase(free: bool) -> str:
    return "net >= 0" if free else "net > 0"


def _by_day(period: Days, currency: str | None) -> str:
    within = f"customer_key IS NOT NULL AND {inside(period)}"
    if currency is not None:
        within += f" AND currency = {quoted(currency)}"
    return f"""SELECT customer_key, occurred_date, sum(CAST(amount AS DECIMAL(18,4))) AS net
               FROM purchases WHERE {within} GROUP BY customer_key, occurred_date"""  # noqa: S608


def _by_customer(period: Days, currency: str | None, acquired: Days | None, free: bool) -> str:
    bought = _is_purchase(free)
    first, last = f"min(occurred_date) FILTER ({bought})", f"max(occurred_date) FILTER ({bought})"
    came = (
        f"HAVING {first} >= DATE '{acquired.start}' AND {first} < DATE '{acquired.end}'" if acquired else ""
    )
    return f"""SELECT customer_key,
                      nullif(count(*) FILTER ({bought}), 0) - 1 AS frequency,
                      datediff('day', {first}, {last}) AS recency,
                      datediff('day', {first}, DATE '{period.end}') - 1 AS age,
                      CAST(sum(net) - arg_min(net, occurred_date) FILTER ({bought}) AS DECIMAL(18,4)) AS money
               FROM ({_by_day(period, currency)}) GROUP BY customer_key {came}"""  # noqa: S608
