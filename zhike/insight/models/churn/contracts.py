"""Customers with contracts: lost is whose contract ended and was not followed by another.

Contracts that overlap or follow each other within the days of grace are one stay. A contract that ended less than the
days of grace ago is not decided yet: the customer may still renew, and counts as there until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.features import Column, Feature, Features
from zhike.insight.models.churn.history import day_number
from zhike.insight.models.churn.lives import Flags, Lives, lives_of
from zhike.insight.models.churn.windows import Examples
from zhike.insight.models.exact import Integers
from zhike.insight.models.spending import Purchases, ask, relation
from zhike.insight.types import CannotCarry

_NEVER = date(9999, 1, 1)

CONTRACT = (
    Feature("tenure_days", 0, "other", "Days since the stay began", "在约天数"),
    Feature(
        "days_to_end", 0, "marketing", "Days until the contract ends (none: open-ended)", "距合同到期天数"
    ),
    Feature("contracts", 0, "other", "Contracts in this stay so far", "本次存续的合同数"),
    Feature("returned", 0, "other", "Earlier stays that ended", "曾流失次数"),
    Feature("amount", 0, "marketing", "Amount of the contracts in force", "在约合同金额"),
)


@dataclass(frozen=True)
class Stays:
    """One entry per stay, known before the day `as_of`. start, end: days since 1970, the end not included and far away
    where open; lost: ended more than the days of grace before `as_of`; contracts: of this stay; number: 0 for the
    first stay of a customer, 1 for the next."""

    as_of: date
    grace: int
    customers: pa.Array
    start: Integers
    end: Integers
    contracts: Integers
    number: Integers
    amount: Floats

    @property
    def lost(self) -> Flags:
        """Ended, and not renewed within the days of grace."""
        return np.asarray(self.end + self.grace < day_number(self.as_of))

    @property
    def undecided(self) -> Flags:
        """Ended, but a renewal may still come."""
        return np.asarray((self.end < day_number(self.as_of)) & ~self.lost)

    def lives(self) -> Lives:
        """How long each stay lasted, in days, and whether it ended."""
        end = np.where(self.lost, self.end, day_number(self.as_of))
        return lives_of(end - self.start, self.lost)

    @property
    def table(self) -> pa.Table:
        """customer_key, start_date, end_date (empty where open), contracts, number, lost, undecided."""
        open_ended = self.end >= day_number(_NEVER)
        start = pa.array(self.start.astype("datetime64[D]"))
        return pa.table(
            {
                "customer_key": self.customers,
                "start_date": start,
                "end_date": pa.array(
                    np.where(open_ended, 0, self.end).astype("datetime64[D]"), mask=open_ended
                ),
                "contracts": self.contracts,
                "number": self.number,
                "lost": self.lost,
                "undecided": self.undecided,
            }
        )


def stays(contracts: Purchases, *, as_of: date, grace: int = 30) -> Stays:
    """Stays from contracts: customer_key, start_date, end_date (the first day no longer covered; empty: open-ended) and
    where present amount. Only contracts that began before `as_of` count.

    Raises ValueError for a missing column or a negative grace; CannotCarry: no_customers, bad_contracts (one ends
    before it starts).
    """
    rows = relation(contracts)
    missing = [name for name in ("customer_key", "start_date", "end_date") if name not in rows.columns]
    if missing:
        raise ValueError(f"contracts lack the column {', '.join(missing)}")
    if grace < 0:
        raise ValueError("grace: must not be negative")
    bad = ask(rows, "SELECT count(*) AS bad FROM purchases WHERE end_date <= start_date")["bad"][0].as_py()
    if bad:
        raise CannotCarry("bad_contracts", f"{bad} contracts end before they start", rows=bad)
    found = ask(rows, _by_stay("amount" in rows.columns, as_of, grace))
    if not found.num_rows:
        raise CannotCarry("no_customers", "no contract began before that day", as_of=as_of.isoformat())
    names = ("start", "end", "contracts", "number")
    numbers = {name: found[name].to_numpy().astype(np.int64) for name in names}
    return Stays(
        as_of=as_of,
        grace=grace,
        customers=found["customer_key"].combine_chunks(),
        amount=found["amount"].to_numpy(),
        **numbers,
    )


def _by_stay(amounts: bool, as_of: date, grace: int) -> str:
    amount = "CAST(amount AS DOUBLE)" if amounts else "CAST(NULL AS DOUBLE)"
    covered = f"sum(amount) FILTER (end_date >= DATE '{as_of}')"
    return f"""
        WITH known AS (SELECT customer_key, CAST(start_date AS DATE) AS start_date,
                              coalesce(CAST(end_date AS DATE), DATE '{_NEVER}') AS end_date, {amount} AS amount
                       FROM purchases WHERE customer_key IS NOT NULL AND start_date < DATE '{as_of}'),
             after AS (SELECT *, max(end_date) OVER (PARTITION BY customer_key ORDER BY start_date, end_date
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM known),
             numbered AS (SELECT *, sum(CASE WHEN datediff('day', before, start_date) > {grace} THEN 1 ELSE 0 END)
                                    OVER (PARTITION BY customer_key ORDER BY start_date, end_date
                                    ROWS UNBOUNDED PRECEDING) AS number FROM after)
        SELECT customer_key, number, datediff('day', DATE '1970-01-01', min(start_date)) AS start,
               datediff('day', DATE '1970-01-01', max(end_date)) AS end, count(*) AS contracts,
               coalesce({covered}, CAST('nan' AS DOUBLE)) AS amount
        FROM numbered GROUP BY customer_key, number ORDER BY customer_key, number"""  # noqa: S608


def contract_state(contracts: Purchases, *, as_of: date, grace: int = 30) -> Features:
    """Features of customers with a contract in force on `as_of`, from contracts that began before it alone."""
    found = stays(contracts, as_of=as_of, grace=grace)
    now = day_number(as_of)
    there = found.end >= now
    if not there.any():
        raise CannotCarry("all_lost", "no contract is in force", as_of=as_of.isoformat())
    open_ended = found.end >= day_number(_NEVER)
    values = {
        "tenure_days": now - found.start,
        "days_to_end": np.where(open_ended, np.nan, found.end - now),
        "contracts": found.contracts,
        "returned": found.number,
        "amount": found.amount,
    }
    columns = tuple(Column(values[each.name][there].astype(np.float64)) for each in CONTRACT)
    return Features(found.customers.filter(pa.array(there)), CONTRACT, columns)


def contract_examples(
    contracts: Purchases,
    *,
    cut: date,
    horizon: int,
    until: date,
    grace: int = 30,
    attributes: Features | None = None,
) -> Examples:
    """Customers with a contract in force at the cut-off; lost is whose stay ended within the horizon after it.
    `attributes`: further features as they were known at the cut-off.

    Raises ValueError when horizon and days of grace together reach beyond `until`, the day before which all is known.
    """
    end = cut + timedelta(days=horizon)
    if horizon <= 0 or end + timedelta(days=grace) > until:
        raise ValueError("horizon: with the days of grace it must end before what is known does")
    features = contract_state(contracts, as_of=cut, grace=grace)
    later = stays(contracts, as_of=until, grace=grace)
    ended = later.lost & (later.end >= day_number(cut)) & (later.end < day_number(end))
    began = later.start < day_number(cut)
    gone = later.customers.filter(pa.array(ended & began))
    lost = np.asarray(pc.is_in(features.customers, value_set=gone).to_numpy(zero_copy_only=False))
    amount = np.asarray(features.column("amount").values, dtype=np.float64)
    seen = features if attributes is None else features.beside(attributes)
    groups = features.customers.dictionary_encode().indices.to_numpy().astype(np.int64)
    cuts = np.full(len(lost), day_number(cut))
    return Examples(seen, lost, groups, np.nan_to_num(amount, nan=0.0), cuts)
