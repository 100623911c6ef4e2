"""Imports of customers as actions and queries."""

from __future__ import annotations

import base64
import binascii
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as T
from pydantic import Field as Bound

from zhike.customers.queries import names_of
from zhike.feeds.files.messages import Message
from zhike.feeds.files.options import TableOptions
from zhike.feeds.imports import command as command
from zhike.feeds.imports.drafts import shown
from zhike.feeds.imports.plan import (
    changed_options,
    check_names,
    checked_mapping,
    found_options,
    prepare_import,
    sample_of,
    signature_of,
)
from zhike.feeds.imports.targets import goals, label_of
from zhike.feeds.imports.work import CHECK, IMPORT, UNDO, path_of
from zhike.feeds.models import Import, ImportRow, SavedMapping
from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound, Refusal
from zhike.kernel.events import News, announce
from zhike.kernel.ids import uuid7
from zhike.kernel.intake import staged
from zhike.kernel.job_doors import JobRead, read_job
from zhike.kernel.jobs import enqueue

_PERMISSION = "feeds.import"
_State = Import.State
Which = Annotated[UUID, about(T("Import"))]
Rule = Literal["skip", "update", "merge"]


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


def _columns(batch: Import) -> list[ColumnRead]:
    suggestions = batch.preview.get("suggestions") or [{}] * len(batch.columns)
    return [
        ColumnRead(
            name, target, each.get("score", 0.0) if each.get("target") == target else 1.0 if target else 0.0,
            [str(Message.from_json(why)) for why in each.get("reasons", ())] if each.get("target") == target else [],
            bool(each.get("saved")),
        )
        for name, target, each in zip(batch.columns, batch.mapping, suggestions, strict=True)
    ]  # fmt: skip


def _preview(batch: Import) -> dict[str, Any]:
    """What the check found, its reasons in the active language."""
    raw = batch.preview
    if "counts" not in raw:
        return {}
    samples = {
        name: [{**row, "reasons": [shown(why) for why in row.get("reasons", ())]} for row in rows]
        for name, rows in raw["samples"].items()
    }
    import orjson

    reasons = [{"text": shown(orjson.loads(key)), "count": count} for key, count in raw["reasons"]]
    return {"counts": raw["counts"], "samples": samples, "reasons": reasons}


def read(batch: Import, *, whole: bool = True) -> ImportRead:
    """The row as people see it; in lists without what the check found."""
    return ImportRead(
        id=batch.id, name=batch.name, size=batch.size, state=batch.state, options=batch.options,
        columns=_columns(batch), rule=batch.rule, preview=_preview(batch) if whole else {}, rows=batch.rows,
        created=batch.created, updated=batch.updated, matched=batch.matched, refused=batch.refused,
        undone=batch.undone, error=batch.error, job=batch.job_id, owner=batch.owner_id,
        owner_name=batch.owner_name, created_at=batch.created_at, started_at=batch.started_at,
        ended_at=batch.ended_at,
    )  # fmt: skip


def _settled(context: Context, batch: Import) -> Import:
    """The import with the state its job ended in, where the job could not write it down itself."""
    if batch.state not in (_State.CHECKING, _State.RUNNING, _State.UNDOING) or batch.job_id is None:
        return batch
    job = _job(context, batch)
    if job is not None and job.state in ("failed", "cancelled"):
        batch.state, batch.error = job.state, job.error
    return batch


def _job(context: Context, batch: Import) -> JobRead | None:
    if batch.job_id is None or not context.actor.may("jobs.read"):
        return None
    try:
        return read_job(context, batch.job_id)
    except NotFound:
        return None


