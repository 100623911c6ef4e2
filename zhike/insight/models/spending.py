"""What each customer bought in a period: the ground of RFM, the pyramid and later models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import duckdb
import pyarrow as pa

from zhike.insight.models.exact import Integers, counts
from zhike.insight.sql import quoted
from zhike.insight.types import ArrowStream, CannotCarry, Days

Purchases: TypeAlias = "ArrowStream | pa.Table | pa.RecordBatchReader | duckdb.DuckDBPyRelation"
Frequency: TypeAlias = Literal["documents", "days", "lines"]
Grain: TypeAlias = Literal["line", "document"]

NEEDED = ("customer_key", "occurred_date", "amount")


@dataclass(frozen=True, slots=True)
class Spending:
    """One entry per customer who bought, in arrays of equal length.

    recency: days from the last purchase to `as_of`; frequency: purchases; money: net amount in 1/10,000 of the
    currency. `left_out` further customers only brought goods back or paid nothing.
    """

    customers: pa.Array
    recency: Integers
    frequency: Integers
    money: Integers
    left_out: int
    left_out_money: int


def spending(
    purchases: Purchases,
    *,
    as_of: date,
    period: Days,
    frequency: Frequency = "documents",
    grain: Grain = "line",
    currency: str | None = None,
) -> Spending:
    """Sums up the purchases of a period by customer.

    Purchases come as Arrow data (also an Ibis table) or as a DuckDB relation. Columns needed: customer_key,
    occurred_date, amount; used where present: source, document, currency. A purchase is a document on one day whose
    net amount is positive ("documents"), a day whose net amount is positive ("days"), or a line with a positive
    amount ("lines"). Returns lower the money and never add to frequency or recency. Lines without a customer do not
    count. `grain="document"` promises that rows are documents already. Raises CannotCarry when nobody bought in the
    period, or in several currencies and none was chosen.
    """
    if as_of < period.start:
        raise ValueError("as_of lies before the period")
    rows = relation(purchases)
    check_purchases(rows, period, currency)
    sums = ask(rows, _by_customer(rows, as_of, period, frequency, grain, currency))
    bought = sums.filter(sums["frequency"].is_valid())
    return _spending(sums, bought)


def relation(data: Purchases) -> duckdb.DuckDBPyRelation:
    """The rows as something DuckDB can query more than once. Arrow data gets an engine of its own."""
    if isinstance(data, duckdb.DuckDBPyRelation):
        return data
    connection = duckdb.connect(":memory:")
    connection.execute("SET enable_progress_bar = false")
    return connection.from_arrow(data if isinstance(data, pa.Table) else pa.table(data))


def ask(rows: duckdb.DuckDBPyRelation, sql: str) -> pa.Table:
    """The answer of `sql`, in which the rows go by the name purchases."""
    answer = rows.query("purchases", sql)
    assert answer is not None  # a SELECT always answers
    return answer.to_arrow_table()


def _spending(sums: pa.Table, bought: pa.Table) -> Spending:
    if not bought.num_rows:
        raise CannotCarry("no_purchases", "nobody bought anything in the period", customers=sums.num_rows)
    money = counts(bought["money"])
    return Spending(
        customers=bought["customer_key"].combine_chunks(),
        recency=bought["recency"].to_numpy(),
        frequency=bought["frequency"].to_numpy(),
        money=money,
        left_out=sums.num_rows - bought.num_rows,
        left_out_money=int(counts(sums["money"]).sum() - money.sum()),
    )


def check_purchases(rows: duckdb.DuckDBPyRelation, period: Days, currency: str | None) -> None:
    """Raises ValueError for a column that is missing, CannotCarry for several currencies when none was chosen."""
    require_columns(rows, NEEDED)
    if currency is None:
        check_currency(rows, inside(period))


def require_columns(rows: duckdb.DuckDBPyRelation, names: Iterable[str]) -> None:
    """Raises ValueError for a column that is missing."""
    missing = [name for name in names if name not in rows.columns]
    if missing:
        raise ValueError(f"purchases lack the column {', '.join(missing)}")


def check_currency(rows: duckdb.DuckDBPyRelation, within: str) -> None:
    """Raises CannotCarry when the rows of this condition are in several currencies."""
    if "currency" not in rows.columns:
        return
    sql = f"SELECT DISTINCT currency FROM purchases WHERE {within} ORDER BY 1 LIMIT 5"  # noqa: S608
    found = [str(currency) for currency in ask(rows, sql)["currency"].to_pylist()]
    if len(found) > 1:
        message = f"amounts in {', '.join(found)} cannot be added up: choose a currency"
        raise CannotCarry("several_currencies", message, currencies=found)


def _by_customer(
    rows: duckdb.DuckDBPyRelation,
    as_of: date,
    period: Days,
    frequency: Frequency,
    grain: Grain,
    currency: str | None,
) -> str:
    within = f"customer_key IS NOT NULL AND {inside(period)}"
    if currency is not None:
        within += f" AND currency = {quoted(currency)}"
    by = _purchase_key(rows, frequency, grain)
    one = f"SELECT customer_key, occurred_date, CAST(amount AS DECIMAL(18,4)) AS net FROM purchases WHERE {within}"  # noqa: S608
    if by:
        one = f"""SELECT customer_key, occurred_date, sum(CAST(amount AS DECIMAL(18,4))) AS net
                  FROM purchases WHERE {within} GROUP BY customer_key, occurred_date{by}"""  # noqa: S608
    return f"""SELECT customer_key,
                      datediff('day', max(occurred_date) FILTER (net > 0), DATE '{as_of}') AS recency,
                      nullif(count(*) FILTER (net > 0), 0) AS frequency,
                      CAST(sum(net) AS DECIMAL(18,4)) AS money
               FROM ({one}) GROUP BY customer_key"""  # noqa: S608


def _purchase_key(rows: duckdb.DuckDBPyRelation, frequency: Frequency, grain: Grain) -> str:
    """What, beside customer and day, makes one purchase; empty where each row is one."""
    if frequency == "lines" or (frequency == "documents" and grain == "document"):
        return ""
    if frequency == "days":
        return " "
    if "document" not in rows.columns:
        raise ValueError("purchases lack the column document; count days or lines instead")
    return ", source, document" if "source" in rows.columns else ", document"


def inside(period: Days) -> str:
    """The condition that a purchase was made in the period."""
    return f"occurred_date >= DATE '{period.start}' AND occurred_date < DATE '{period.end}'"
