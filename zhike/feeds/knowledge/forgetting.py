"""Erased customers in the warehouse: their attributes and scores go, what they bought stays, of nobody."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from zhike.feeds.knowledge.house import refusal_of, warehouse
from zhike.feeds.knowledge.import_files import folder_of, refused_name, stored_path
from zhike.feeds.knowledge.keys import keys_of
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.insight.warehouse import (
    CUSTOMER,
    CUSTOMER_SCORE,
    PURCHASE,
    WarehouseBusy,
    WarehouseError,
    forget_customers,
    query,
    vacuum,
)
from zhike.kernel.text import as_uuid

_TRIES = 20
_OPEN = (PurchaseImport.State.WAITING, PurchaseImport.State.RUNNING, PurchaseImport.State.UNDOING)


def forget_in_warehouse(ids: Sequence[UUID]) -> None:
    """Take customers out of all tables, older versions of the files included. Safe to repeat. Raises Refusal."""
    keys = sorted(keys_of(ids).values())
    sql = "SELECT DISTINCT job FROM purchase WHERE customer_key IN (SELECT unnest($keys::BIGINT[]))"
    try:
        jobs = query(warehouse(), sql, {"keys": keys}, tables=(PURCHASE,)).to_pylist()
        _forget_files([row["job"] for row in jobs])
        _forget(keys)
        for table in (CUSTOMER, CUSTOMER_SCORE, PURCHASE):
            vacuum(warehouse(), table, keep_hours=0, strays=False)
    except WarehouseError as error:
        raise refusal_of(error) from error


def _forget(keys: Sequence[int]) -> None:
    for attempt in range(_TRIES):
        try:
            forget_customers(warehouse(), keys)
            return
        except WarehouseBusy:
            if attempt == _TRIES - 1:
                raise


def _forget_files(jobs: Sequence[str]) -> None:
    """The files in which the lines came; one that is being worked on keeps its own until it has ended."""
    imports = [found for each in jobs if (found := as_uuid(each))]
    for row in PurchaseImport.objects.filter(pk__in=imports).exclude(state__in=_OPEN):
        stored_path(refused_name(row.pk)).unlink(missing_ok=True)
        for path in folder_of(row.pk).iterdir():
            path.unlink()
