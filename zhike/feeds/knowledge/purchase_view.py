"""What customers bought, for the page of a customer: lines and sums, under the reader's rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from zhike.customers.queries import CUSTOMERS, absorbed_ids
from zhike.feeds.knowledge.house import warehouse
from zhike.feeds.knowledge.keys import keys_of
from zhike.feeds.knowledge.seen import may_see
from zhike.feeds.knowledge.value_types import MonthRead, PurchasePage, PurchaseRead, PurchaseSummary
from zhike.insight.warehouse import PURCHASE, purchases_of, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.rows import visible_ids

_TICK = timedelta(microseconds=1)


def _owners(context: Context, customers: Sequence[UUID]) -> dict[int, UUID]:
    """Whose each key is: the visible customers, and those merged into them (whether or not the feed knows yet)."""
    asked = sorted(visible_ids(context.actor, CUSTOMERS, customers))
    standing = {party: each for each, gone in absorbed_ids(asked).items() for party in (each, *gone)}
    return {key: standing[party] for party, key in keys_of(standing).items()}


def purchase_page(
    context: Context, customers: Sequence[UUID], limit: int, cursor: str | None
) -> PurchasePage:
    """Lines of these customers, newest first. The cursor is a moment and how many of its lines were shown."""
    owners = _owners(context, customers)
    moment, skip = _opened(cursor)
    if not owners:
        return PurchasePage([], None)
    before = moment + _TICK if moment else None
    found = purchases_of(warehouse(), sorted(owners), limit=limit + skip + 1, before=before).to_pylist()
    rows = found[skip : skip + limit]
    more = len(found) > skip + limit
    money = may_see(context, "monetary")
    return PurchasePage([_line(row, money) for row in rows], _cursor(found[: skip + limit]) if more else None)


def _opened(cursor: str | None) -> tuple[datetime | None, int]:
    if not cursor:
        return None, 0
    try:
        text, _sep, skip = cursor.partition("~")
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or not 0 <= int(skip) < 1_000_000:
            raise ValueError(cursor)
    except ValueError:
        raise Invalid({"cursor": _("This is not a page of this list.")}) from None
    return moment, int(skip)


def _cursor(shown: Sequence[Mapping[str, Any]]) -> str:
    last: datetime = shown[-1]["occurred_at"]
    same = sum(1 for row in shown if row["occurred_at"] == last)
    return f"{last.isoformat()}~{same}"


def _line(row: Mapping[str, Any], money: bool) -> PurchaseRead:
    return PurchaseRead(
        source=row["source"], document=row["document"], line_no=row["line_no"],
        occurred_at=row["occurred_at"], occurred_date=row["occurred_date"], product=row["product"],
        description=row["description"], quantity=float(row["quantity"]),
        unit_price=float(row["unit_price"]) if money else None,
        amount=float(row["amount"]) if money else None, currency=row["currency"], is_return=row["is_return"],
    )  # fmt: skip


_SUMS = """
WITH line AS (
    SELECT customer_key, source, document, occurred_date, currency, amount, is_return FROM purchase
    WHERE customer_key IN (SELECT unnest($keys::BIGINT[]))
), document AS (
    SELECT customer_key, currency, occurred_date, sum(amount) AS amount, count(*) AS lines,
           count(*) FILTER (is_return) AS returned
    FROM line GROUP BY customer_key, source, document, occurred_date, currency
)
SELECT customer_key, currency, date_trunc('month', occurred_date)::DATE AS month,
       count(*) FILTER (amount > 0) AS documents, sum(lines) AS lines, sum(returned) AS returned,
       min(occurred_date) AS first, max(occurred_date) AS last, sum(amount) AS amount
FROM document GROUP BY ALL ORDER BY month
"""


def purchase_sums(context: Context, customers: Sequence[UUID]) -> list[PurchaseSummary]:
    """One summary for each visible customer and currency, with its months."""
    owners = _owners(context, customers)
    if not owners:
        return []
    found = query(warehouse(), _SUMS, {"keys": sorted(owners)}, tables=(PURCHASE,)).to_pylist()
    groups: dict[tuple[UUID, str], list[Mapping[str, Any]]] = {}
    for row in found:
        groups.setdefault((owners[row["customer_key"]], row["currency"]), []).append(row)
    money = may_see(context, "monetary")
    return [_summary(who, currency, rows, money) for (who, currency), rows in sorted(groups.items())]


def _summary(who: UUID, currency: str, rows: Sequence[Mapping[str, Any]], money: bool) -> PurchaseSummary:
    months: dict[date, tuple[int, Decimal]] = {}
    for row in rows:
        count, amount = months.get(row["month"], (0, Decimal(0)))
        months[row["month"]] = (count + row["documents"], amount + row["amount"])
    return PurchaseSummary(
        customer=who, currency=currency, documents=sum(row["documents"] for row in rows),
        lines=int(sum(row["lines"] for row in rows)), returned_lines=int(sum(row["returned"] for row in rows)),
        first_date=min(row["first"] for row in rows), last_date=max(row["last"] for row in rows),
        amount=float(sum(row["amount"] for row in rows)) if money else None,
        months=[
            MonthRead(month, currency, count, float(amount) if money else None)
            for month, (count, amount) in sorted(months.items())
        ],
    )  # fmt: skip
