"""Lookalikes: customers who resemble a chosen few, and by what.

A ridge logistic regression tells the chosen from all others in the space of the segments (categories as one column
each); its score ranks the others. How well it tells them apart is judged on customers held out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.features import Features
from zhike.insight.models.churn.lives import Flags
from zhike.insight.models.churn.quality import auc
from zhike.insight.models.churn.survival import Estimate
from zhike.insight.models.segments.space import Space, space_of
from zhike.insight.types import CannotCarry

_FEWEST = 20
_FOLDS = 5


@dataclass(frozen=True)
class Lookalikes:
    """The others, the most similar first. score: log-odds of being one of the chosen; likeness: parts of the score by
    column (customers × columns); auc: how well chosen and others are told apart when held out: near 0.5 the chosen have
    nothing in common that the features know."""

    customers: pa.Array
    score: Floats
    columns: tuple[str, ...]
    likeness: Floats
    auc: Estimate
    chosen: int

    @property
    def table(self) -> pa.Table:
        """customer_key, score, because (the column that speaks most for the likeness)."""
        names = pa.array(self.columns, pa.string())
        because = names.take(pa.array(self.likeness.argmax(axis=1)))
        return pa.table({"customer_key": self.customers, "score": self.score, "because": because})


def lookalikes(features: Features, chosen: Flags, *, most: int = 1000, ridge: float = 1.0) -> Lookalikes:
    """The customers most like the chosen. Raises ValueError for another number of marks; CannotCarry: too_few (20
    chosen and 20 others), constant_features."""
    if chosen.shape != (len(features),) or chosen.dtype != bool:
        raise ValueError("chosen: must be one yes or no per customer")
    few = min(int(chosen.sum()), int((~chosen).sum()))
    if few < _FEWEST:
        message = f"it takes {_FEWEST} chosen customers and {_FEWEST} others"
        raise CannotCarry("too_few", message, chosen=int(chosen.sum()), others=int((~chosen).sum()))
    space = space_of(features)
    x, names = _columns(space, features)
    held_out = np.empty(len(x))
    fold = np.random.default_rng(1).permutation(len(x)) % _FOLDS
    for each in range(_FOLDS):
        learnt = fold != each
        held_out[~learnt] = x[~learnt] @ _weights(x[learnt], chosen[learnt], ridge)
    weights = _weights(x, chosen, ridge)
    parts = x * weights
    score = parts.sum(axis=1)
    others = np.flatnonzero(~chosen)
    order = others[np.argsort(-score[others], kind="stable")][:most]
    return Lookalikes(
        features.customers.take(pa.array(order)),
        score[order],
        names,
        parts[order][:, 1:],
        auc(held_out, chosen),
        int(chosen.sum()),
    )


def _columns(space: Space, features: Features) -> tuple[Floats, tuple[str, ...]]:
    """A column of ones, the numbers, and one centred column for each known category."""
    points = space.points(features)
    columns, names = [np.ones(len(points)), *points.numbers.T], list(space.number_names)
    known = [each for each in space.reader.categories if each is not None]
    for at, (name, categories) in enumerate(zip(space.category_names, known, strict=True)):
        for code, category in enumerate(categories, start=1):
            here = (points.codes[:, at] == code).astype(np.float64)
            columns.append(here - here.mean())
            names.append(f"{name}={category}")
    return np.column_stack(columns), tuple(names)


def _weights(x: Floats, chosen: Flags, ridge: float) -> Floats:
    """Newton's method; the constant is not penalised."""
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 1e-9
    place = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ place, -500, 500)))
        slope = x.T @ (chosen - p) - penalty * place
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        place = place + step * min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray(place)
