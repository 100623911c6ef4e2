"""Models of losses: features, survival, boosted trees and their reasons, beside the libraries that do a part of it.

Floors: DuckDB's own group-by of customers and days for the examples, bare LightGBM with as many trees for learning
once. Peers: LightGBM's own prediction and Shapley values, and `lifelines` and scikit-learn where they are installed.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import duckdb
import lightgbm
import numpy as np
import pyarrow as pa

from bench.table import Row, median_seconds, peak_mib
from zhike.insight.models.churn import (
    Boosting,
    ChurnModel,
    Examples,
    Lives,
    examples_of,
    features_of,
    fit_churn,
    fit_hazards,
    history_of,
    lives_of,
    panel,
    survival_curve,
)
from zhike.insight.models.churn.boosting import _data, _settings

LINES = {"small": (10**5, 10**6), "large": (10**5, 10**6, 10**7)}
CUSTOMERS = {"small": (10**4, 10**5), "large": (10**4, 10**5, 8 * 10**5)}
STAYS = {"small": (10**4, 10**5), "large": (10**4, 10**5, 10**6)}
FEATURES = 30
TREES = 100
UNTIL = date(2026, 1, 1)
CUTS = [date(2025, month, 1) for month in (6, 8, 10)]
OPTIONS = Boosting(trees=TREES, folds=3)

_LINES = """
    SELECT CAST(mod(hash(i), CAST($customers AS UBIGINT)) AS BIGINT) AS customer_key,
           DATE '2026-01-01' - CAST(1 + mod(hash(i * 7), 730) AS INTEGER) AS occurred_date,
           CAST(mod(hash(i * 13), 50000) / 100 AS DECIMAL(18,4)) AS amount
    FROM range($lines) AS made(i)
"""


def run(size: str) -> Iterator[Row]:
    """Rows for each number of lines, of stays, and of customers with thirty features."""
    for lines in LINES[size]:
        yield from _from_lines(lines)
    for stays in STAYS[size]:
        yield from _from_stays(stays)
    for customers in CUSTOMERS[size]:
        yield from _from_customers(customers)


def _from_lines(lines: int) -> Iterator[Row]:
    with duckdb.connect(":memory:", config={"threads": 2}) as made:
        made.execute("SET enable_progress_bar = false")
        rows = made.sql(_LINES, params={"lines": lines, "customers": lines // 10}).to_arrow_table()
        made.register("purchases", rows)
        sql = "SELECT customer_key, occurred_date, sum(amount) FROM purchases GROUP BY ALL ORDER BY ALL"
        floor = _timed(lambda: made.sql(sql).to_arrow_table())
    ours = _timed(lambda: panel(history_of(rows, until=UNTIL), cuts=CUTS, horizon=90))
    yield Row("examples of losses at 3 cut-offs from lines", lines, ours, floor=floor, memory=peak_mib())


def _from_stays(size: int) -> Iterator[Row]:
    lives, columns = stays(size)
    hazards, curve = _survival_peers(lives, columns)
    name = "lifelines" if hazards else ""
    for task, work, peer in (
        ("Kaplan-Meier with intervals", lambda: survival_curve(lives).table, curve),
        ("Cox, 5 features, continuous times", lambda: fit_hazards(lives, columns), hazards),
    ):
        beside = _timed(peer, repeat=1) if peer else None
        yield Row(task, size, _timed(work), peer=beside, peer_name=name, memory=peak_mib())


def _from_customers(size: int) -> Iterator[Row]:
    examples = customers(size)
    model = fit_churn(examples, options=OPTIONS)
    matrix = model.reader.matrix(examples.features)
    settings = _settings(model.reader, OPTIONS, os.cpu_count() or 1)
    rounds = len(model.forest.trees)

    def bare() -> Any:
        data = _data(lightgbm, matrix, examples.lost, model.reader)
        return lightgbm.train(settings, data, num_boost_round=rounds)

    booster = bare()
    peer = _boosting_peer(matrix, examples, rounds)
    yield Row(
        f"losses learnt ({OPTIONS.folds} folds, calibration, quality)",
        size,
        _timed(lambda: fit_churn(examples, options=OPTIONS), repeat=1),
        floor=_timed(bare, repeat=1),
        peer=_timed(peer, repeat=1) if peer else None,
        peer_name="scikit-learn, once" if peer else "",
        memory=peak_mib(),
    )
    yield from _scored(model, examples, matrix, booster)


def _scored(model: ChurnModel, examples: Examples, matrix: Any, booster: Any) -> Iterator[Row]:
    size = len(examples)
    yield Row(
        "probabilities of loss",
        size,
        _timed(lambda: model.probability(examples.features), repeat=3),
        peer=_timed(lambda: booster.predict(matrix), repeat=3),
        peer_name="lightgbm",
    )
    few = examples.of(np.arange(size) < 10**4)
    rows = matrix[: 10**4]
    yield Row(
        "reasons (exact Shapley values)",
        len(few),
        _timed(lambda: model.reasons(few.features), repeat=3),
        peer=_timed(lambda: booster.predict(rows, pred_contrib=True), repeat=1),
        peer_name="lightgbm",
    )


def customers(size: int, seed: int = 1) -> Examples:
    """Thirty numbers, five of which mean something."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(size, FEATURES)).astype(np.float64)
    odds = -1.5 + x[:, 0] + 0.7 * x[:, 1] * (x[:, 2] > 0) - 0.6 * x[:, 3] + 0.4 * np.abs(x[:, 4])
    lost = random.random(size) < 1 / (1 + np.exp(-odds))
    table = pa.table({"customer_key": np.arange(size), **{f"x{at}": x[:, at] for at in range(FEATURES)}})
    return examples_of(features_of(table), lost)


def stays(size: int, seed: int = 1) -> tuple[Lives, dict[str, Any]]:
    """Exponential stays under proportional hazards, about two thirds of which end."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(size, 5))
    stayed = random.exponential(np.exp(-x @ np.array([0.5, -0.3, 0.2, 0.0, 0.1])))
    seen = random.exponential(1.5, size)
    columns = {f"x{at}": x[:, at] for at in range(5)}
    return lives_of(np.minimum(stayed, seen), stayed <= seen), columns


def _survival_peers(
    lives: Lives, columns: dict[str, Any]
) -> tuple[Callable[[], object] | None, Callable[[], object] | None]:
    """Cox and Kaplan-Meier by `lifelines`."""
    if not importlib.util.find_spec("lifelines"):
        return None, None
    import pandas  # type: ignore[import-untyped,import-not-found,unused-ignore]
    from lifelines import (  # type: ignore[import-not-found,unused-ignore]
        CoxPHFitter,
        KaplanMeierFitter,
    )

    table = pandas.DataFrame({**columns, "stayed": lives.stayed, "lost": lives.lost})
    return (
        lambda: CoxPHFitter().fit(table, "stayed", "lost"),
        lambda: KaplanMeierFitter().fit(lives.stayed, lives.lost),
    )


def _boosting_peer(matrix: Any, examples: Examples, trees: int) -> Callable[[], object] | None:
    """As many trees by scikit-learn, once, without folds."""
    if not importlib.util.find_spec("sklearn"):
        return None
    from sklearn.ensemble import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
        HistGradientBoostingClassifier,
    )

    learner = HistGradientBoostingClassifier(
        max_iter=trees, learning_rate=0.05, max_leaf_nodes=16, early_stopping=False
    )
    return lambda: learner.fit(matrix, examples.lost)


def _timed(work: Callable[[], object], *, repeat: int = 3) -> float:
    return median_seconds(work, repeat=repeat, warm=0 if repeat == 1 else 1)
