"""Features of customer and product, and the weights that past months give them (logistic regression)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.insight.models.baskets.data import ragged
from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.exact import Integers
from zhike.insight.models.offers.state import State
from zhike.insight.types import CannotCarry

FEATURES = (
    "constant",
    "owned",
    "owned: times bought",
    "owned: days since",
    "owned: purchases of the customer",
    "sells now",
    "new: sells now",
    "sold earlier",
    "new: sold earlier",
    "bought together",
    "new: bought together",
    "bought after",
    "new: bought after",
    "purchases of the customer",
    "days since the customer bought",
    "products of the customer",
)

_FLOOR = 1e-3
_CELLS = 1 << 22
_CUSTOMERS = 4096
_STEPS = 30


@dataclass(frozen=True)
class Candidates:
    """Customers with products that may be offered to them, a row each, and their features."""

    customer: Integers
    code: Integers
    owned: Integers
    features: Floats


def chunks(state: State, customers: Integers) -> list[Integers]:
    """The customers in parts whose tables of customers by products, and of candidates, fit into memory."""
    step = max(1, min(_CELLS // state.items, _CUSTOMERS))
    return [customers[at : at + step] for at in range(0, len(customers), step)]


def candidates(state: State, customers: Integers, wide: int, *, only_new: bool) -> Candidates:
    """For each customer what they own, the `wide` products nearest to it, and the `wide` that sell most now."""
    sizes = state.bounds[customers + 1] - state.bounds[customers]
    rows = ragged(state.bounds[customers], sizes)
    line, code = np.repeat(np.arange(len(customers)), sizes), state.code[rows]
    shape = (len(customers), state.items)
    has = np.zeros(shape, dtype=np.float32)
    has[line, code] = 1
    together, after = has @ state.together.weight, has @ state.after.weight
    wide = min(wide, state.items)
    chosen = np.zeros(shape, dtype=bool)
    nearest = np.argpartition(-(together + after), wide - 1, axis=1)[:, :wide]
    np.put_along_axis(chosen, nearest, True, axis=1)
    chosen[:, np.argpartition(-state.recent, wide - 1)[:wide]] = True
    own = np.full(shape, -1)
    own[line, code] = rows
    chosen[line, code] = not only_new
    at = np.nonzero(chosen)
    owned = own[at]
    near = together[at].astype(np.float64), after[at].astype(np.float64)
    features = _features(state, customers[at[0]], at[1], owned, *near)
    return Candidates(customers[at[0]], at[1], owned, features)


def _features(
    state: State, customer: Integers, code: Integers, owned: Integers, together: Floats, after: Floats
) -> Floats:
    has = (owned >= 0).astype(np.float64)
    purchases = np.log1p(state.purchases[customer])
    sells, sold = np.log1p(state.recent[code]), np.log1p(state.earlier[code])
    met, later = np.log(together + _FLOOR), np.log(after + _FLOOR)
    return np.column_stack(
        [
            np.ones(len(code)),
            has,
            has * np.log(state.times[owned]),
            has * np.log1p(state.day - state.last[owned]),
            has * purchases,
            sells,
            (1 - has) * sells,
            sold,
            (1 - has) * sold,
            met,
            (1 - has) * met,
            later,
            (1 - has) * later,
            purchases,
            np.log1p(state.day - state.latest[customer]),
            np.log1p(state.bounds[customer + 1] - state.bounds[customer]),
        ]
    )


def learned(features: Floats, bought: Floats) -> Floats:
    """Weights of the features: the maximum of the likelihood with a light ridge, by Newton's method.

    Raises CannotCarry when nothing was bought.
    """
    if not bought.any():
        message = "nothing that could be offered was bought in the months to learn from"
        raise CannotCarry("nothing_to_learn", message, candidates=len(bought))
    scale = np.maximum(np.abs(features).max(axis=0), 1e-9)
    scaled = features / scale
    ridge = np.eye(features.shape[1])
    weights = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        chance = probabilities(scaled, weights)
        slope = scaled.T @ (bought - chance) - weights
        bend = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + ridge
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-4:
            break
    return np.asarray(weights / scale)


def probabilities(features: Floats, weights: Floats) -> Floats:
    """The chance of each candidate to be bought."""
    return np.asarray(1 / (1 + np.exp(-np.clip(features @ weights, -30, 30))))
