"""What the questions about customers' value answer with. Amounts are in whole units of the currency, None where the
reader may not see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit whose customers may be looked at by themselves; `depth` counts the units above it."""

    id: UUID
    name: str
    depth: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What a view speaks of. `scored`: the customers' records hold the scores of this very basis."""

    as_of: date
    start: date
    days: int
    currency: str
    currencies: list[str]
    first: date
    last: date
    unit: UUID | None
    unit_ids: list[UUID]
    units: list[UnitChoice]
    scored: bool
    money: bool


@dataclass(frozen=True, slots=True)
class TierRead:
    """A tier with its customers, their part of all customers and of the value. `low` to `high` is what they brought."""

    code: str
    customers: int
    share_of_customers: float
    value: float | None
    share_of_value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CellRead:
    """A cell of the R×F map."""

    recency: int
    frequency: int
    customers: int
    value: float | None


@dataclass(frozen=True, slots=True)
class TypeRead:
    """One of the eight RFM types."""

    code: str
    customers: int
    value: float | None


@dataclass(frozen=True, slots=True)
class BandRead:
    """What a band of R (days), F (purchases) or M (amount) means: from `low` to `high`, both included."""

    number: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ValueView:
    """The pyramid and the map of the customers the reader may see. Bands and tiers are those of the whole company."""

    scope: Scope
    customers: int
    value: float | None
    tiers: list[TierRead]
    bands: int
    cells: list[CellRead]
    types: list[TypeRead]
    recency: list[BandRead]
    frequency: list[BandRead]
    money: list[BandRead]
    left_out: int


@dataclass(frozen=True, slots=True)
class MigrationView:
    """Who moved between tiers. `matrix[i][j]`: customers who were in groups[i] and are in groups[j]; the last group is
    `absent`: without purchases in the period."""

    scope: Scope
    before: date
    after: date
    groups: list[str]
    matrix: list[list[int]]
    risen: int
    fallen: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class PersonBehind:
    """A customer behind a figure."""

    id: UUID
    number: str
    name: str
    tier: str
    recency_days: int | None
    frequency: int | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Behind:
    """The customers behind a figure, those who brought most first. `next`: where the next page begins."""

    people: list[PersonBehind]
    total: int
    next: int | None
    currency: str
    as_of: date


@dataclass(frozen=True, slots=True)
class PurchaseRead:
    """One line of a purchase."""

    source: str
    document: str
    line_no: int
    occurred_at: datetime
    occurred_date: date
    product: str | None
    description: str | None
    quantity: float
    unit_price: float | None
    amount: float | None
    currency: str
    is_return: bool


@dataclass(frozen=True, slots=True)
class PurchasePage:
    """Lines of purchases, newest first; `next` is the cursor of the next page."""

    lines: list[PurchaseRead]
    next: str | None


@dataclass(frozen=True, slots=True)
class MonthRead:
    """Purchases of one month (its first day) in one currency."""

    month: date
    currency: str
    documents: int
    amount: float | None


@dataclass(frozen=True, slots=True)
class PurchaseSummary:
    """What one customer bought in one currency. A purchase is a document whose net amount is positive."""

    customer: UUID
    currency: str
    documents: int
    lines: int
    returned_lines: int
    first_date: date
    last_date: date
    amount: float | None
    months: list[MonthRead]
