# ruff: noqa: S608 -- every name put into SQL here is one of this program's own; values go as parameters
"""Find the duplicates among many records."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from zhike.insight.duplicates import blocking, linkage, sql
from zhike.insight.duplicates.load import Records, load, part_contacts
from zhike.insight.duplicates.model import Model
from zhike.insight.duplicates.types import Findings, Options

DEFAULT = Options()
_FOUND_BY_CERTAIN_RULES = 0.5
_FEWEST_DUPLICATES = 0.001
_CHEAP_PAIRS = 100_000
_CERTAIN = """
    list_has_any(l.certificates, r.certificates)
    or (l.core_key = r.core_key and (list_has_any(l.phones, r.phones) or list_has_any(l.emails, r.emails)
        or l.birth = r.birth))
"""


def find_pairs(records: Records, *, options: Options = DEFAULT, model: Model | None = None) -> Findings:
    """All pairs of records that may be one customer, with probability and reasons, best first.

    `records` has the columns of `types.COLUMNS` (only `id` is required; `phones`, `emails` and
    `certificate_hashes` are lists of text). From `options.train_from` records on the weights are learnt from
    the records themselves unless a `model` is given. Fellegi–Sunter scoring by Splink on DuckDB in memory,
    bounded by `options.memory_bytes`. Raises UnusableRecordsError naming the column and the reason.
    """
    return _find([records], options, model)


def find_pairs_against(
    new: Records, existing: Records, *, options: Options = DEFAULT, model: Model | None = None
) -> Findings:
    """Pairs of a new record with an existing one or with another new one; existing ones are not paired.

    Ids must differ over both. Give the `model` of the last full run, so that weights do not change with
    every batch.
    """
    return _find([existing, new], options, model)


def _find(parts: Sequence[Records], options: Options, model: Model | None) -> Findings:
    seconds: dict[str, float] = {}
    with duckdb.connect(config=_settings(options)) as connection:
        connection.execute("set enable_progress_bar = false")
        with _timed(seconds, "load"):
            counts = load(connection, parts, options)
            shared = part_contacts(connection, options, model.shared if model else frozenset())
        records = sum(counts)
        first_new = sum(counts[:-1])
        with _timed(seconds, "block"):
            budget = max(options.pairs_per_record * (records - first_new), _CHEAP_PAIRS)
            compared, left_out = blocking.block(connection, first_new=first_new, budget=budget)
        with _timed(seconds, "learn"):
            known = model or _learn(connection, records, options, shared)
        with _timed(seconds, "score"):
            table = linkage.score(connection, known, options.threshold) if compared else empty_pairs()
    return Findings(table, known, records, compared, left_out, seconds)


def empty_pairs() -> pa.Table:
    """A table of pairs without any."""
    reason = pa.struct([("field", pa.string()), ("level", pa.string()), ("weight", pa.float64())])
    columns = [
        ("left", pa.string()),
        ("right", pa.string()),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("reasons", pa.list_(reason)),
    ]
    return pa.schema(columns).empty_table()


def _learn(
    connection: duckdb.DuckDBPyConnection, records: int, options: Options, shared: frozenset[str]
) -> Model:
    rarest, shares = linkage.frequencies(connection, records)
    model = Model(odds=_odds(connection, records), frequencies=shares, rarest=rarest, shared=shared)
    if records < options.train_from:
        return model
    return linkage.learn(connection, model, options)


def _odds(connection: duckdb.DuckDBPyConnection, records: int) -> float:
    """The prior: pairs that certain rules find among the blocked ones, and as many again that they miss."""
    certain = sql.number(
        connection,
        "select count(*) from blocked join records l on l.rid = join_key_l join records r on r.rid = join_key_r"
        f" where {_CERTAIN}",
    )
    expected = max(certain / _FOUND_BY_CERTAIN_RULES, _FEWEST_DUPLICATES * records)
    return min(expected / max(records * (records - 1) / 2, 1.0), 0.1)


def _settings(options: Options) -> dict[str, str | bool | int | float | list[str]]:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{options.memory_bytes // 1_000_000}MB",
        "preserve_insertion_order": False,
    }
    if options.threads is not None:
        settings["threads"] = options.threads
    if options.spill_folder is not None:
        settings["temp_directory"] = options.spill_folder
    return settings


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - start