@action("feeds.upload", label=T("Upload a file"), permission=_PERMISSION)
def upload(
    context: Context,
    name: Annotated[str, Bound(min_length=1, max_length=200), about(T("File name"))],
    staged_file: Annotated[str, Bound(max_length=32), about(T("Staged file"))] = "",
    content: Annotated[str, about(T("Content (Base64)"))] = "",
    source: Annotated[str, Bound(max_length=60), about(T("Where the ids in it come from"))] = "",
) -> ImportRead:
    """Begin an import with a file of customers: CSV, TSV, XLSX, XLS or vCard. Its layout and mapping are found."""
    batch = Import(id=uuid7(), name=Path(name).name[:200], size=0, created_at=context.now, rows=0)
    batch.path = f"imports/{batch.id}"
    target = Path(default_storage.path(batch.path))
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _put(target, staged_file, content)
        return _begin(context, batch, target, source)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _put(target: Path, staged_file: str, content: str) -> None:
    if staged_file:
        shutil.move(staged(staged_file), target)
        return
    try:
        target.write_bytes(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError):
        raise Invalid({"content": _("This is not Base64.")}) from None


def _begin(context: Context, batch: Import, path: Path, source: str) -> ImportRead:
    options = found_options(path)
    plan = prepare_import(
        context.actor, path, options, source or batch.name.rsplit(".", 1)[0][:60] or "import"
    )
    for name, value in plan.items():
        setattr(batch, name, value)
    with path.open("rb") as handle:
        batch.digest = hashlib.file_digest(handle, "sha256").hexdigest()
    batch.size = path.stat().st_size
    batch.owner_id, batch.owner_name = context.actor.id, context.actor.name[:120]
    batch.save(force_insert=True)
    announce(
        context,
        News(
            "feeds.uploaded",
            "imports",
            batch.pk,
            batch.name,
            data={"size": batch.size, "digest": batch.digest},
        ),
    )
    return read(batch)


def _open(context: Context, batch: UUID, *states: str) -> Import:
    found = _settled(context, load_import(context, batch, lock=True))
    if found.state not in states:
        raise Refusal(
            _("This cannot be done while the import is “%(state)s”.") % {"state": found.get_state_display()}
        )
    return found


_BEFORE = (_State.UPLOADED, _State.PREVIEWED)


@action("feeds.set_options", label=T("Say how the file is to be read"), permission=_PERMISSION)
def set_options(
    context: Context,
    batch: Which,
    encoding: Annotated[str, Bound(max_length=40), about(T("Encoding"))] = "",
    delimiter: Annotated[str, Bound(max_length=10), about(T("Delimiter"))] = "",
    header_row: Annotated[int | None, about(T("Row with the names of the columns (0: none)"))] = None,
    sheet: Annotated[str, Bound(max_length=200), about(T("Sheet"))] = "",
) -> ImportRead:
    """Correct how the file is read; the mapping is suggested anew."""
    found = _open(context, batch, *_BEFORE, _State.FAILED)
    asked = {"encoding": encoding, "delimiter": delimiter, "header_row": header_row, "sheet": sheet}
    options = changed_options(path_of(found), TableOptions.from_json(found.options), asked)
    plan = prepare_import(context.actor, path_of(found), options, found.preview.get("source", "import"))
    for name, value in plan.items():
        setattr(found, name, value)
    found.state = _State.UPLOADED
    found.save()
    return read(found)


@action("feeds.map", label=T("Map the columns"), permission=_PERMISSION)
def map_columns(
    context: Context,
    batch: Which,
    mapping: Annotated[dict[str, str | None], about(T("Column → field"))] = {},  # noqa: B006
    rule: Annotated[Rule | None, about(T("Known customers"))] = None,
) -> ImportRead:
    """Correct the mapping (columns that are not named keep theirs) and say what happens to known customers."""
    found = _open(context, batch, *_BEFORE)
    found.mapping = checked_mapping(context.actor, found, mapping)
    found.rule = rule or found.rule
    found.preview = {
        name: value for name, value in found.preview.items() if name in ("order", "source", "suggestions")
    }
    found.state = _State.UPLOADED
    found.save()
    _remember(context, found)
    return read(found)


