"""The feed: what is new in the stream of facts goes into the customer dimension; calendar and upkeep follow.

The position in the stream is the version of the application `feed:customer` in the table itself, so that rows and
position can never disagree: killed anywhere and run again, the feed ends in the same tables.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import pyarrow as pa

from zhike.feeds.knowledge.house import refusal_of, warehouse
from zhike.feeds.knowledge.keys import ensure_keys
from zhike.feeds.knowledge.replay import KINDS, Known, day_of, people_in, replay
from zhike.insight.warehouse import (
    CALENDAR,
    CHANGE,
    CUSTOMER,
    PURCHASE,
    Warehouse,
    WarehouseBusy,
    WarehouseError,
    compact,
    create,
    forget_customers,
    is_scattered,
    merge_customers,
    position,
    query,
    relation,
    replace,
    write_calendar,
)
from zhike.insight.warehouse.tables import ATTRIBUTES
from zhike.kernel.actor import Context
from zhike.kernel.errors import NoRoom, disk_full
from zhike.kernel.events import FactRead, facts_after
from zhike.kernel.fields import resource
from zhike.kernel.seal import seal
from zhike.kernel.values import values_of

APPLICATION, REBUILD = "feed:customer", "feed:rebuild"
BATCH = 50_000
_FIRST_YEAR, _LAST_YEAR = 1931, 2099
_NAMES = ", ".join(f'"{column.name}"' for column in ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class Fed:
    """What a feed did: facts read, customers reported, and the position in the stream it stands at."""

    facts: int
    customers: int
    position: int
    compacted: tuple[str, ...] = ()


def run_feed(context: Context, *, batch: int = BATCH) -> Fed:
    """Load what is new. Raises NoRoom when the disk is full, Refusal; the tables are then as they were."""
    seal(context.now)
    try:
        fed = _advance(warehouse(), batch)
        _write_calendar(context)
        return Fed(fed.facts, fed.customers, fed.position, _tidy())
    except WarehouseError as error:
        raise refusal_of(error) from error
    except OSError as error:
        if disk_full(error):
            raise NoRoom() from error
        raise


def rebuild(context: Context, *, batch: int = BATCH) -> Fed:
    """Load every fact anew beside the table and put the result in its place in one commit."""
    seal(context.now)
    house = warehouse()
    scratch = Warehouse(house.root / "_rebuild")
    shutil.rmtree(scratch.root, ignore_errors=True)
    try:
        create(scratch, (CUSTOMER, PURCHASE, CALENDAR))
        create(scratch)
        fed = _advance(scratch, batch)
        rows = relation(scratch, f"SELECT {', '.join(CUSTOMER.names)} FROM customer ORDER BY 1, valid_from")  # noqa: S608
        version = (position(house, CUSTOMER, REBUILD) or 0) + 1
        replace(house, CUSTOMER, rows.to_arrow_reader(65_536), application=REBUILD, version=version)
        return fed
    except WarehouseError as error:
        raise refusal_of(error) from error
    finally:
        shutil.rmtree(scratch.root, ignore_errors=True)


def _advance(house: Warehouse, batch: int) -> Fed:
    place = position(house, CUSTOMER, APPLICATION) or 0
    read, touched = 0, set()
    while facts := facts_after(place, limit=batch, kinds=KINDS):
        touched |= _take(house, facts)
        place = facts[-1].position or place
        read += len(facts)
    return Fed(read, len(touched), place)


def _take(house: Warehouse, facts: Sequence[FactRead]) -> set[int]:
    """One batch of facts into the dimension; returns the keys it speaks of."""
    keys = ensure_keys(people_in(facts))
    done = replay(facts, _known(house, sorted(keys.values())), keys, _regions())
    # Those taken out go first: should this process die here, the batch comes again and finds them gone.
    forget_customers(house, sorted(keys[each] for each in done.removed))
    if done.reports:
        changes = pa.Table.from_pylist(done.reports, schema=CHANGE.arrow)
        _merge(house, changes, facts[-1].position or 0)
    return set(keys.values())


def _merge(house: Warehouse, changes: pa.Table, version: int, tries: int = 20) -> None:
    try:
        merge_customers(house, changes, application=APPLICATION, version=version)
    except WarehouseBusy:
        if tries <= 1:
            raise
        _merge(house, changes, version, tries - 1)


def _known(house: Warehouse, keys: Sequence[int]) -> dict[int, Known]:
    """The latest state in the stream of each customer that the dimension has."""
    sql = f"""SELECT customer_key, {_NAMES}, list_max(list_transform(seen, lambda s: s.sequence)) AS newest
              FROM customer WHERE customer_key IN (SELECT unnest($keys::BIGINT[]))
              QUALIFY row_number() OVER (PARTITION BY customer_key ORDER BY newest DESC) = 1"""  # noqa: S608
    found: dict[int, Known] = {}
    for row in query(house, sql, {"keys": list(keys)}, tables=(CUSTOMER,)).to_pylist():
        key, newest = row.pop("customer_key"), row.pop("newest")
        found[key] = Known(row, newest)
    return found


def _regions() -> Any:
    """A function from the id of a unit to its region as it is now."""
    units = resource("units")

    @cache
    def region_of(unit: str | None) -> str | None:
        if unit is None:
            return None
        row = values_of(units, {"region": units.fields["region"]}, [UUID(unit)]).get(UUID(unit), {})
        return row.get("region") or None

    return region_of


def _write_calendar(context: Context) -> None:
    """The calendar from the first purchase (or this year) to the year after next, renewed only when it grows."""
    sql = "SELECT min(occurred_date) AS first, max(occurred_date) AS last FROM purchase"
    found = query(warehouse(), sql, tables=(PURCHASE,)).to_pylist()[0]
    this = day_of(context.now).year
    first = max(min(found["first"].year if found["first"] else this, this), _FIRST_YEAR)
    last = min(max(found["last"].year if found["last"] else this, this) + 2, _LAST_YEAR)
    # Rises whenever the span grows at either end.
    version = (last - _FIRST_YEAR) * 200 + _LAST_YEAR - first
    if (position(warehouse(), CALENDAR, "calendar") or 0) < version:
        write_calendar(warehouse(), first, last, version=version)


def _tidy() -> tuple[str, ...]:
    """Compact the tables that have gathered many files; one that is being written to is left for the next time."""
    done = []
    for table in (PURCHASE, CUSTOMER):
        if is_scattered(warehouse(), table):
            try:
                compact(warehouse(), table)
            except WarehouseBusy:
                continue
            done.append(table.name)
    return tuple(done)
