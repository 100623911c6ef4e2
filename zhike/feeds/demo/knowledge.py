"""What the company knows of its customers on the last day: the warehouse fed, duplicates found."""

from __future__ import annotations

from collections.abc import Callable

from zhike.customers.actions import find_duplicates
from zhike.feeds.demo.company import Plan
from zhike.feeds.knowledge.insight_actions import score_now
from zhike.kernel.actor import Context, system
from zhike.kernel.worker import work_off

STEPS = 2


def know(plan: Plan, tell: Callable[[int, int], None]) -> None:
    """Feed the warehouse, score the customers, look for duplicates."""
    context = Context(system(), plan.now, "start")
    score_now(context, None, None, "")
    tell(1, STEPS)
    find_duplicates(context)
    work_off()
    tell(STEPS, STEPS)
