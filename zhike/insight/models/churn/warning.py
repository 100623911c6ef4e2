"""Early warning: whom to call first, what it is worth, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.features import Features
from zhike.insight.models.churn.model import ChurnModel
from zhike.insight.models.churn.profit import Remedy
from zhike.insight.models.churn.reasons import Reasons


@dataclass(frozen=True)
class Warnings:
    """Customers whom contacting pays for, the greatest expected gain first; arrays have one entry per customer.

    probability of loss with its interval, value lost with him, gain expected of contacting him, and reasons in the same
    order. considered: customers looked at.
    """

    customers: pa.Array
    probability: Floats
    low: Floats
    high: Floats
    value: Floats
    gain: Floats
    reasons: Reasons
    considered: int

    def __len__(self) -> int:
        return len(self.probability)

    @cached_property
    def table(self) -> pa.Table:
        """customer_key, probability, low, high, value, gain, cause (code of the heaviest reason; empty where nothing
        raises the risk)."""
        first = self.reasons.places[:, 0]
        known = self.reasons.reader.features
        return pa.table(
            {
                "customer_key": self.customers,
                **{name: getattr(self, name) for name in ("probability", "low", "high", "value", "gain")},
                "cause": pa.array([known[at].cause if at >= 0 else None for at in first], pa.string()),
            }
        )


def warnings(
    model: ChurnModel,
    features: Features,
    value: npt.ArrayLike,
    remedy: Remedy,
    *,
    most: int | None = None,
    top: int = 3,
) -> Warnings:
    """The customers whose expected gain is above 0, at most `most` of them, each with up to `top` reasons.

    `value`: what is lost with each customer, in the currency of the remedy. Raises ValueError for amounts that are none
    or not one per customer.
    """
    worth = np.asarray(value, dtype=np.float64)
    if worth.shape != (len(features),) or not np.isfinite(worth).all():
        raise ValueError("value: must be one finite amount per customer")
    told = model.probability(features)
    gain = remedy.gain(told, worth)
    order = np.argsort(-gain, kind="stable")[: int((gain > 0).sum())][:most]
    chosen = features.of(order)
    low, high = model.interval(told[order])
    reasons = model.reasons(chosen, top=top)
    return Warnings(
        chosen.customers, told[order], low, high, worth[order], gain[order], reasons, len(features)
    )
