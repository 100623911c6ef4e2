"""Taking an import of purchases back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from zhike.customers.actions import remove_unchanged
from zhike.feeds.knowledge.house import refusal_of, warehouse
from zhike.feeds.knowledge.keys import keys_of, made_by
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.insight.warehouse import PURCHASE, WarehouseError, query, remove
from zhike.kernel.jobs import Run
from zhike.kernel.slices import slices

_AT_ONCE = 500


def take_back(run: Run, row: PurchaseImport) -> Mapping[str, Any]:
    """Remove the lines, then the customers. Safe to repeat. Customers that were changed since, or bought elsewhere,
    stay and are counted as kept."""
    house = warehouse()
    try:
        lines = remove(house, PURCHASE, "job", [str(row.id)]).rows
    except WarehouseError as error:
        raise refusal_of(error) from error
    made = made_by(row.id)
    with run.chunk():
        run.checkpoint["lines"] = run.checkpoint.get("lines", 0) + lines
    for some in slices(made[run.done :], _AT_ONCE):
        with run.chunk():
            gone = run.checkpoint.get("removed", 0)
            if run.actor.may("customers.delete"):
                gone += len(remove_unchanged(run.context, _without_purchases(some)).gone)
            run.checkpoint["removed"] = gone
            run.progress(run.done + len(some), len(made))
    removed = run.checkpoint.get("removed", 0)
    return {
        "lines": run.checkpoint["lines"], "customers_removed": removed, "customers_kept": len(made) - removed
    }  # fmt: skip


def _without_purchases(ids: Sequence[UUID]) -> list[UUID]:
    """Those of the customers that no line is left of."""
    keys = keys_of(ids)
    sql = "SELECT DISTINCT customer_key FROM purchase WHERE customer_key IN (SELECT unnest($keys::BIGINT[]))"
    found = query(warehouse(), sql, {"keys": sorted(keys.values())}, tables=(PURCHASE,))
    buying = set(found["customer_key"].to_pylist())
    return [each for each in ids if keys[each] not in buying]