def _remember(context: Context, batch: Import) -> None:
    SavedMapping.objects.update_or_create(
        owner_id=context.actor.id, kind=batch.kind, signature=signature_of(batch.columns),
        defaults={"mapping": batch.mapping, "used_at": context.now},
    )  # fmt: skip


@action("feeds.check", label=T("Check the file"), permission=_PERMISSION)
def check(context: Context, batch: Which) -> ImportRead:
    """Try the whole file out in the background: a verdict for each row, nothing is stored."""
    found = _open(context, batch, *_BEFORE)
    check_names(found.mapping)
    found.state = _State.CHECKING
    found.job_id = enqueue(
        context, CHECK, {"import": str(found.pk)}, title=_("Check “%(name)s”") % {"name": found.name}
    )
    found.save()
    return read(found)


@action("feeds.start", label=T("Start the import"), permission=_PERMISSION)
def start(context: Context, batch: Which) -> ImportRead:
    """Bring the customers in, in the background. It can be cancelled, goes on after a power cut, and can be undone."""
    context.require("customers.create")
    found = _open(context, batch, *_BEFORE)
    check_names(found.mapping)
    _remember(context, found)
    found.state, found.started_at = _State.RUNNING, context.now
    found.job_id = enqueue(
        context, IMPORT, {"import": str(found.pk)}, title=_("Import “%(name)s”") % {"name": found.name}
    )
    found.save()
    announce(context, News("feeds.started", "imports", found.pk, found.name, data={"rule": found.rule}))
    return read(found)


@action("feeds.undo", label=T("Undo the import"), permission=_PERMISSION, danger=True)
def undo(context: Context, batch: Which) -> ImportRead:
    """Take a whole import back: created customers go, changed ones get their old values, except where somebody
    changed them since."""
    context.require("customers.delete")
    found = _open(context, batch, _State.DONE, _State.CANCELLED, _State.FAILED)
    found.state = _State.UNDOING
    found.job_id = enqueue(
        context, UNDO, {"import": str(found.pk)}, title=_("Undo “%(name)s”") % {"name": found.name}
    )
    found.save()
    return read(found)


@query("feeds.imports", label=T("Imports"), permission=_PERMISSION)
def imports(
    context: Context,
    before: Annotated[UUID | None, about(T("Older than this import"))] = None,
    limit: Annotated[int, Bound(ge=1, le=200), about(T("At most"))] = 50,
) -> list[ImportRead]:
    """Your imports, newest first."""
    rows = _visible(context).order_by("-id")
    rows = rows.filter(id__lt=before) if before else rows
    return [read(_settled(context, row), whole=False) for row in rows[:limit]]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """An import with the job that works on it, if one does."""

    batch: ImportRead
    job: JobRead | None


@query("feeds.import_read", label=T("Import"), permission=_PERMISSION)
def import_read(context: Context, batch: Which) -> ImportPage:
    """One import with its progress."""
    found = load_import(context, batch)
    return ImportPage(read(_settled(context, found)), _job(context, found))


@dataclass(frozen=True, slots=True)
class GoalRead:
    """A field that a column can go to."""

    name: str
    label: str
    many: bool


@query("feeds.import_targets", label=T("Fields of an import"), permission=_PERMISSION)
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


@query("feeds.import_sample", label=T("First rows of the file"), permission=_PERMISSION)
def import_sample(
    context: Context, batch: Which, limit: Annotated[int, Bound(ge=1, le=200), about(T("At most"))] = 20
) -> Sample:
    """The first rows of the file as its options read them."""
    found = load_import(context, batch)
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


@query("feeds.import_rows", label=T("Rows of an import"), permission=_PERMISSION)
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


__all__ = [
    "check",
    "command",
    "import_read",
    "import_rows",
    "imports",
    "map_columns",
    "set_options",
    "start",
    "undo",
    "upload",
]
