"""Taking an import of purchases back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from zhike.customers.actions import delete_many
from zhike.customers.queries import CUSTOMERS
from zhike.feeds.knowledge.house import refusal_of, warehouse
from zhike.feeds.knowledge.keys import keys_of, made_by
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.insight.warehouse import PURCHASE, WarehouseError, query, remove
from zhike.kernel.jobs import Run
from zhike.kernel.rows import visible_ids
from zhike.kernel.values import values_of

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
    removed = run.checkpoint.get("removed", 0)
    for some in _slices(made):
        with run.chunk():
            untouched = _untouched(run, some) if run.actor.may("customers.delete") else []
            if untouched:
                removed += delete_many(run.context, untouched).changed
            run.checkpoint["removed"] = removed
            run.progress(run.done + len(some), len(made))
    return {"lines": lines, "customers_removed": removed, "customers_kept": len(made) - removed}


def _untouched(run: Run, ids: Sequence[UUID]) -> list[UUID]:
    """Those of the customers that are as the import made them and have no purchases left."""
    mine = visible_ids(run.actor, CUSTOMERS, ids, "write")
    version = {"version": CUSTOMERS.fields["version"]}
    fresh = [each for each, row in values_of(CUSTOMERS, version, list(mine)).items() if row["version"] == 1]
    keys = keys_of(fresh)
    sql = "SELECT DISTINCT customer_key FROM purchase WHERE customer_key IN (SELECT unnest($keys::BIGINT[]))"
    found = query(warehouse(), sql, {"keys": sorted(keys.values())}, tables=(PURCHASE,))
    buying = set(found["customer_key"].to_pylist())
    return sorted(each for each in fresh if keys[each] not in buying)


def _slices(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
