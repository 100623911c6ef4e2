"""The one action by which insight writes scores back, for a million customers as for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.customers.models import Score
from zhike.customers.scores import BY_NAME
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.events import News, announce
from zhike.kernel.slices import slices

_FRESH = "customers_score_fresh"
_SCORES = Score._meta.db_table
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class ScoreColumn:
    """One score of many customers: a figure or a word for each, None where there is none."""

    name: str
    values: Sequence[float | str | None]


@dataclass(frozen=True, slots=True)
class ScoresWritten:
    """How many scores are new or changed, and how many were taken away."""

    written: int
    removed: int


@action(
    "customers.write_scores",
    resource="customers",
    label=gettext_lazy("Write scores"),
    permission="insight.write_scores",
)
def write_scores(
    context: Context,
    customers: Annotated[list[UUID], about(gettext_lazy("Customers"))],
    scores: Annotated[list[ScoreColumn], Bound(min_length=1), about(gettext_lazy("Scores"))],
    as_of: Annotated[date, about(gettext_lazy("As of"))],
    replace: Annotated[bool, about(gettext_lazy("Take these scores from all others"))] = True,
) -> ScoresWritten:
    """Write scores of many customers, one column per score, in the order of `customers`.

    With `replace`, customers that are not named lose these scores. Unknown customers are passed over.
    """
    if len(set(customers)) < len(customers):
        raise Invalid({"customers": _("Name each customer once.")})
    for column in scores:
        if column.name not in BY_NAME:
            raise Invalid({"scores": _("Unknown score: %(name)s.") % {"name": column.name}})
        if len(column.values) != len(customers):
            raise Invalid({"scores": _("Give each customer one value of %(name)s.") % {"name": column.name}})
    names = sorted({column.name for column in scores})
    with connection.cursor() as cursor:
        _fill(cursor, customers, scores, as_of)
        removed = _remove(cursor, names) if replace else 0
        written = _store(cursor)
        cursor.execute(f"DROP TABLE {_FRESH}")
    data = {"scores": names, "as_of": as_of, "written": written, "removed": removed}
    announce(context, News("customers.scored", "scores", context.request_id, ", ".join(names), data=data))
    return ScoresWritten(written, removed)


def _rows(
    customers: Sequence[UUID], scores: Sequence[ScoreColumn], as_of: str, text_ids: bool
) -> Iterator[tuple[Any, ...]]:
    ids = [each.hex for each in customers] if text_ids else [str(each) for each in customers]
    for column in scores:
        label = BY_NAME[column.name].column == "label"
        for party, value in zip(ids, column.values, strict=True):
            if value is not None and value == value:
                yield (party, column.name, None if label else value, str(value)[:40] if label else "", as_of)


def _fill(cursor: Any, customers: Sequence[UUID], scores: Sequence[ScoreColumn], as_of: date) -> None:
    """The new scores as a temporary table."""
    postgres = connection.vendor == "postgresql"
    kind = "uuid" if postgres else "char(32)"
    cursor.execute(f"DROP TABLE IF EXISTS {_FRESH}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {_FRESH} (party_id {kind} NOT NULL, name varchar(40) NOT NULL, "
        "value double precision, label varchar(40) NOT NULL, as_of_date date NOT NULL)"
    )
    rows = _rows(customers, scores, as_of.isoformat(), not postgres)
    if postgres:
        with cursor.copy(f"COPY {_FRESH} (party_id, name, value, label, as_of_date) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {_FRESH}")
    else:
        statement = f"INSERT INTO {_FRESH} VALUES (%s, %s, %s, %s, %s)"  # noqa: S608
        for batch in slices(rows, _BATCH):
            cursor.executemany(statement, batch)
        cursor.execute(f"CREATE INDEX temp.fresh_scores ON {_FRESH} (party_id, name)")


def _remove(cursor: Any, names: Sequence[str]) -> int:
    marks = ", ".join(["%s"] * len(names))
    cursor.execute(
        f"DELETE FROM {_SCORES} WHERE name IN ({marks}) AND NOT EXISTS (SELECT 1 FROM {_FRESH} AS fresh "  # noqa: S608
        f"WHERE fresh.party_id = {_SCORES}.party_id AND fresh.name = {_SCORES}.name)",
        list(names),
    )
    return int(cursor.rowcount)


def _store(cursor: Any) -> int:
    # What stays the same is not written again; an unchanged row costs its index nothing. The order keeps two
    # writers from waiting for each other in a circle.
    different = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    cursor.execute(
        f"INSERT INTO {_SCORES} (party_id, name, value, label, as_of_date) "  # noqa: S608
        f"SELECT fresh.party_id, fresh.name, fresh.value, fresh.label, fresh.as_of_date FROM {_FRESH} AS fresh "
        "JOIN customers_party AS party ON party.id = fresh.party_id WHERE true ORDER BY fresh.name, fresh.party_id "
        "ON CONFLICT (party_id, name) DO UPDATE SET value = excluded.value, label = excluded.label, "
        f"as_of_date = excluded.as_of_date WHERE {_SCORES}.value {different} excluded.value "
        f"OR {_SCORES}.label <> excluded.label OR {_SCORES}.as_of_date <> excluded.as_of_date"
    )
    return int(cursor.rowcount)
