# ruff: noqa: S608 -- every name put into SQL here is one of this program's own; values go as parameters
"""The bridge to Splink, which learns the weights and scores the blocked pairs inside DuckDB."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker
from splink.internals.exceptions import EMTrainingException, SplinkException

from zhike.insight.duplicates import sql
from zhike.insight.duplicates.levels import DIFFERENT, FIELDS, FREQUENCY_COLUMNS, Field, Level
from zhike.insight.duplicates.model import RAREST, Key, Model
from zhike.insight.duplicates.types import Options

_FEWEST_PAIRS = 200
_TRAINING_RULES = ("core_key", "phone1", "email1", "birth")
_LEARNING_PAIRS = 200_000


def frequencies(
    connection: duckdb.DuckDBPyConnection, records: int
) -> tuple[float, dict[str, dict[str, float]]]:
    """The share below which a value counts as rare, and the shares of all commoner names and sounds."""
    rarest = max(RAREST, 1.5 / max(records, 3))
    shares: dict[str, dict[str, float]] = {}
    for column in FREQUENCY_COLUMNS:
        query = (
            f"select {column}, count(*) / sum(count(*)) over () as share from records "
            f"where {column} is not null group by {column} qualify share > ?"
        )
        shares[column] = {str(value): float(share) for value, share in sql.rows(connection, query, [rarest])}
    return rarest, shares


def learn(connection: duckdb.DuckDBPyConnection, model: Model, options: Options) -> Model:
    """The model with u from random pairs and m by expectation maximisation over pairs that share a key.

    Keys with too few pairs to learn from are passed over; a field that no key trains keeps what it knew.
    """
    with _quiet():
        linker = _linker(connection, model)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=options.training_pairs, seed=options.seed, num_chunks=1
        )
        learnt = model.learnt({}, _shares(linker, "u"))
        linker = _linker(connection, learnt)
        trained = False
        for column in _TRAINING_RULES:
            trained = _maximise(connection, linker, column) or trained
        return learnt.learnt(_shares(linker, "m") if trained else {}, learnt.u)


def score(connection: duckdb.DuckDBPyConnection, model: Model, threshold: float) -> pa.Table:
    """The pairs of `blocked` at or above `threshold`, with a reason for every field that both records tell."""
    with _quiet():
        linker = _linker(connection, model)
        blocked = linker._db_api.register("blocked")
        linker.table_management.register_blocked_pairs_for_predict(blocked)
        scored = linker.inference.predict(threshold_match_probability=threshold or None, warning_mode="never")
        reasons = ", ".join(_reason_sql(compared) for compared in FIELDS)
        return connection.sql(
            f"""select l.id as "left", r.id as "right", match_probability as probability, match_weight as weight,
            list_filter([{reasons}], lambda reason: reason is not null) as reasons
            from {scored.physical_name} scored
            join ids l on l.rid = scored.rid_l join ids r on r.rid = scored.rid_r
            order by match_weight desc, scored.rid_l, scored.rid_r"""
        ).to_arrow_table()


def _maximise(connection: duckdb.DuckDBPyConnection, linker: Linker, column: str) -> bool:
    pairs = sql.number(
        connection,
        f"select sum(n * (n - 1) // 2) from (select count(*) as n from records where {column} is not null"
        f" group by kind, {column})",
    )
    if pairs < _FEWEST_PAIRS:
        return False
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            f"l.kind = r.kind and l.{column} = r.{column}",
            estimate_without_term_frequencies=True,
            max_pairs=_LEARNING_PAIRS,
        )
    except (EMTrainingException, SplinkException):
        return False
    return True


def _linker(connection: duckdb.DuckDBPyConnection, model: Model) -> Linker:
    api = DuckDBAPI(connection)
    linker = Linker(api.register("records"), settings(model), log_level=None, validate_settings=False)
    for column in FREQUENCY_COLUMNS:
        connection.register(f"common_{column}", _shares_table(column, model.frequencies[column]))
        connection.execute(
            f"create or replace table tf_{column} as select {column}, coalesce(any_value(share), {model.rarest})"
            f" as tf_{column} from records left join common_{column} using ({column})"
            f" where {column} is not null group by {column}"
        )
        connection.unregister(f"common_{column}")
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
    return linker


def settings(model: Model) -> dict[str, Any]:
    """The model as Splink's settings."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "rid",
        "probability_two_random_records_match": model.odds,
        "blocking_rules_to_generate_predictions": ["l.rid = r.rid"],
        "comparisons": [_comparison(compared, model) for compared in FIELDS],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def _comparison(compared: Field, model: Model) -> dict[str, Any]:
    unknown = {"sql_condition": compared.unknown_sql, "label_for_charts": "unknown", "is_null_level": True}
    return {
        "output_column_name": compared.name,
        "comparison_levels": [unknown, *(_level(compared, level, model) for level in compared.levels)],
    }


def _level(compared: Field, level: Level, model: Model) -> dict[str, Any]:
    key = (compared.name, level.name)
    told: dict[str, Any] = {
        "sql_condition": level.sql,
        "label_for_charts": level.name,
        "m_probability": model.m[key],
        "u_probability": model.u[key],
    }
    if level.frequency is not None:
        told |= {"tf_adjustment_column": level.frequency, "tf_minimum_u_value": model.rarest}
    return told


def _shares(linker: Linker, share: str) -> dict[Key, float]:
    """What Splink estimated, for the levels where it could."""
    shares: dict[Key, float] = {}
    for comparison in linker.misc.save_model_to_json()["comparisons"]:
        for level in comparison["comparison_levels"]:
            estimate = level.get(f"{share}_probability")
            if isinstance(estimate, float):
                shares[comparison["output_column_name"], level["label_for_charts"]] = estimate
    return shares


def _shares_table(column: str, shares: Mapping[str, float]) -> pa.Table:
    return pa.table(
        {column: pa.array(shares.keys(), pa.string()), "share": pa.array(shares.values(), pa.float64())}
    )


def _reason_sql(compared: Field) -> str:
    top = len(compared.levels) - 1
    levels = " ".join(f"when {top - at} then '{level.name}'" for at, level in enumerate(compared.levels))
    weight = f"mw_{compared.name}"
    if any(level.frequency for level in compared.levels):
        weight += f" + coalesce(mw_tf_adj_{compared.name}, 0)"
    return (
        f"case when gamma_{compared.name} >= 0 then struct_pack(field := '{compared.name}', "
        f"level := case gamma_{compared.name} {levels} else '{DIFFERENT}' end, weight := {weight}) end"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Splink tells its progress through logging; a library that is asked for pairs keeps silent."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
