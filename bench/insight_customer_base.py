"""Models of the customer base: from purchase lines to lifetime values with intervals, beside `lifetimes` where it is.

The same made-up purchases as for RFM. The floor is DuckDB's own group-by of customers and days; the peer is imported
where it is installed (it is unmaintained, a yardstick only) and then does its summary, fit and twelve-month value.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np

from bench.insight_rfm import _LINES, PERIOD
from bench.table import Row, median_seconds, peak_mib
from zhike.insight.models.customer_base import (
    Summary,
    fit_base,
    fit_spend,
    lifetime_value,
    summarise,
    summary_of,
)
from zhike.insight.models.spending import ask
from zhike.insight.warehouse import PURCHASE, Warehouse, append, compact, create, purchase_documents

SIZES = {"small": (10**5, 10**6), "large": (10**5, 10**6, 10**7)}
LIVES = {"small": (10**4, 10**5), "large": (10**4, 10**5, 10**6)}
YEAR = 52.0


def run(size: str) -> Iterator[Row]:
    """Rows for each number of lines, and for each number of customers who buy and die as the models have it."""
    for lines in SIZES[size]:
        folder = Path(tempfile.mkdtemp(prefix="zhike-bench-"))
        try:
            yield from _from_lines(Warehouse(folder, threads=2), lines)
        finally:
            shutil.rmtree(folder)
    for customers in LIVES[size]:
        yield from _from_lives(lives(customers))


def _from_lines(warehouse: Warehouse, lines: int) -> Iterator[Row]:
    create(warehouse)
    _load(warehouse, lines)
    purchase_documents(warehouse)
    floor = median_seconds(lambda: _days(warehouse), repeat=3)
    yield Row(
        "(x, t_x, T, m) summary from the warehouse", lines, _timed(lambda: _summary(warehouse)), floor=floor
    )


def _from_lives(made: Summary) -> Iterator[Row]:
    """Each step on fresh columns, so that nothing is remembered from the last time."""
    size = len(made)

    def fresh() -> Summary:
        return Summary(made.customers, made.frequency, made.recency, made.age, made.money, made.unit)

    peers = _peers(made) if importlib.util.find_spec("lifetimes") else {}
    steps: dict[str, Callable[[], object]] = {
        "BG/NBD fit": lambda: fit_base(fresh()),
        "Gamma-Gamma fit": lambda: fit_spend(made),
        "BG/NBD fit + 12-month value with intervals": lambda: _value(fresh()),
    }
    if size <= 10**5:
        steps["Pareto/NBD fit"] = lambda: fit_base(fresh(), "pareto_nbd")
    for task, work in steps.items():
        peer = _timed(peers[task], repeat=1) if task in peers else None
        name = "lifetimes" if peer is not None else ""
        yield Row(task, size, _timed(work), peer=peer, peer_name=name, memory=peak_mib())


def _value(summary: Summary) -> None:
    base, spend = fit_base(summary), fit_spend(summary)
    _ = lifetime_value(base, summary, horizon=YEAR, spend=spend).total


def lives(customers: int, seed: int = 1) -> Summary:
    """Customers of three years whose rates are gamma, whose chances to leave after a purchase are beta."""
    random = np.random.default_rng(seed)
    age = random.integers(1, 1096, customers)
    pace, risk = random.gamma(0.6, 1 / 60, customers), random.beta(1, 4, customers)
    x, last, now = np.zeros(customers, dtype=np.int64), np.zeros(customers), np.zeros(customers)
    alive = np.ones(customers, dtype=bool)
    while alive.any():
        now = now + np.maximum(1, np.rint(random.exponential(1 / np.maximum(pace, 1e-12))))
        bought = alive & (now <= age)
        x, last = x + bought, np.where(bought, now, last)
        alive = bought & (random.random(customers) > risk)
    average = random.lognormal(4, 0.6, customers)
    return summary_of(x, last / 7, age / 7, average=average)


def _summary(warehouse: Warehouse) -> Summary:
    return summarise(purchase_documents(warehouse), period=PERIOD)


def _days(warehouse: Warehouse) -> None:
    sql = """SELECT customer_key, count(*), min(occurred_date), max(occurred_date), sum(net)
             FROM (SELECT customer_key, occurred_date, sum(amount) AS net FROM purchases GROUP BY ALL) GROUP BY ALL"""
    ask(purchase_documents(warehouse), sql)


def _load(warehouse: Warehouse, lines: int) -> None:
    with duckdb.connect(":memory:", config={"threads": 2}) as made:
        made.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        made.execute(f"CREATE TABLE purchase AS {_LINES}", {"lines": lines, "customers": lines // 10})
        reader = made.sql("FROM purchase").to_arrow_reader(65_536)
        append(warehouse, PURCHASE, reader, application="bench", version=1)
    compact(warehouse, PURCHASE)


def _peers(made: Summary) -> dict[str, Callable[[], object]]:
    """The same steps by `lifetimes`, on the same columns in memory."""
    from lifetimes import (  # type: ignore[import-not-found,unused-ignore]
        BetaGeoFitter,
        GammaGammaFitter,
        ParetoNBDFitter,
    )

    columns = (made.frequency.astype(np.float64), made.recency, made.age)
    again = made.frequency > 0
    average = made.money[again] / 1e4 / made.frequency[again]
    return {
        "BG/NBD fit": lambda: BetaGeoFitter().fit(*columns),
        "Gamma-Gamma fit": lambda: GammaGammaFitter().fit(columns[0][again], average),
        "Pareto/NBD fit": lambda: ParetoNBDFitter().fit(*columns),
    }


def _timed(work: Callable[[], object], *, repeat: int = 5) -> float:
    return median_seconds(work, repeat=repeat, warm=0 if repeat == 1 else 1)
