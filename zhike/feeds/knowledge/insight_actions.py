"""Scores on demand."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.jobs import enqueue

T = gettext_lazy
SCORE = "insight.score"


def score_now(context: Context, as_of: date | None, days: int | None, currency: str) -> Any:
    """Feed what is new, compute, and write the scores. Raises Refusal."""
    from zhike.feeds.knowledge.feed import run_feed
    from zhike.feeds.knowledge.refusals import refusal_for
    from zhike.feeds.knowledge.scoring import basis, know, write_back
    from zhike.feeds.knowledge.value_view import remember_scores
    from zhike.insight.types import CannotCarry

    run_feed(context)
    try:
        found = know(basis(context, as_of=as_of, days=days, currency=currency))
        with transaction.atomic():
            remember_scores(context, found.basis)
            return write_back(context, found)
    except CannotCarry as error:
        raise refusal_for(error) from error


@action(SCORE, label=T("Score customers"), permission="insight.score")
def score(
    context: Context,
    as_of: Annotated[date | None, about(T("As of"))] = None,
    days: Annotated[int | None, Bound(ge=1, le=3660), about(T("Period in days"))] = None,
    currency: Annotated[str, Bound(pattern="^([A-Z]{3})?$"), about(T("Currency"))] = "",
) -> UUID:
    """Score all customers in the background: recency, frequency, amount, their bands, type and value tier.

    Without a day it is today's; without a period that of the policy. Returns the job.
    """
    context.require("insight.write_scores")
    args = {"as_of": as_of, "days": days, "currency": currency}
    return enqueue(context, SCORE, {name: value for name, value in args.items() if value})
