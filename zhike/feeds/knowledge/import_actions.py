"""Importing purchase lines and taking an import back, for every door."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from pydantic import Field as Bound

from zhike.feeds.files.messages import FileRefused
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.presets import load_preset, preset_names
from zhike.feeds.files.purchase_mapping import PurchaseMapping
from zhike.feeds.knowledge.import_again import go_on, has_lines, may_go_on, reads_alike, stopped
from zhike.feeds.knowledge.import_files import digest_of, refused_name, source_file, stored_path
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.feeds.retention import refuse_cleared
from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.events import News, announce
from zhike.kernel.ids import uuid7
from zhike.kernel.jobs import enqueue

T = gettext_lazy
IMPORT, UNDO = "feeds.import_purchases", "feeds.undo_purchases"
_OPEN = (PurchaseImport.State.WAITING, PurchaseImport.State.RUNNING)


@dataclass(frozen=True, slots=True)
class ImportStarted:
    """The import and the job that carries it out. `resumed`: it was begun before and goes on."""

    id: UUID
    job: UUID
    resumed: bool


@dataclass(frozen=True, slots=True)
class ImportRead:
    """An import as people see it. `report` has rows, customers, amount and the other sums once it is done;
    `refused_file` is the name in the storage of the rows that were refused, empty where there are none. `may_go_on`:
    it stopped before its end and can be continued."""

    id: UUID
    file_name: str
    source: str
    preset: str
    state: str
    size: int
    report: Mapping[str, Any]
    error: str
    job: UUID
    refused_file: str
    may_go_on: bool
    created_at: datetime
    ended_at: datetime | None
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the file is read."""

    options: TableOptions
    mapping: PurchaseMapping
    source: str


@action(IMPORT, label=T("Import purchases"), permission="feeds.purchases")
def import_purchases(
    context: Context,
    upload: Annotated[str, Bound(max_length=200), about(T("Stored file"))],
    file_name: Annotated[str, Bound(max_length=200), about(T("File name"))] = "",
    preset: Annotated[str, Bound(max_length=60), about(T("Preset"))] = "",
    mapping: Annotated[dict[str, Any] | None, about(T("Columns"))] = None,
    options: Annotated[dict[str, Any] | None, about(T("How the file is read"))] = None,
    source: Annotated[str, Bound(pattern=r"^[\w.-]{0,60}$"), about(T("Source system"))] = "",
    again: Annotated[bool, about(T("Also if this file was imported before"))] = False,
) -> ImportStarted:
    """Import the purchase lines of a stored file in the background, each exactly once.

    Name a preset, or give the mapping of columns (and, where detection errs, the options of the file). Customers are
    known by the source system and their code in it; unknown ones are made. An import of the same file that did not
    come to its end goes on behind its last committed line.
    """
    digest = digest_of(upload)
    reading = _reading(stored_path(upload), preset, mapping, options, source)
    known = _begun(context, digest, reading)
    if known is not None:
        stored_path(upload).unlink(missing_ok=True)
        return ImportStarted(known.id, known.job_id, resumed=True)
    same = PurchaseImport.objects.filter(
        sha256=digest, source=reading.source, state=PurchaseImport.State.DONE
    )
    before = same.order_by("-created_at").first()
    if before is not None and not again:
        raise Invalid(
            {"upload": _("This file was imported already (%(name)s).") % {"name": before.file_name}},
            _("Importing it again would count every line twice. Take the first import back, or ask for it again."),
        )  # fmt: skip
    return _start(context, upload, digest, file_name or Path(upload).name, preset, reading)


def _begun(context: Context, digest: str, reading: _Reading) -> PurchaseImport | None:
    """The import of this file that is under way, or that goes on now.

    Raises Invalid when one that stopped has lines in the warehouse and cannot go on with this reading, by this actor.
    """
    unfinished = PurchaseImport.objects.filter(sha256=digest, cleared_at=None).exclude(
        state__in=(PurchaseImport.State.DONE, PurchaseImport.State.UNDONE)
    )
    for row in unfinished.order_by("-created_at"):
        alike = row.source == reading.source and reads_alike(
            row, reading.options.to_json(), reading.mapping.to_json()
        )
        mine = row.created_by_id == context.actor.id or context.actor.may("jobs.manage")
        if row.state in _OPEN and stopped(row, context.now) is None:
            if row.source == reading.source:
                return row
        elif alike and mine and may_go_on(row, context.now):
            go_on(context, row)
            return row
        elif has_lines(row):
            raise Invalid(
                {"upload": _("An import of this file stopped half way (%(name)s).") % {"name": row.file_name}},
                _("Its lines would be counted twice. Continue that import or take it back first."),
            )  # fmt: skip
    return None


def _start(
    context: Context, upload: str, digest: str, file_name: str, preset: str, reading: _Reading
) -> ImportStarted:
    import_id = uuid7()
    size = stored_path(upload).stat().st_size
    os.link(stored_path(upload), source_file(import_id))
    job = enqueue(
        context, IMPORT, {"import": str(import_id), "upload": upload},
        title=gettext_noop("Import purchases: %(name)s"), values={"name": file_name},
    )  # fmt: skip
    PurchaseImport(
        id=import_id, file_name=file_name, sha256=digest, size=size, source=reading.source, preset=preset,
        options=reading.options.to_json(), mapping=reading.mapping.to_json(), job_id=job,
        created_by_id=context.actor.id, created_at=context.now,
    ).save(force_insert=True)  # fmt: skip
    data = {"file": file_name, "sha256": digest, "source": reading.source, "preset": preset}
    announce(context, News("feeds.purchases_import_started", "imports", import_id, file_name, data=data))
    return ImportStarted(import_id, job, resumed=False)


