"""Questions about customers' value and purchases, for every door."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.feeds.knowledge.value_types import (
    Behind,
    MigrationView,
    PurchasePage,
    PurchaseSummary,
    ValueView,
)
from zhike.kernel.actions import about, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import Refusal
from zhike.kernel.warm import prepare

T = gettext_lazy
AsOf = Annotated[date | None, about(T("As of"))]
PeriodDays = Annotated[int | None, Bound(ge=1, le=3660), about(T("Period in days"))]
Currency = Annotated[str, Bound(pattern="^([A-Z]{3})?$"), about(T("Currency"))]
InUnit = Annotated[UUID | None, about(T("Unit and those below it"))]
Tier = Literal["", "platinum", "gold", "iron", "lead"]
Group = Literal["platinum", "gold", "iron", "lead", "absent"]
BandNumber = Annotated[int | None, Bound(ge=1, le=9), about(T("Band"))]
From = Annotated[int, Bound(ge=0, le=10_000_000), about(T("Beginning at"))]
Size = Annotated[int, Bound(ge=1, le=500), about(T("At most"))]
Customers = Annotated[list[UUID], Bound(min_length=1, max_length=500), about(T("Customers"))]


def _first_view(context: Context) -> None:
    """The value page as most open it: its libraries and its figures are at hand for whoever asks."""
    from zhike.feeds.knowledge.value_view import value_view

    with suppress(Refusal):
        value_view(context, None, None, "", None)


prepare("insight.read", _first_view)


@query("insight.value", label=T("Customer value"), permission="insight.read")
def value(
    context: Context,
    as_of: AsOf = None,
    days: PeriodDays = None,
    currency: Currency = "",
    unit: InUnit = None,
) -> ValueView:
    """The value pyramid, the R×F map and the RFM types of the customers you may see, for any period.

    Bands and tiers are those of the whole company, so that they mean the same to everybody.
    """
    from zhike.feeds.knowledge.value_view import value_view

    return value_view(context, as_of, days, currency, unit)


@query("insight.migration", label=T("Moves between value tiers"), permission="insight.read")
def migration(
    context: Context,
    before: AsOf = None,
    after: AsOf = None,
    days: PeriodDays = None,
    currency: Currency = "",
    unit: InUnit = None,
) -> MigrationView:
    """How many customers moved from each value tier to each other between two days."""
    from zhike.feeds.knowledge.value_view import migration_view

    return migration_view(context, before, after, days, currency, unit)


@query("insight.movers", label=T("Customers who moved between tiers"), permission="insight.read")
def movers(
    context: Context,
    came_from: Annotated[Group, about(T("From tier"))],
    went_to: Annotated[Group, about(T("To tier"))],
    before: AsOf = None,
    after: AsOf = None,
    days: PeriodDays = None,
    currency: Currency = "",
    unit: InUnit = None,
    start: From = 0,
    size: Size = 50,
) -> Behind:
    """The customers behind one cell of the migration, those who bring most first."""
    from zhike.feeds.knowledge.value_view import movers as find

    return find(context, before, after, days, currency, unit, came_from, went_to, start, size)


@query("insight.behind", label=T("Customers behind a figure"), permission="insight.read")
def behind(
    context: Context,
    tier: Annotated[Tier, about(T("Value tier"))] = "",
    kind: Annotated[str, Bound(max_length=40), about(T("RFM type"))] = "",
    r: BandNumber = None,
    f: BandNumber = None,
    as_of: AsOf = None,
    days: PeriodDays = None,
    currency: Currency = "",
    unit: InUnit = None,
    start: From = 0,
    size: Size = 50,
) -> Behind:
    """The customers behind a figure of the pyramid, the map or the types, those who bring most first."""
    from zhike.feeds.knowledge.value_view import behind as find

    return find(context, as_of, days, currency, unit, tier, kind, r, f, start, size)


@query("insight.purchases_of", label=T("Purchases"), permission="customers.read")
def purchases_of(
    context: Context,
    customers: Customers,
    limit: Size = 50,
    cursor: Annotated[str | None, Bound(max_length=60), about(T("Page"))] = None,
) -> PurchasePage:
    """The lines that customers bought, newest first; also those of customers merged into them."""
    from zhike.feeds.knowledge.purchase_view import purchase_page

    return purchase_page(context, customers, limit, cursor)


@query("insight.purchase_summary", label=T("Purchases in sum"), permission="customers.read")
def purchase_summary(context: Context, customers: Customers) -> list[PurchaseSummary]:
    """What customers bought in sum, by currency and month."""
    from zhike.feeds.knowledge.purchase_view import purchase_sums

    return purchase_sums(context, customers)
