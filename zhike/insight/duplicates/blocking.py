# ruff: noqa: S608 -- every name put into SQL here is one of this program's own; values go as parameters
"""Which pairs are worth comparing: records that share a key, as long as not too many share it."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from zhike.insight.duplicates import sql
from zhike.insight.duplicates.types import LeftOut


@dataclass(frozen=True, slots=True)
class Rule:
    """One way for two records to meet: an SQL expression that yields a key (or, unnested, several)."""

    name: str
    key: str
    where: str = "true"


_LEAD = "left(core_key, case when core_key = name_code then 4 else 2 end)"
_TAIL = "right(core_key, case when core_key = name_code then 4 else 2 end)"

RULES: tuple[Rule, ...] = (
    Rule("certificate", "unnest(certificates)"),
    Rule("phone", "unnest(phones)"),
    Rule("email", "unnest(emails)"),
    Rule("mailbox", "local1"),
    Rule("name", "core_key"),
    Rule("name and city", "core_key || city_key"),
    Rule("name and birth date", "core_key || birth"),
    Rule("name and shared phone", "core_key || unnest(shared_phones)"),
    Rule("name and shared e-mail", "core_key || unnest(shared_emails)"),
    Rule("pinyin", "pinyin_key"),
    Rule("pinyin and city", "pinyin_key || city_key"),
    Rule("pinyin and birth date", "sound_key || birth"),
    Rule("sound and district", "sound_key || district_key"),
    Rule("parts of the name", "coalesce(pinyin_swap, swap_key)", "kind = 'person'"),
    Rule("characters of the name", "swap_key", "swap_key <> core_key"),
    Rule("birth date and initials", "birth || initials"),
    Rule("birth date and city", "birth || city_key"),
    Rule("birth date", "birth"),
    Rule("address and city", "address_key || city_key", "length(address_key) >= 6"),
    Rule("address", "address_key", "length(address_key) >= 8"),
    Rule("start of the address and province", "left(address_code, 10) || province_key"),
    Rule("start of the name and city", f"{_LEAD} || city_key"),
    Rule("start of the name and district", f"{_LEAD} || district_key"),
    Rule("end of the name and district", f"{_TAIL} || district_key"),
)


def block(
    connection: duckdb.DuckDBPyConnection, *, first_new: int, budget: float
) -> tuple[int, tuple[LeftOut, ...]]:
    """Fill the table `blocked` (match_key, join_key_l, join_key_r) with pairs to compare.

    Only pairs whose second record has a `rid` of at least `first_new` are made (0: all). Each rule may make
    at most `budget` pairs: it takes its smallest blocks first and leaves out the largest. Returns the number
    of pairs and what was left out.
    """
    connection.execute("create table proposed (l integer, r integer)")
    left_out = []
    for rule in RULES:
        skipped = _propose(connection, rule, first_new, budget)
        if skipped is not None:
            left_out.append(skipped)
    connection.execute(
        "create table blocked as select '0' as match_key, l as join_key_l, r as join_key_r "
        "from (select distinct l, r from proposed)"
    )
    connection.execute("drop table proposed")
    return sql.number(connection, "select count(*) from blocked"), tuple(left_out)


def _propose(
    connection: duckdb.DuckDBPyConnection, rule: Rule, first_new: int, budget: float
) -> LeftOut | None:
    connection.execute(
        f"""create or replace temp table keys as
        select distinct hash(kind, key) as key, rid
        from (select rid, kind, {rule.key} as key from records where {rule.where}) where key is not null"""
    )
    connection.execute(
        f"""create or replace temp table blocks as
        select key, n, new, new * (n - new) + new * (new - 1) // 2 as pairs
        from (select key, count(*) as n, count(*) filter (rid >= {first_new}) as new from keys group by key)
        where n > 1 and new > 0"""
    )
    largest = _largest_block(connection, budget)
    connection.execute(
        f"""insert into proposed
        with kept as (select keys.* from keys join blocks using (key) where n <= {largest})
        select l.rid, r.rid from kept l join kept r on l.key = r.key and l.rid < r.rid
        where r.rid >= {first_new}"""
    )
    return _left_out(connection, rule, largest)


def _largest_block(connection: duckdb.DuckDBPyConnection, budget: float) -> int:
    """The size up to which blocks may be compared within `budget` pairs."""
    largest = 1
    total = 0
    for size, pairs in sql.rows(connection, "select n, sum(pairs) from blocks group by n order by n"):
        total += int(pairs)
        if total > budget:
            break
        largest = int(size)
    return largest


def _left_out(connection: duckdb.DuckDBPyConnection, rule: Rule, largest: int) -> LeftOut | None:
    query = f"select count(*), sum(n), sum(pairs), max(n) from blocks where n > {largest}"
    blocks, records, pairs, most = sql.rows(connection, query)[0]
    return LeftOut(rule.name, int(blocks), int(records), int(pairs), int(most)) if blocks else None
