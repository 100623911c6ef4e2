"""How customers are scored: bands, period, tiers. Decided by people, kept and audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.feeds.knowledge.models import Policy
from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.events import News, announce, changes_between

T = gettext_lazy
NAME = "scores"
# The record that facts about the policy speak of.
POLICY_ID = UUID("00000000-0000-7000-8000-0000000005c0")
TIER_CODES = ("platinum", "gold", "iron", "lead")
WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class ScorePolicy:
    """What scores are made with.

    `days`: length of the period; `bands`: of R, F and M; `cuts`: fixed upper ends by measure (recency in days, money in
    whole units of the currency), empty for bands of equal size; `shares`: of platinum, gold, iron and lead in percent
    of customers or of value (`by`); `compare_days`: how far back migration looks; `currency`: empty for the
    one that purchases are in.
    """

    days: int = 365
    bands: int = 5
    cuts: Mapping[str, list[float]] | None = None
    frequency: Literal["documents", "days", "lines"] = "documents"
    by: Literal["number", "value"] = "number"
    shares: tuple[float, float, float, float] = (1.0, 4.0, 15.0, 80.0)
    compare_days: int = 90
    currency: str = ""
    version: int = 0


def current_policy() -> ScorePolicy:
    """The policy in force; the one the house comes with until somebody decides."""
    row = Policy.objects.filter(name=NAME).first()
    if row is None:
        return ScorePolicy()
    return ScorePolicy(**{**row.body, "shares": tuple(row.body["shares"]), "version": row.version})


@query("insight.policy", label=T("How customers are scored"), permission="insight.read")
def read_policy(context: Context) -> ScorePolicy:
    """The bands, the period and the tiers that scores are made with."""
    return current_policy()


Percent = Annotated[float, Bound(gt=0, lt=100)]


@action("insight.set_policy", label=T("Decide how customers are scored"), permission="insight.score")
def set_policy(
    context: Context,
    days: Annotated[int, Bound(ge=1, le=3660), about(T("Period in days"))] = 365,
    bands: Annotated[int, Bound(ge=2, le=9), about(T("Bands"))] = 5,
    cuts: Annotated[dict[str, list[float]] | None, about(T("Fixed ends of bands"))] = None,
    frequency: Annotated[
        Literal["documents", "days", "lines"], about(T("What counts as a purchase"))
    ] = "documents",
    by: Annotated[Literal["number", "value"], about(T("Tiers take shares of"))] = "number",
    shares: Annotated[
        tuple[Percent, Percent, Percent, Percent], about(T("Shares of the tiers in percent"))
    ] = (
        1.0,
        4.0,
        15.0,
        80.0,
    ),
    compare_days: Annotated[int, Bound(ge=1, le=3660), about(T("Compare with how many days before"))] = 90,
    currency: Annotated[str, Bound(pattern="^([A-Z]{3})?$"), about(T("Currency"))] = "",
) -> ScorePolicy:
    """Decide on bands, period and tiers. The next scores are made with them; the decision is audited."""
    wrong = _problems(bands, cuts, shares)
    if wrong:
        raise Invalid(wrong)
    with transaction.atomic():
        # Two decisions at once come one after the other, each with a version of its own.
        Policy.objects.select_for_update().filter(name=NAME).first()
        before = current_policy()
        new = ScorePolicy(
            days, bands, cuts, frequency, by, shares, compare_days, currency, before.version + 1
        )
        body = {name: value for name, value in asdict(new).items() if name != "version"}
        Policy.objects.update_or_create(
            name=NAME, defaults={"body": body, "version": new.version, "updated_at": context.now}
        )
        changes = changes_between(asdict(before), asdict(new))
        announce(context, News("insight.policy_set", "insight", POLICY_ID, changes=changes))
    return new


def _problems(
    bands: int, cuts: Mapping[str, list[float]] | None, shares: tuple[float, ...]
) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if abs(sum(shares) - WHOLE) > 1e-6:
        wrong["shares"] = _("The shares must add up to 100 %.")
    if cuts is not None:
        for name in ("recency", "frequency", "money"):
            ends = cuts.get(name, [])
            if len(ends) != bands - 1 or sorted(set(ends)) != list(ends):
                wrong[f"cuts.{name}"] = _("Enter %(count)s rising numbers.") % {"count": bands - 1}
        if set(cuts) - {"recency", "frequency", "money"}:
            wrong["cuts"] = _("Name recency, frequency and money.")
    return wrong
