"""Baskets, rules, sequences, offers and cohorts beside DuckDB, pandas and, where it is installed, mlxtend.

Made-up purchases: baskets of 4.4 products on average out of 169 kinds whose popularity falls as in a grocery. Goals on
two cores at 10^6 baskets: all pairs in 0.3 s, rules at 1 % support in 2 s. Pairs and rules begin with packed baskets,
as their peers begin with theirs; packing them from purchase lines is a row of its own. The floor of the pairs is
NumPy counting that many ready-made numbers.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa

from bench.table import Row, median_seconds, peak_mib
from zhike.insight.models.baskets import Baskets, baskets, itemsets, pair_counts, rules
from zhike.insight.models.cohorts import cohorts
from zhike.insight.models.offers import next_offers
from zhike.insight.models.sequences import sequences

SIZES = {"small": (10**4, 10**5), "large": (10**4, 10**5, 10**6)}
KINDS = 169
AS_OF = date(2026, 1, 1)
DAYS = 730

_LINES = f"""
    SELECT 'D' || basket AS document, customer_key, DATE '{AS_OF}' - 1 - CAST(hash(basket, 1) % {DAYS} AS INTEGER)
           AS occurred_date, 'P' || CAST(floor(pow(hash(basket, n, 2) % 1000000 / 1e6, 2.2) * {KINDS}) AS INTEGER)
           AS product, CAST(1 + hash(basket, n, 3) % 90 AS DECIMAL(18,4)) AS amount
    FROM (SELECT basket, basket % $customers AS customer_key,
                 unnest(range(1 + CAST(least(31, floor(-4 * ln((1 + hash(basket, 4) % 999999) / 1e6))) AS BIGINT)))
                 AS n FROM range($baskets) AS made(basket))
"""


def run(size: str) -> Iterator[Row]:
    """Rows for each number of baskets; ten of them to a customer."""
    for many in SIZES[size]:
        connection = duckdb.connect(":memory:", config={"threads": 2})
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"CREATE TABLE lines AS {_LINES}", {"baskets": many, "customers": many // 10})
        yield from _measured(connection, many)
        connection.close()


def _measured(connection: duckdb.DuckDBPyConnection, many: int) -> Iterator[Row]:
    lines = connection.table("lines")
    packed = baskets(lines)
    repeat = 3 if many >= 10**6 else 5
    yield Row(
        "baskets: pack purchase lines",
        many,
        median_seconds(lambda: baskets(lines), repeat=repeat),
        floor=median_seconds(_distinct(connection), repeat=repeat),
        memory=peak_mib(),
    )
    yield Row(
        "baskets: all pairs",
        many,
        median_seconds(lambda: pair_counts(packed), repeat=repeat),
        floor=median_seconds(_histogram(packed), repeat=repeat),
        peer=median_seconds(_self_join(packed), repeat=repeat),
        peer_name="DuckDB",
        memory=peak_mib(),
    )
    peer = _mlxtend(packed)
    yield Row(
        "baskets: rules at 1 % support",
        many,
        median_seconds(lambda: rules(itemsets(packed)), repeat=repeat),
        peer=peer,
        peer_name="mlxtend" if peer is not None else "",
        memory=peak_mib(),
    )
    yield from _about_customers(lines, packed, many, repeat)


def _about_customers(
    lines: duckdb.DuckDBPyRelation, packed: Baskets, many: int, repeat: int
) -> Iterator[Row]:
    yield Row(
        "sequences at 5 % of customers, two steps",
        many,
        median_seconds(lambda: sequences(packed, support=0.05, longest=2), repeat=1, warm=0),
        memory=peak_mib(),
    )
    yield Row(
        "ten next best offers for each customer",
        many,
        median_seconds(lambda: next_offers(packed, as_of=AS_OF), repeat=1, warm=0),
        memory=peak_mib(),
    )
    yield Row(
        "cohorts by month from lines",
        many,
        median_seconds(lambda: cohorts(lines, as_of=AS_OF), repeat=repeat),
        peer=median_seconds(_cohorts_by_pandas(lines.df()), repeat=1, warm=0),
        peer_name="pandas",
        memory=peak_mib(),
    )


def _distinct(connection: duckdb.DuckDBPyConnection) -> Callable[[], object]:
    """DuckDB grouping the lines of each document, without codes, order or packing."""
    sql = "SELECT customer_key, occurred_date, document, list(product) AS products FROM lines GROUP BY ALL"
    return lambda: connection.sql(sql).to_arrow_table()


def _histogram(packed: Baskets) -> Callable[[], object]:
    """As many numbers as there are pairs, counted."""
    pairs = int((packed.sizes * (packed.sizes - 1) // 2).sum())
    numbers = np.random.default_rng(1).integers(0, len(packed.items) ** 2, pairs)
    return lambda: np.bincount(numbers)


def _self_join(packed: Baskets) -> Callable[[], object]:
    connection = duckdb.connect(":memory:", config={"threads": 2})
    basket = np.repeat(np.arange(len(packed), dtype=np.int32), packed.sizes)
    held = pa.table({"basket": basket, "code": packed.codes})
    connection.from_arrow(held).create("held")
    sql = """SELECT a.code, b.code, count(*) FROM held a JOIN held b ON a.basket = b.basket AND a.code < b.code
             GROUP BY ALL"""
    return lambda: connection.sql(sql).to_arrow_table()


def _mlxtend(packed: Baskets) -> float | None:
    """FP-growth and rules of mlxtend on a table of yes and no; None where it is not installed."""
    if importlib.util.find_spec("mlxtend") is None:
        return None
    patterns = importlib.import_module("mlxtend.frequent_patterns")
    held = np.zeros((len(packed), len(packed.items)), dtype=bool)
    held[np.repeat(np.arange(len(packed)), packed.sizes), packed.codes] = True
    frame = pd.DataFrame(held, columns=list(packed.items))

    def work() -> None:
        found = patterns.fpgrowth(frame, min_support=0.01, max_len=5)
        patterns.association_rules(found, metric="lift", min_threshold=1.0)

    return median_seconds(work, repeat=1, warm=0)


def _cohorts_by_pandas(lines: pd.DataFrame) -> Callable[[], object]:
    lines["amount"] = lines["amount"].astype(float)
    lines["occurred_date"] = pd.to_datetime(lines["occurred_date"])

    def work() -> None:
        nets = lines.groupby(["customer_key", "occurred_date", "document"], as_index=False)["amount"].sum()
        nets["month"] = nets["occurred_date"].dt.year * 12 + nets["occurred_date"].dt.month
        nets["cohort"] = nets.groupby("customer_key")["month"].transform("min")
        cells = nets.groupby(["cohort", nets["month"] - nets["cohort"]])
        cells.agg(customers=("customer_key", "nunique"), money=("amount", "sum"))

    return work
