"""Imports as people see them: the queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as T
from pydantic import Field as Bound

from zhike.customers.queries import names_of
from zhike.feeds.files.messages import Message
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.refused import RefusedFile
from zhike.feeds.imports.as_written import sentences
from zhike.feeds.imports.drafts import shown
from zhike.feeds.imports.plan import sample_of
from zhike.feeds.imports.targets import goals, label_named, label_of
from zhike.feeds.imports.work import path_of
from zhike.feeds.models import Import, ImportRow
from zhike.feeds.retention import refuse_cleared
from zhike.kernel.actions import about, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotFound
from zhike.kernel.job_doors import JobRead, read_job

PERMISSION = "feeds.import"
_State = Import.State
Which = Annotated[UUID, about(T("Import"))]


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """A column of the file: the field it goes to (or none), how sure that is (0–1) and why, in sentences."""

    name: str
    target: str | None
    score: float
    why: list[str]
    saved: bool


@dataclass(frozen=True, slots=True)
class ImportRead:
    """An import as people see it. `preview` holds what the check of the whole file found."""

    id: UUID
    name: str
    size: int
    state: str
    options: dict[str, Any]
    columns: list[ColumnRead]
    rule: str
    preview: dict[str, Any]
    rows: int
    created: int
    updated: int
    matched: int
    refused: int
    undone: dict[str, Any]
    error: str
    job: UUID | None
    owner: UUID
    owner_name: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cleared_at: datetime | None


def _visible(context: Context) -> QuerySet[Import]:
    """One's own imports; all of them for who manages jobs."""
    everything = Import.objects.filter(kind="customers")
    return everything if context.actor.may("jobs.manage") else everything.filter(owner_id=context.actor.id)


def load_import(context: Context, batch: UUID, *, lock: bool = False) -> Import:
    """An import that the actor may see. Raises NotFound."""
    rows = _visible(context).select_for_update(of=("self",)) if lock else _visible(context)
    found = rows.filter(pk=batch).first()
    if found is None:
        raise NotFound(resource="imports")
    return found


def _why(raw: Mapping[str, Any], target: str) -> str:
    """A reason in the active language; the field is called by its label there, whatever word the file used."""
    message = Message.from_json(raw)
    if "label" in message.params:
        message = replace(message, params={**message.params, "label": label_named(target)})
    return str(message)


def _columns(batch: Import) -> list[ColumnRead]:
    suggestions = batch.preview.get("suggestions") or [{}] * len(batch.columns)
    return [
        ColumnRead(
            name, target, each.get("score", 0.0) if each.get("target") == target else 1.0 if target else 0.0,
            [_why(why, target) for why in each.get("reasons", ())] if target and each.get("target") == target else [],
            bool(each.get("saved")),
        )
        for name, target, each in zip(batch.columns, batch.mapping, suggestions, strict=True)
    ]  # fmt: skip


def _preview(batch: Import) -> dict[str, Any]:
    """What the check found, its reasons in the active language."""
    raw = batch.preview
    warnings = sentences(raw.get("warnings", {}))
    if "counts" not in raw:
        return {"warnings": warnings} if warnings else {}
    samples = {
        name: [{**row, "reasons": [shown(why) for why in row.get("reasons", ())]} for row in rows]
        for name, rows in raw["samples"].items()
    }
    reasons = [{"text": shown(orjson.loads(key)), "count": count} for key, count in raw["reasons"]]
    return {"counts": raw["counts"], "samples": samples, "reasons": reasons, "warnings": warnings}


def _counts(batch: Import) -> dict[str, Any]:
    """How many rows the check found to be new, known and refused; empty before it."""
    return {"counts": batch.preview["counts"]} if "counts" in batch.preview else {}


def read(batch: Import, *, whole: bool = True) -> ImportRead:
    """The row as people see it; in lists of what the check found the counts alone."""
    return ImportRead(
        id=batch.id, name=batch.name, size=batch.size, state=batch.state, options=batch.options,
        columns=_columns(batch), rule=batch.rule, preview=_preview(batch) if whole else _counts(batch),
        rows=batch.rows, created=batch.created, updated=batch.updated, matched=batch.matched, refused=batch.refused,
        undone=batch.undone, error=batch.error, job=batch.job_id, owner=batch.owner_id,
        owner_name=batch.owner_name, created_at=batch.created_at, started_at=batch.started_at,
        ended_at=batch.ended_at, cleared_at=batch.cleared_at,
    )  # fmt: skip


def settled(context: Context, batch: Import) -> Import:
    """The import with the state its job ended in, where the job could not write it down itself."""
    if batch.state not in (_State.CHECKING, _State.RUNNING, _State.UNDOING) or batch.job_id is None:
        return batch
    job = job_of(context, batch)
    if job is not None and job.state in ("failed", "cancelled"):
        batch.state, batch.error = job.state, job.error
    return batch


