"""What a customer was: periods of its aspects, and the pattern of its life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from zhike.customers.types.cards import PeriodView
from zhike.customers.types.words import Aspect, RelationStage

LONG_LASTING = timedelta(days=3 * 365)


def whole_history(
    past: Iterable[PeriodView], now: Mapping[str, str], created_at: datetime
) -> tuple[PeriodView, ...]:
    """Past periods and those that hold now, newest first. An aspect that was never set has no period."""
    periods = list(past)
    ends: dict[str, datetime] = {}
    for period in periods:
        if period.until is not None:
            ends[period.aspect] = max(ends.get(period.aspect, created_at), period.until)
    for aspect in Aspect.values:
        if now.get(aspect) or aspect in ends:
            periods.append(PeriodView(aspect, now.get(aspect, ""), ends.get(aspect, created_at), None))
    # Empty values are gaps, not periods.
    shown = [period for period in periods if period.value]
    return tuple(sorted(shown, key=lambda period: period.since, reverse=True))


def life_pattern(history: Iterable[PeriodView], now: datetime) -> str:
    """Where the relation broke off: early_miscarriage, midway_death, early_exit, or long_lasting; else nothing.

    A relation that ended out of the potential stage miscarried early; out of growth it died midway; out of maturity
    or decline it exited early, unless maturity had lasted three years. One that has been mature for three years and
    goes on is long-lasting too.
    """
    stages = sorted(
        (period for period in history if period.aspect == Aspect.RELATION_STAGE),
        key=lambda period: period.since,
    )
    if not stages:
        return ""
    mature = sum(
        ((each.until or now) - each.since for each in stages if each.value == RelationStage.MATURITY),
        timedelta(),
    )
    if mature >= LONG_LASTING:
        return "long_lasting"
    if stages[-1].value != RelationStage.END:
        return ""
    reached = {each.value for each in stages[:-1]}
    if reached & {RelationStage.MATURITY.value, RelationStage.DECLINE.value}:
        return "early_exit"
    return "midway_death" if RelationStage.GROWTH.value in reached else "early_miscarriage"
