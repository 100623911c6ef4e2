"""RFM and the value pyramid of everybody on a day, and the scores that are written back to the customers.

Bands and tiers are always those of the whole company; what somebody may see of them is decided where they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from zhike.customers.actions import ScoreColumn, write_scores
from zhike.customers.queries import canonical_ids
from zhike.feeds.knowledge.house import warehouse
from zhike.feeds.knowledge.keys import ids_of
from zhike.feeds.knowledge.policy import TIER_CODES, ScorePolicy, current_policy
from zhike.feeds.knowledge.replay import day_of
from zhike.insight.models.exact import EXACT
from zhike.insight.models.migration import Migration, migration
from zhike.insight.models.pyramid import TIERS, Pyramid, TierRule, pyramid
from zhike.insight.models.rfm import Rfm, rfm
from zhike.insight.models.scores import scores_of
from zhike.insight.types import CannotCarry, Days
from zhike.insight.warehouse import CUSTOMER, PURCHASE, purchase_documents, query
from zhike.insight.warehouse.store import opened
from zhike.kernel.actor import Context

ONE_DAY = timedelta(days=1)
By = Literal["number", "value"]


@dataclass(frozen=True, slots=True)
class Basis:
    """What scores stand on: the policy, the day, its period and the currency."""

    policy: ScorePolicy
    as_of: date
    days: int
    currency: str

    @property
    def period(self) -> Days:
        """The `days` days up to the day itself, which belongs to them."""
        end = self.as_of + ONE_DAY
        return Days(end - timedelta(days=self.days), end)


@dataclass(frozen=True)
class Knowledge:
    """RFM of everybody who bought in the period, and their pyramid."""

    basis: Basis
    rfm: Rfm
    pyramid: Pyramid


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day of purchases, and their currencies by frequency."""

    first: date
    last: date
    currencies: tuple[str, ...]


def span() -> Span:
    """What the warehouse has of purchases of known customers. Raises CannotCarry when it has none."""
    return _span(opened(warehouse(), PURCHASE).version(), str(warehouse().root))


@lru_cache(maxsize=8)
def _span(_version: int, _root: str) -> Span:
    sql = """SELECT currency, count(*) AS lines, min(occurred_date) AS first, max(occurred_date) AS last
             FROM purchase WHERE customer_key IS NOT NULL GROUP BY 1 ORDER BY lines DESC, 1"""
    rows = query(warehouse(), sql, tables=(PURCHASE,)).to_pylist()
    if not rows:
        raise CannotCarry("no_purchases", "there are no purchases")
    first, last = min(row["first"] for row in rows), max(row["last"] for row in rows)
    return Span(first, last, tuple(row["currency"] for row in rows))


def basis(
    context: Context, *, as_of: date | None = None, days: int | None = None, currency: str = ""
) -> Basis:
    """What is asked for, with what is left out filled in.

    The day is today; where nothing was bought in the period up to today, the day of the last purchase. Raises
    CannotCarry when there are no purchases at all.
    """
    policy, have = current_policy(), span()
    length = days or policy.days
    today = day_of(context.now)
    if as_of is None:
        as_of = today if have.last > today - timedelta(days=length) else have.last
    return Basis(policy, as_of, length, currency or policy.currency or have.currencies[0])


def know(at: Basis, by: By | None = None) -> Knowledge:
    """RFM and pyramid on a basis. Raises CannotCarry where the purchases cannot tell."""
    house = warehouse()
    versions = (opened(house, PURCHASE).version(), opened(house, CUSTOMER).version())
    return _know(
        str(house.root), versions, at.policy.version, at.as_of, at.days, at.currency, by or at.policy.by
    )


@lru_cache(maxsize=6)
def _know(
    _root: str, _versions: tuple[int, int], _policy: int, as_of: date, days: int, currency: str, by: By
) -> Knowledge:
    policy = current_policy()
    at = Basis(policy, as_of, days, currency)
    cuts = _cuts(policy)
    found = rfm(
        purchase_documents(warehouse(), at.period), as_of=as_of, period=at.period, bands=policy.bands,
        method="fixed" if cuts else "quantile", cuts=cuts, frequency=policy.frequency,
        grain="document" if policy.frequency != "lines" else "line", currency=currency,
    )  # fmt: skip
    tiers = pyramid(found.customers, found.values["money"], tiers=tier_rules(policy), by=by)
    return Knowledge(at, found, tiers)


def _cuts(policy: ScorePolicy) -> Any:
    if not policy.cuts:
        return None
    factor = {"recency": 1, "frequency": 1, "money": EXACT}
    return {
        name: [round(end * factor[name]) for end in policy.cuts[name]]
        for name in ("recency", "frequency", "money")
    }


def tier_rules(policy: ScorePolicy) -> Sequence[TierRule]:
    """The tiers with the shares of the policy; what rounding leaves goes to the last."""
    shares = [round(share * 10_000) for share in policy.shares]
    shares[-1] = 1_000_000 - sum(shares[:-1])
    return [TierRule(rule.code, rule.en, rule.zh, share) for rule, share in zip(TIERS, shares, strict=True)]


def compare(before: Knowledge, after: Knowledge) -> Migration:
    """Who moved between tiers from one to the other."""
    return migration(
        (before.pyramid.customers, before.pyramid.table["tier"]),
        (after.pyramid.customers, after.pyramid.table["tier"]),
        groups=TIER_CODES,
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """How many customers have scores now, of which day and period, and what changed."""

    customers: int
    as_of: date
    days: int
    currency: str
    written: int
    removed: int


def write_back(context: Context, found: Knowledge) -> Scored:
    """Write the scores of a day to the customers; those without purchases in its period lose theirs."""
    at = found.basis
    table = scores_of(found.rfm, found.pyramid)
    keys = table["customer_key"].to_pylist()
    people = ids_of(keys)
    standing = canonical_ids(people.values()) if people else {}
    ids = [standing[people[key]] if key in people else None for key in keys]
    # Of two that have just been merged and not been fed yet, the first counts until the next scores.
    seen: dict[Any, int] = {}
    for place, each in enumerate(ids):
        if each is not None:
            seen.setdefault(each, place)
    places = np.fromiter(seen.values(), dtype=np.int64, count=len(seen))
    chosen = table.take(places)
    columns = [
        ScoreColumn(name, _values(chosen[name])) for name in table.column_names if name != "customer_key"
    ]
    done = write_scores(context, list(seen), columns, at.as_of)
    return Scored(len(seen), at.as_of, at.days, at.currency, done.written, done.removed)


def _values(column: Any) -> list[float | str | None]:
    values = column.to_pylist()
    return values if isinstance(values[0], str) else [float(value) for value in values]
