# ruff: noqa: S608 -- every name put into SQL here is one of this program's own; values go as parameters
"""Bring a table of records into DuckDB, ready to be compared."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from zhike.insight.duplicates import sql
from zhike.insight.duplicates.prepare import (
    ROLE_MAILBOXES,
    SHORTEST_LOCAL_PART,
    Raw,
    fingerprint,
    prepare_columns,
)
from zhike.insight.duplicates.types import COLUMNS, LIST_COLUMNS, Options, UnusableRecordsError

_BATCH = 20_000
_TEXTS = pa.list_(pa.string())
_CONTACTS = ("phones", "emails")

Records: TypeAlias = pa.Table | pa.RecordBatchReader


def load(connection: duckdb.DuckDBPyConnection, parts: Sequence[Records], options: Options) -> list[int]:
    """Fill the tables `ids` (rid, id) and `loaded` from the parts, one after the other; the rows of each part.

    `rid` counts records from 0 over all parts. Raises UnusableRecordsError where a column is missing or
    cannot be read as what it should be, or where an id is missing or there twice.
    """
    rows: list[int] = []
    at = 0
    with _no_collection():
        for part in parts:
            start = at
            for batch in _batches(part):
                _append(connection, at, batch)
                at += batch.num_rows
            rows.append(at - start)
    if not at:
        _append(connection, 0, pa.table({"id": pa.array([], pa.string())}))
    _refuse_doubled_ids(connection)
    return rows


def part_contacts(
    connection: duckdb.DuckDBPyConnection, options: Options, known: frozenset[str]
) -> frozenset[str]:
    """Make `records` of `loaded`: contacts with `options.shared_by` holders, or known to be shared, apart.

    Returns the fingerprints of all shared contacts.
    """
    shared = set(known)
    columns = []
    joins = []
    for column in _CONTACTS:
        shared |= _find_shared(connection, column, options.shared_by, known)
        joins.append(f"left join parted_{column} using (rid)")
        columns.append(
            f"case when parted_{column}.rid is null then {column} else own_{column} end as {column}"
        )
        columns.append(f"coalesce(common_{column}, []) as shared_{column}")
    connection.execute(
        f"create table parted as select loaded.* exclude (phones, emails), {', '.join(columns)}"
        f" from loaded {' '.join(joins)}"
    )
    roles = ", ".join(f"'{name}'" for name in ROLE_MAILBOXES)
    local = "split_part(emails[1], '@', 1)"
    connection.execute(
        f"""create table records as select *, phones[1] as phone1, emails[1] as email1,
        case when length({local}) >= {SHORTEST_LOCAL_PART} and {local} not in ({roles}) then {local} end as local1
        from parted order by rid"""
    )
    connection.execute(
        "drop table parted; drop table loaded; drop table parted_phones; drop table parted_emails"
    )
    return frozenset(shared)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of small lists come and go without cycles; looking for cycles among them costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batches(part: Records) -> Iterator[pa.Table]:
    if "id" not in part.schema.names:
        raise UnusableRecordsError("id: the column is missing")
    batches = part.to_batches(max_chunksize=_BATCH) if isinstance(part, pa.Table) else part
    for batch in batches:
        table = pa.Table.from_batches([batch])
        for start in range(0, table.num_rows, _BATCH):
            yield table.slice(start, _BATCH)


def _append(connection: duckdb.DuckDBPyConnection, at: int, batch: pa.Table) -> None:
    columns = {name: _values(batch, name) for name in COLUMNS}
    ids = columns.pop("id")
    if "" in ids:
        raise UnusableRecordsError(f"id: row {at + ids.index('') + 1} has none")
    rid = pa.array(range(at, at + len(ids)), pa.int32())
    prepared = prepare_columns(Raw(**columns)) if ids else {name: [] for name in _PREPARED}
    table = pa.table({"rid": rid, **{name: pa.array(prepared[name], _type(name)) for name in _PREPARED}})
    named = pa.table({"rid": rid, "id": pa.array(ids, pa.string())})
    _insert(connection, "ids", named, "*")
    texts = [f"nullif({name}, '') as {name}" for name in _PREPARED if name not in _LISTS]
    _insert(connection, "loaded", table, ", ".join(["rid", *texts, *_LISTS]))


_LISTS = ("phones", "emails", "certificates")
_PREPARED = (
    "kind",
    "name_key",
    "core_key",
    "name_code",
    "pinyin_key",
    "sound_key",
    "swap_key",
    "pinyin_swap",
    "initials",
    "province_key",
    "city_key",
    "district_key",
    "address_key",
    "address_code",
    "birth",
    *_LISTS,
)


def _type(name: str) -> pa.DataType:
    return _TEXTS if name in _LISTS else pa.string()


def _insert(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table, columns: str) -> None:
    connection.register("incoming", table)
    exists = sql.rows(connection, "select 1 from duckdb_tables() where table_name = ?", [name])
    verb = f"insert into {name}" if exists else f"create table {name} as"
    connection.execute(f"{verb} select {columns} from incoming")
    connection.unregister("incoming")


def _values(batch: pa.Table, name: str) -> list[Any]:
    """A column as Python values, empty text or an empty list where it is null or missing."""
    wanted = _TEXTS if name in LIST_COLUMNS else pa.string()
    if name not in batch.schema.names:
        return [[] if name in LIST_COLUMNS else ""] * batch.num_rows
    try:
        values = batch.column(name).cast(wanted).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        kind = batch.schema.field(name).type
        raise UnusableRecordsError(f"{name}: {kind} cannot be read as {wanted}") from error
    if name in LIST_COLUMNS:
        held = values.to_pylist()
        if values.null_count or values.values.null_count:
            held = [[value or "" for value in some] if some else () for some in held]
        return list(held)
    texts: list[str] = values.fill_null("").to_pylist()
    return texts


def _refuse_doubled_ids(connection: duckdb.DuckDBPyConnection) -> None:
    doubled = sql.rows(connection, "select id from ids group by id having count(*) > 1 limit 1")
    if doubled:
        raise UnusableRecordsError(f"id: {doubled[0][0]!r} is there more than once")


def _find_shared(
    connection: duckdb.DuckDBPyConnection, column: str, holders: int, known: frozenset[str]
) -> set[str]:
    """Make `parted_<column>`: for records that hold a shared contact, the own and the common ones."""
    connection.execute(
        f"create or replace temp table held as select rid, unnest({column}) as contact, "
        f"generate_subscripts({column}, 1) as place from loaded where len({column}) > 0"
    )
    often = "select contact from held group by contact having count(*) >= ?"
    common = {str(contact) for (contact,) in sql.rows(connection, often, [holders])}
    if known:
        contacts = sql.rows(connection, "select distinct contact from held")
        common |= {str(contact) for (contact,) in contacts if fingerprint(contact) in known}
    connection.register("common", pa.table({"contact": pa.array(sorted(common), pa.string())}))
    connection.execute(
        f"""create table parted_{column} as
        select rid,
            coalesce(list(held.contact order by place) filter (common.contact is null), []) as own_{column},
            list(held.contact order by place) filter (common.contact is not null) as common_{column}
        from held left join common on held.contact = common.contact
        group by rid having count(common.contact) > 0"""
    )
    connection.unregister("common")
    connection.execute("drop table held")
    return {fingerprint(contact) for contact in common}