def job_of(context: Context, batch: Import) -> JobRead | None:
    if batch.job_id is None or not context.actor.may("jobs.read"):
        return None
    try:
        return read_job(context, batch.job_id)
    except NotFound:
        return None


@query("feeds.imports", label=T("Imports"), permission=PERMISSION)
def imports(
    context: Context,
    before: Annotated[UUID | None, about(T("Older than this import"))] = None,
    limit: Annotated[int, Bound(ge=1, le=200), about(T("At most"))] = 50,
) -> list[ImportRead]:
    """Your imports, newest first."""
    rows = _visible(context).order_by("-id")
    rows = rows.filter(id__lt=before) if before else rows
    return [read(settled(context, row), whole=False) for row in rows[:limit]]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """An import with the job that works on it, if one does."""

    batch: ImportRead
    job: JobRead | None


@query("feeds.import_read", label=T("Import"), permission=PERMISSION)
def import_read(context: Context, batch: Which) -> ImportPage:
    """One import with its progress."""
    found = load_import(context, batch)
    return ImportPage(read(settled(context, found)), job_of(context, found))


@dataclass(frozen=True, slots=True)
class GoalRead:
    """A field that a column can go to."""

    name: str
    label: str
    many: bool


@query("feeds.import_targets", label=T("Fields of an import"), permission=PERMISSION)
def import_targets(context: Context) -> list[GoalRead]:
    """The fields that a column of a file can go to."""
    return [GoalRead(goal.name, label_of(goal), goal.many) for goal in goals(context.actor).values()]


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A row of the file as it is read."""

    row: int
    cells: list[str | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of the file."""

    columns: list[str]
    rows: list[SampleRow]


@query("feeds.import_sample", label=T("First rows of the file"), permission=PERMISSION)
def import_sample(
    context: Context, batch: Which, limit: Annotated[int, Bound(ge=1, le=200), about(T("At most"))] = 20
) -> Sample:
    """The first rows of the file as its options read them."""
    found = load_import(context, batch)
    refuse_cleared(found.cleared_at)
    columns, rows = sample_of(path_of(found), TableOptions.from_json(found.options), limit)
    return Sample(columns, [SampleRow(row, cells) for row, cells in rows])


@dataclass(frozen=True, slots=True)
class VerdictRead:
    """A row that created no customer: known already, updated or refused, with the reasons."""

    row: int
    verdict: str
    customer: UUID | None
    name: str
    by: str
    cells: list[str | None]
    reasons: list[str]


@query("feeds.import_rows", label=T("Rows of an import"), permission=PERMISSION)
def import_rows(
    context: Context,
    batch: Which,
    verdict: Annotated[Literal["refused", "updated", "matched"], about(T("Verdict"))] = "refused",
    after: Annotated[int, about(T("After this row"))] = 0,
    limit: Annotated[int, Bound(ge=1, le=500), about(T("At most"))] = 100,
) -> list[VerdictRead]:
    """The rows of an import that were refused, updated or known already, in the order of the file."""
    found = load_import(context, batch)
    rows = list(ImportRow.objects.filter(batch=found, verdict=verdict, row__gt=after).order_by("row")[:limit])
    names: Mapping[UUID, str] = names_of(context, {row.customer_id for row in rows if row.customer_id})
    return [
        VerdictRead(
            row.row, row.verdict, row.customer_id, names.get(row.customer_id, "") if row.customer_id else "", row.by,
            row.cells or [], [shown(why) for why in row.reasons or ()],
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RefusedRead:
    """The file of refused rows: its place in the file store, what to call it, and how many rows are in it."""

    path: str
    file_name: str
    rows: int


@query("feeds.refused_file", label=T("File of refused rows"), permission=PERMISSION)
def refused_file(context: Context, batch: Which) -> RefusedRead:
    """The refused rows with their reasons as CSV, to be corrected and sent again: the columns of the first file."""
    found = load_import(context, batch)
    refuse_cleared(found.cleared_at)
    target = path_of(found).with_suffix(".refused.csv")
    with target.open("wb") as stream:
        writer = RefusedFile(stream, found.columns)
        rows = ImportRow.objects.filter(batch=found, verdict=ImportRow.Verdict.REFUSED).order_by("row")
        for row in rows.iterator(chunk_size=1000):
            writer.write(row.row, row.cells or [], [shown(why) for why in row.reasons or ()])
        writer.close()
    return RefusedRead(
        f"{found.path}.refused.csv", f"{found.name.rsplit('.', 1)[0]}-refused.csv", writer.rows
    )
