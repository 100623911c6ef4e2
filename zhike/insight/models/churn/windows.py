"""Examples to learn from: what was known of each customer before a day, and whether he was lost in the days after it.

Observation window and horizon meet at the cut-off day and never overlap: no feature looks at or beyond it, no loss is
counted that was there before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from zhike.insight.models.baskets.significance import Floats
from zhike.insight.models.churn.features import Column, Feature, Features, stacked
from zhike.insight.models.churn.history import History, Silence, Silences, day_number, silences
from zhike.insight.models.churn.lives import Flags
from zhike.insight.models.customer_base.rows import sums
from zhike.insight.models.exact import EXACT, Integers
from zhike.insight.types import CannotCarry

BEHAVIOUR = (
    Feature(
        "silence",
        1,
        "management",
        "Silence so far, in parts of what is usual for him",
        "沉默时长(占其允许时长)",
    ),
    Feature("silent_days", 1, "management", "Days since the last purchase", "距上次购买天数"),
    Feature("purchases", -1, "management", "Days with a purchase in the window", "观察期购买天数"),
    Feature("amount", 0, "marketing", "Net amount in the window", "观察期净额"),
    Feature("average", 0, "marketing", "Net amount per purchase day", "每次购买净额"),
    Feature("interval", 0, "market_swings", "Mean days between purchases", "平均购买间隔天数"),
    Feature(
        "irregularity", 0, "market_swings", "Spread of the intervals, in parts of their mean", "间隔离散程度"
    ),
    Feature(
        "trend_purchases", -1, "market_swings", "Purchases lately against before (−1 to 1)", "购买次数趋势"
    ),
    Feature("trend_amount", -1, "market_swings", "Amount lately against before (−1 to 1)", "金额趋势"),
    Feature("returns", 0, "broken_promises", "Part of the amount brought back", "退货金额占比"),
    Feature("lines", 0, "no_innovation", "Lines per purchase day", "每次购买行数"),
    Feature("tenure_days", 0, "other", "Days since the first purchase", "客户存续天数"),
)


@dataclass(frozen=True)
class Examples:
    """One entry per customer and cut-off. lost: whether lost within `horizon` days; group: equal for the same customer,
    who must not stand on both sides of a trial; value: what was bought in the window, in the currency; cuts: day of
    each row (since 1970)."""

    features: Features
    lost: Flags
    group: Integers
    value: Floats
    cuts: Integers

    def __len__(self) -> int:
        return len(self.lost)

    def of(self, rows: Flags) -> Examples:
        """Only these rows."""
        parts = {name: getattr(self, name)[rows] for name in ("lost", "group", "value", "cuts")}
        return Examples(self.features.of(rows), **parts)


def examples_of(
    features: Features, lost: Sequence[bool] | Flags, *, value: Sequence[float] | Floats | None = None
) -> Examples:
    """Examples made elsewhere, all at one moment. Raises ValueError for columns of another length, missing outcomes or
    amounts that are none."""
    outcome = np.asarray(lost)
    if outcome.shape != (len(features),):
        raise ValueError("lost: must have one value per row")
    if outcome.dtype != bool and not np.isin(outcome, (0, 1)).all():
        raise ValueError("lost: must be yes or no")
    worth = np.ones(len(features)) if value is None else np.asarray(value, dtype=np.float64)
    if worth.shape != outcome.shape or not np.isfinite(worth).all():
        raise ValueError("value: must be one finite amount per row")
    codes = features.customers.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return Examples(
        features, outcome.astype(bool), codes.astype(np.int64), worth, np.zeros(len(features), np.int64)
    )


def behaviour(
    history: History, *, as_of: date, window: int = 365, definition: Silence | None = None
) -> tuple[Features, Silences]:
    """Features of customers who bought in the window and are not lost yet, from what lies before `as_of` alone, with
    their silences in the same order. Raises CannotCarry as `silences` does, and all_lost."""
    found = silences(history, as_of=as_of, window=window, definition=definition)
    still = ~found.lost
    if not still.any():
        raise CannotCarry("all_lost", "everybody has been silent for too long", customers=len(still))
    columns = _columns(found, window)
    kept = tuple(Column(columns[each.name][still]) for each in BEHAVIOUR)
    customers = history.customers.take(pa.array(found.customers[still]))
    return Features(customers, BEHAVIOUR, kept), _only(found, still)


def window_examples(
    history: History,
    *,
    cut: date,
    horizon: int,
    window: int = 365,
    definition: Silence | None = None,
) -> Examples:
    """Customers who are not lost at the cut-off, with their features before it; lost is whose silence becomes too long
    within the horizon after it, although he may come back later.

    Raises ValueError when the horizon is not positive or reaches beyond what the history knows; CannotCarry as
    `behaviour` does.
    """
    end = cut + timedelta(days=horizon)
    if horizon <= 0 or end > history.until:
        raise ValueError(f"horizon: must be positive and end by {history.until}")
    features, found = behaviour(history, as_of=cut, window=window, definition=definition)
    lost = _longest_silence(found, cut, end) > found.limit
    value = np.asarray(features.column("amount").values, dtype=np.float64)
    return Examples(features, lost, found.customers, value, np.full(len(lost), day_number(cut)))


def _longest_silence(found: Silences, cut: date, end: date) -> Integers:
    """The longest silence of each customer that reaches into the days from `cut` to `end`."""
    history = found.history
    last = np.full(len(history.customers), np.iinfo(np.int64).min // 2)
    last[found.customers] = found.last
    later = history.bought & (history.day >= day_number(cut)) & (history.day < day_number(end))
    at, day = history.at[later], history.day[later]
    again = np.concatenate([[False], at[1:] == at[:-1]]) if len(at) else np.zeros(0, dtype=bool)
    before = np.where(again, np.roll(day, 1), last[at])
    longest = np.zeros(len(last), dtype=np.int64)
    np.maximum.at(longest, at, day - before)
    np.maximum.at(last, at, day)
    np.maximum(longest, day_number(end) - last, out=longest)
    return longest[found.customers]


def panel(
    history: History,
    *,
    cuts: Sequence[date],
    horizon: int,
    window: int = 365,
    definition: Silence | None = None,
) -> Examples:
    """The examples of several cut-offs under each other."""
    if not cuts:
        raise ValueError("cuts: at least one is needed")
    parts = [
        window_examples(history, cut=cut, horizon=horizon, window=window, definition=definition)
        for cut in cuts
    ]
    return Examples(
        stacked([part.features for part in parts]),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("lost", "group", "value", "cuts")
        ),
    )


def _only(found: Silences, still: Flags) -> Silences:
    number, total, squares = (each[still] for each in found.gaps)
    return Silences(
        found.history,
        found.as_of,
        found.customers[still],
        found.purchases[still],
        found.last[still],
        found.limit[still],
        (number, total, squares),
    )


def _columns(found: Silences, window: int) -> dict[str, Floats]:
    """All features of all customers found, over the window."""
    history, now = found.history, day_number(found.as_of)
    part = history.of((history.day < now) & (history.day >= now - window))
    place = np.full(len(history.customers), -1)
    place[found.customers] = np.arange(len(found.customers))
    at = place[part.at]
    known = at >= 0
    size = len(found.customers)

    def total(values: Integers | Flags | Floats, which: Flags) -> Floats:
        return sums(at[known & which], np.asarray(values[known & which], dtype=np.float64), size)

    everything, late = np.ones(len(at), dtype=bool), part.day >= now - window // 2
    money, back = part.money / EXACT, part.back / EXACT
    amount, gross = total(money, everything), total(np.maximum(money, 0), everything)
    bought = found.purchases.astype(np.float64)
    lately = total(part.bought, late)
    gross_lately = total(np.maximum(money, 0), late)
    number, whole, squares = found.gaps
    interval = _ratio(whole, number)
    variance = _ratio(squares, number) - interval**2
    spread = np.sqrt(
        np.maximum(np.where(number > 1, variance * number / np.maximum(number - 1, 1), np.nan), 0)
    )
    return {
        "silence": found.silent / found.limit,
        "silent_days": found.silent.astype(np.float64),
        "purchases": bought,
        "amount": amount,
        "average": gross / bought,
        "interval": interval,
        "irregularity": _ratio(spread, interval),
        "trend_purchases": 2 * lately / bought - 1,
        "trend_amount": 2 * gross_lately / gross - 1,
        "returns": np.minimum(total(back, everything) / gross, 1.0),
        "lines": total(part.lines, part.bought) / bought,
        "tenure_days": (now - history.first[found.customers]).astype(np.float64),
    }


def _ratio(above: Floats, below: Floats) -> Floats:
    ratio: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return ratio
