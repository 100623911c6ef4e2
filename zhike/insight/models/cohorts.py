"""Cohorts: customers by the month, quarter or year of their first purchase, and what became of them since.

The triangle has a row for each cohort and a column for each age, in the same steps: age 0 is the step of the first
purchase. What lies in the future is not 0 but unknown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats, wilson
from zhike.insight.models.exact import EXACT, Integers, counts, decimals
from zhike.insight.models.spending import (
    NEEDED,
    Grain,
    Purchases,
    ask,
    check_currency,
    relation,
    require_columns,
)
from zhike.insight.sql import quoted
from zhike.insight.types import CannotCarry, Days

Step = Literal["month", "quarter", "year"]
Flags = npt.NDArray[np.bool_]

_MONTHS: dict[Step, int] = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Cohorts:
    """The answer; matrices are cohorts × ages.

    starts: first day of each cohort; sizes: its customers. active: customers who bought at this age; money: net amount
    at this age in 1/10,000 of the currency, returns counted where they happened. seen: whether the step has ended by
    `as_of`; running: it has begun and not ended, so that its figures are not yet whole. Elsewhere all is 0.
    `left_out` customers only brought goods back or paid nothing.
    """

    as_of: date
    step: Step
    starts: tuple[date, ...]
    sizes: Integers
    active: Integers
    money: Integers
    seen: Flags
    running: Flags
    left_out: int

    @property
    def known(self) -> Flags:
        """Steps that have begun."""
        return self.seen | self.running

    @cached_property
    def retention(self) -> Floats:
        """Share of each cohort that bought at each age; not a number where unknown."""
        return self._per(self.active, self.sizes[:, None])

    def retention_interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Wilson's interval of the retention; not a number where unknown."""
        there = self.known & (self.sizes[:, None] > 0)
        whole = np.where(there, self.sizes[:, None], 1)
        low, high = wilson(self.active, whole, level)
        return np.where(there, low, np.nan), np.where(there, high, np.nan)

    @cached_property
    def money_per_customer(self) -> Floats:
        """Net amount at each age per customer of the cohort, whether they bought or not, in the currency."""
        return self._per(self.money / EXACT, self.sizes[:, None])

    @cached_property
    def money_per_buyer(self) -> Floats:
        """Net amount at each age per customer who bought then, in the currency; not a number where nobody did."""
        return self._per(self.money / EXACT, self.active)

    @cached_property
    def money_so_far(self) -> Floats:
        """Net amount per customer of the cohort from the first purchase to the end of each age, in the currency."""
        return self._per(np.cumsum(self.money, axis=1) / EXACT, self.sizes[:, None])

    @cached_property
    def mean_retention(self) -> Floats:
        """Retention by age over all cohorts whose step of that age has ended, each customer counting alike."""
        whole = (self.sizes[:, None] * self.seen).sum(axis=0)
        bought = (self.active * self.seen).sum(axis=0)
        mean: Floats = np.divide(bought, whole, out=np.full(len(whole), np.nan), where=whole > 0)
        return mean

    @cached_property
    def table(self) -> pa.Table:
        """One row for each known cell: cohort, age, size, customers, retention with interval, money, and averages;
        empty where there was nobody."""
        at = np.nonzero(self.known)
        low, high = self.retention_interval()
        return pa.table(
            {
                "cohort": pa.array(self.starts).take(pa.array(at[0])),
                "age": at[1],
                "size": self.sizes[at[0]],
                "customers": self.active[at],
                "retention": _or_null(self.retention[at]),
                "retention_low": _or_null(low[at]),
                "retention_high": _or_null(high[at]),
                "money": decimals(self.money[at]),
                "money_per_customer": _or_null(self.money_per_customer[at]),
                "money_per_buyer": _or_null(self.money_per_buyer[at]),
                "money_so_far": _or_null(self.money_so_far[at]),
                "running": self.running[at],
            }
        )

    def to_json(self) -> str:
        """The triangles as JSON; `cohorts_from_json` brings them back."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("sizes", "active", "money", "seen", "running"):
            told[name] = told[name].tolist()
        told |= {"as_of": self.as_of.isoformat(), "starts": [day.isoformat() for day in self.starts]}
        return json.dumps(told)

    def _per(self, above: Integers | Floats, below: Integers) -> Floats:
        can = self.known & (np.broadcast_to(below, self.known.shape) > 0)
        share: Floats = np.divide(above, below, out=np.full(self.known.shape, np.nan), where=can)
        return share


def _or_null(values: Floats) -> pa.Array:
    return pa.array(values, from_pandas=True)


def cohorts_from_json(text: str) -> Cohorts:
    """The cohorts that `Cohorts.to_json` wrote. Raises ValueError for other text."""
    told = json.loads(text)
    if not isinstance(told, dict) or set(told) != set(Cohorts.__dataclass_fields__):
        raise ValueError("this is not the JSON of cohorts")
    for name in ("sizes", "active", "money"):
        told[name] = np.array(told[name], dtype=np.int64)
    for name in ("seen", "running"):
        told[name] = np.array(told[name], dtype=bool)
    days = tuple(date.fromisoformat(day) for day in told["starts"])
    return Cohorts(**(told | {"as_of": date.fromisoformat(told["as_of"]), "starts": days}))


def cohorts(
    purchases: Purchases,
    *,
    as_of: date,
    period: Days | None = None,
    step: Step = "month",
    grain: Grain = "line",
    currency: str | None = None,
) -> Cohorts:
    """Cohorts of all customers who first bought in the steps that `period` touches (without one: ever), as known
    before the day `as_of`.

    Columns needed: customer_key, occurred_date, amount; used where present: source, document, currency. A purchase is
    a document on one day whose net amount is positive (rows without a column document: each row), as for RFM; returns
    lower the money of the step in which they came back. The first purchase is sought in all rows, not only in the
    period; rows must reach back to the beginning, else old customers look new in the first cohorts.
    grain="document" promises that rows are documents already. Raises CannotCarry when nobody bought, or in several
    currencies and none was chosen; ValueError when a column is missing.
    """
    rows = relation(purchases)
    require_columns(rows, NEEDED)
    inside = f"customer_key IS NOT NULL AND occurred_date < DATE '{as_of}'"
    if currency is None:
        check_currency(rows, inside)
    elif "currency" in rows.columns:
        inside += f" AND currency = {quoted(currency)}"
    found = ask(rows, _by_step(rows.columns, inside, step, grain))
    return _triangle(found, as_of, period, step)


def _by_step(columns: list[str], inside: str, step: Step, grain: Grain) -> str:
    """SQL: for each step of the first purchase and each step since, buyers, money, and (age 0) new customers."""
    size = _MONTHS[step]
    number = f"((year(occurred_date) * 12 + month(occurred_date) - 1) // {size})"
    if grain == "document" or "document" not in columns:
        nets = f"SELECT customer_key, {number} AS step, amount AS net FROM purchases WHERE {inside}"  # noqa: S608
    else:
        key = "customer_key, occurred_date, document" + (", source" if "source" in columns else "")
        nets = f"""SELECT customer_key, {number} AS step, sum(CAST(amount AS DECIMAL(18,4))) AS net
                   FROM purchases WHERE {inside} GROUP BY {key}"""  # noqa: S608
    # Money of a step before the first purchase (goods brought back that were bought before the log) stays outside.
    return f"""
        WITH steps AS (SELECT customer_key, step, bool_or(net > 0) AS bought, sum(net) AS net
                       FROM ({nets}) GROUP BY customer_key, step),
             begun AS (SELECT customer_key, min(step) FILTER (bought) AS cohort FROM steps GROUP BY customer_key)
        SELECT cohort, step - cohort AS age, count(*) FILTER (bought) AS active,
               CAST(coalesce(sum(net), 0) AS DECIMAL(18,4)) AS money, count(DISTINCT customer_key) AS everybody
        FROM steps JOIN begun USING (customer_key) WHERE cohort IS NULL OR step >= cohort
        GROUP BY cohort, age ORDER BY cohort, age"""  # noqa: S608


def _triangle(found: pa.Table, as_of: date, period: Days | None, step: Step) -> Cohorts:
    left_out = found.filter(found["cohort"].is_null())["everybody"].to_pylist()
    found = found.filter(found["cohort"].is_valid())
    cohort = found["cohort"].to_numpy()
    months = _MONTHS[step]
    if period is not None:
        first = (period.start.year * 12 + period.start.month - 1) // months
        final = period.end - timedelta(days=1)
        wanted = (cohort >= first) & (cohort <= (final.year * 12 + final.month - 1) // months)
        found, cohort = found.filter(pa.array(wanted)), cohort[wanted]
    if not len(cohort):
        raise CannotCarry("no_purchases", "nobody bought anything", customers=sum(left_out))
    begin, now = int(cohort.min()), as_of - timedelta(days=1)
    last = (now.year * 12 + now.month - 1) // months
    shape = (int(cohort.max()) - begin + 1, last - begin + 1)
    active, money = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    cells = cohort - begin, found["age"].to_numpy()
    active[cells], money[cells] = found["active"].to_numpy(), counts(found["money"])
    at = begin + np.arange(shape[0])[:, None] + np.arange(shape[1])
    ended = _start(last + 1, months) <= as_of
    return Cohorts(
        as_of=as_of,
        step=step,
        starts=tuple(_start(begin + row, months) for row in range(shape[0])),
        sizes=active[:, 0],
        active=active,
        money=money,
        seen=at < last + ended,
        running=(at == last) & (not ended),
        left_out=sum(left_out),
    )


def _start(number: int, months: int) -> date:
    return date(number * months // 12, number * months % 12 + 1, 1)
