"""Growing the trees: gradient boosting by LightGBM, with constraints of direction, and scores of customers not learnt
from.

Ke et al. 2017, "LightGBM: a highly efficient gradient boosting decision tree", *NeurIPS* 30. The library is only needed
to learn; a grown forest tells risks and reasons by itself.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.features import Reader
from zhike.insight.models.churn.forest import MOST_LEAVES, Forest, Tree
from zhike.insight.models.churn.lives import Flags
from zhike.insight.models.exact import Integers
from zhike.insight.types import CannotCarry

Folds: TypeAlias = "list[tuple[Integers, Integers]]"

_LARGE = 500_000


@dataclass(frozen=True, slots=True)
class Boosting:
    """How to learn. trees: at most so many (how many are good is found out by folds); rate: part of each that counts;
    leaves and depth: of a tree; least: customers in a leaf; patience: trees without gain before it ends; folds: parts
    of which each is once foretold from the others; threads: 0 for all processors."""

    trees: int = 400
    rate: float = 0.05
    leaves: int = 16
    depth: int = 6
    least: int = 20
    patience: int = 30
    folds: int = 5
    seed: int = 1
    threads: int = 0

    def __post_init__(self) -> None:
        if not (1 <= self.trees <= 10_000 and 0 < self.rate <= 1 and 2 <= self.leaves <= MOST_LEAVES):
            raise ValueError(f"trees: 1 to 10000, rate: up to 1, leaves: 2 to {MOST_LEAVES}")
        if not (1 <= self.depth <= 8 and self.least >= 1 and self.patience >= 1 and 2 <= self.folds <= 20):
            raise ValueError("depth: 1 to 8, least and patience: 1 or more, folds: 2 to 20")


@dataclass(frozen=True)
class Grown:
    """A forest of all rows, and the log-odds of each row by a forest that had not seen its customer (rows learnt from
    and rows held out of each fold)."""

    forest: Forest
    held_out: Floats
    folds: Folds


def grow(x: Floats, lost: Flags, group: Integers, reader: Reader, options: Boosting) -> Grown:
    """Grows a forest. Rows of one group stay together when a part is held out. Raises CannotCarry (no_library) where
    LightGBM is not installed."""
    learner = _learner()
    data = _data(learner, x, lost, reader)
    folds = _folds(lost, group, options)
    tried = _tried(learner, data, folds, _settings(reader, options, 1), options)
    rounds = _rounds([curve for _, curve in tried])
    held_out = np.empty(len(x))
    for (_, rows), (booster, _) in zip(folds, tried, strict=True):
        forest = _forest(booster.dump_model(num_iteration=rounds), reader)
        held_out[rows] = forest.raw(x[rows])
    grown = learner.train(_settings(reader, options, _threads(len(x), options)), data, num_boost_round=rounds)
    return Grown(_forest(grown.dump_model(), reader), held_out, folds)


def _tried(
    learner: Any, data: Any, folds: Folds, settings: dict[str, Any], options: Boosting
) -> list[tuple[Any, list[float]]]:
    """For each fold the trees grown on the others, and the log-loss on it after each tree. One thread each: threads
    that wait for each other at every node cost more than they bring where others use the processors too."""
    sets = [(data.subset(learnt).construct(), data.subset(held).construct()) for learnt, held in folds]

    def one(pair: tuple[Any, Any]) -> tuple[Any, list[float]]:
        told: dict[str, Any] = {}
        watch = [learner.early_stopping(options.patience, verbose=False), learner.record_evaluation(told)]
        booster = learner.train(
            settings, pair[0], num_boost_round=options.trees, valid_sets=[pair[1]], callbacks=watch
        )
        return booster, next(iter(told.values()))["binary_logloss"]

    with ThreadPoolExecutor(options.threads or os.cpu_count() or 1) as pool:
        return list(pool.map(one, sets))


def _rounds(curves: list[list[float]]) -> int:
    """The number of trees best for all folds together. A fold that ended earlier keeps its last log-loss."""
    longest = max(map(len, curves))
    padded = np.array([curve + curve[-1:] * (longest - len(curve)) for curve in curves])
    return int(padded.mean(axis=0).argmin()) + 1


def _threads(rows: int, options: Boosting) -> int:
    return (options.threads or os.cpu_count() or 1) if rows >= _LARGE else 1


def _learner() -> Any:
    try:
        import lightgbm
    except (ImportError, OSError) as error:
        message = (
            "learning to foretell losses takes LightGBM: install zhike[insight] (and libgomp1 of the system)"
        )
        raise CannotCarry("no_library", message, error=str(error)) from None
    return lightgbm


def _settings(reader: Reader, options: Boosting, threads: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": options.rate,
        "num_leaves": options.leaves,
        "max_depth": options.depth,
        "min_data_in_leaf": options.least,
        "lambda_l2": 1.0,
        "feature_fraction": 0.8,
        "monotone_constraints": [each.direction for each in reader.features],
        "monotone_constraints_method": "intermediate",
        "seed": options.seed,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def _data(learner: Any, x: Floats, lost: Flags, reader: Reader) -> Any:
    categories = [at for at, known in enumerate(reader.categories) if known is not None]
    settings = {"verbosity": -1, "feature_pre_filter": False}
    rows = _for_learner(x, reader)
    return learner.Dataset(
        rows, lost.astype(np.float64), categorical_feature=categories, params=settings
    ).construct()


def _for_learner(x: Floats, reader: Reader) -> Floats:
    """Unknown categories as missing."""
    some = x.copy()
    for at, known in enumerate(reader.categories):
        if known is not None:
            some[some[:, at] < 0, at] = np.nan
    return some


def _folds(lost: Flags, group: Integers, options: Boosting) -> Folds:
    """Groups dealt out at random, those with a loss and those without each evenly."""
    random = np.random.default_rng(options.seed)
    names, at = np.unique(group, return_inverse=True)
    at = at.reshape(-1)
    any_loss = np.bincount(at, lost, minlength=len(names)) > 0
    fold = np.empty(len(names), dtype=np.int64)
    for kind in (False, True):
        some = random.permutation(np.flatnonzero(any_loss == kind))
        fold[some] = np.arange(len(some)) % options.folds
    of_row = fold[at]
    return [(np.flatnonzero(of_row != each), np.flatnonzero(of_row == each)) for each in range(options.folds)]


def _forest(told: dict[str, Any], reader: Reader) -> Forest:
    sizes = tuple(None if known is None else len(known) for known in reader.categories)
    return Forest(tuple(_tree(tree["tree_structure"]) for tree in told["tree_info"]), sizes)


def _tree(root: dict[str, Any]) -> Tree:
    rows: list[dict[str, Any]] = []

    def walk(node: dict[str, Any]) -> int:
        at = len(rows)
        rows.append({})
        if "leaf_value" in node:
            rows[at] = _node(value=node["leaf_value"], cover=node.get("leaf_count", 1))
            return at
        left, right = walk(node["left_child"]), walk(node["right_child"])
        by_category = node["decision_type"] == "=="
        codes = tuple(int(code) for code in str(node["threshold"]).split("||")) if by_category else None
        # What was never missing in training goes with the larger part.
        missing_left = (
            node["default_left"]
            if node["missing_type"] == "NaN"
            else rows[left]["cover"] >= rows[right]["cover"]
        )
        rows[at] = _node(
            feature=node["split_feature"],
            threshold=0.0 if by_category else float(node["threshold"]),
            categories=codes,
            missing_left=bool(missing_left) and not by_category,
            left=left,
            right=right,
            cover=node["internal_count"],
        )
        return at

    walk(root)
    return Tree(**{name: tuple(row[name] for row in rows) for name in Tree.__dataclass_fields__})


def _node(**known: Any) -> dict[str, Any]:
    nothing = {
        "feature": -1,
        "threshold": 0.0,
        "categories": None,
        "missing_left": False,
        "left": -1,
        "right": -1,
    }
    return nothing | {"value": 0.0} | known