def _reading(
    path: Path,
    preset: str,
    mapping: Mapping[str, Any] | None,
    options: Mapping[str, Any] | None,
    source: str,
) -> _Reading:
    """How the file is read. Raises Invalid naming what is wrong."""
    if preset:
        if preset not in preset_names():
            raise Invalid(
                {"preset": _("Choose one of: %(expected)s.") % {"expected": ", ".join(preset_names())}}
            )
        known = load_preset(preset)
        return _Reading(known.options, known.mapping, source or preset)
    if mapping is None:
        raise Invalid({"mapping": _("Name a preset or say which column is what.")})
    try:
        columns = PurchaseMapping.from_json(mapping)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid({"mapping": str(error)}) from None
    return _Reading(_options(path, options), columns, source or "purchases")


def _options(path: Path, options: Mapping[str, Any] | None) -> TableOptions:
    from zhike.feeds.files.detect import detect

    try:
        return TableOptions.from_json(options) if options else detect(path).options
    except FileRefused as error:
        raise Invalid({"upload": str(error)}) from None
    except (TypeError, ValueError) as error:
        raise Invalid({"options": str(error)}) from None


def open_import(context: Context, import_id: UUID) -> PurchaseImport:
    """One's own import, any for who manages jobs. Raises NotFound."""
    rows = PurchaseImport.objects.filter(pk=import_id)
    if not context.actor.may("jobs.manage"):
        rows = rows.filter(created_by_id=context.actor.id)
    row = rows.first()
    if row is None:
        raise NotFound(resource="imports")
    return row


@action("feeds.continue_purchases", label=T("Continue the import"), permission="feeds.purchases")
def continue_purchases(
    context: Context, purchase_import: Annotated[UUID, about(T("Import"))]
) -> ImportStarted:
    """Let an import that failed or was cancelled go on behind its last committed line."""
    row = open_import(context, purchase_import)
    refuse_cleared(row.cleared_at)
    go_on(context, row)
    return ImportStarted(row.id, row.job_id, resumed=True)


@action(UNDO, label=T("Take the import back"), permission="feeds.purchases", danger=True)
def undo_purchases(context: Context, purchase_import: Annotated[UUID, about(T("Import"))]) -> ImportStarted:
    """Take a whole import back: its lines go, and the customers it made that nobody touched since."""
    row = open_import(context, purchase_import)
    refuse_cleared(row.cleared_at)
    if row.state != PurchaseImport.State.DONE and stopped(row, context.now) is None:
        raise Invalid({"purchase_import": _("Only an import that has ended can be taken back.")})
    job = enqueue(
        context, UNDO, {"import": str(row.id)},
        title=gettext_noop("Take back purchases: %(name)s"), values={"name": row.file_name},
    )  # fmt: skip
    row.state, row.job_id = PurchaseImport.State.UNDOING, job
    row.save(update_fields=["state", "job_id"])
    announce(context, News("feeds.purchases_undo_started", "imports", row.id, row.file_name))
    return ImportStarted(row.id, job, resumed=False)


def _read(row: PurchaseImport, now: datetime) -> ImportRead:
    refused, why = refused_name(row.id), stopped(row, now)
    state = row.state if why is None else PurchaseImport.State.FAILED.value
    return ImportRead(
        id=row.id, file_name=row.file_name, source=row.source, preset=row.preset, state=state,
        size=row.size, report=row.report, error=why or row.error, job=row.job_id,
        refused_file=refused if stored_path(refused).exists() else "",
        may_go_on=row.cleared_at is None and may_go_on(row, now), created_at=row.created_at,
        ended_at=row.ended_at, cleared_at=row.cleared_at,
    )  # fmt: skip


@query("feeds.purchase_import", label=T("Import of purchases"), permission="feeds.purchases")
def read_import(context: Context, purchase_import: Annotated[UUID, about(T("Import"))]) -> ImportRead:
    """One import of purchases."""
    return _read(open_import(context, purchase_import), context.now)


@query("feeds.purchase_imports", label=T("Imports of purchases"), permission="feeds.purchases")
def list_imports(
    context: Context, limit: Annotated[int, Bound(ge=1, le=200), about(T("At most"))] = 50
) -> list[ImportRead]:
    """Your imports of purchases, newest first; all of them if you manage jobs."""
    rows = PurchaseImport.objects.order_by("-created_at")
    if not context.actor.may("jobs.manage"):
        rows = rows.filter(created_by_id=context.actor.id)
    return [_read(row, context.now) for row in rows[:limit]]


@dataclass(frozen=True, slots=True)
class PresetRead:
    """A known kind of purchase file."""

    name: str
    zh: str
    en: str


@query("feeds.purchase_presets", label=T("Known purchase files"), permission="feeds.purchases")
def list_presets(context: Context) -> list[PresetRead]:
    """The kinds of purchase files that are known by name."""
    found = [load_preset(name) for name in preset_names()]
    return [PresetRead(item.name, item.title.get("zh", ""), item.title.get("en", "")) for item in found]
