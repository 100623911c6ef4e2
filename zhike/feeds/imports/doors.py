"""Imports of customers as actions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import shutil
from pathlib import Path
from typing import Annotated, Literal

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as T
from django.utils.translation import gettext_noop
from pydantic import Field as Bound

from zhike.feeds.files.options import TableOptions
from zhike.feeds.imports import command as command
from zhike.feeds.imports.plan import (
    NAMES,
    changed_options,
    check_names,
    checked_mapping,
    found_options,
    prepare_import,
    signature_of,
)
from zhike.feeds.imports.reads import PERMISSION, ImportRead, Which, load_import, read, settled
from zhike.feeds.imports.work import CHECK, IMPORT, UNDO, path_of
from zhike.feeds.models import Import, SavedMapping
from zhike.feeds.retention import refuse_cleared
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, Refusal
from zhike.kernel.events import News, announce
from zhike.kernel.ids import uuid7
from zhike.kernel.intake import staged
from zhike.kernel.jobs import enqueue

_State = Import.State
Rule = Literal["skip", "update", "merge"]


@action("feeds.upload", label=T("Upload a file"), permission=PERMISSION)
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


def _open(context: Context, batch: Which, *states: str) -> Import:
    found = settled(context, load_import(context, batch, lock=True))
    refuse_cleared(found.cleared_at)
    if found.state not in states:
        raise Refusal(
            _("This cannot be done while the import is “%(state)s”.") % {"state": found.get_state_display()}
        )
    return found


_BEFORE = (_State.UPLOADED, _State.PREVIEWED)


@action("feeds.set_options", label=T("Say how the file is to be read"), permission=PERMISSION)
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


@action("feeds.map", label=T("Map the columns"), permission=PERMISSION)
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
    if not NAMES & set(batch.mapping):
        return
    SavedMapping.objects.update_or_create(
        owner_id=context.actor.id, kind=batch.kind, signature=signature_of(batch.columns),
        defaults={"mapping": batch.mapping, "used_at": context.now},
    )  # fmt: skip


@action("feeds.check", label=T("Check the file"), permission=PERMISSION)
def check(context: Context, batch: Which) -> ImportRead:
    """Try the whole file out in the background: a verdict for each row, nothing is stored."""
    found = _open(context, batch, *_BEFORE)
    check_names(found.mapping)
    found.state = _State.CHECKING
    found.job_id = enqueue(
        context,
        CHECK,
        {"import": str(found.pk)},
        title=gettext_noop("Check “%(name)s”"),
        values={"name": found.name},
    )
    found.save()
    return read(found)


@action("feeds.start", label=T("Start the import"), permission=PERMISSION)
def start(context: Context, batch: Which) -> ImportRead:
    """Bring the customers in, in the background. It can be cancelled, goes on after a power cut, and can be undone."""
    context.require("customers.create")
    found = _open(context, batch, *_BEFORE)
    check_names(found.mapping)
    _remember(context, found)
    found.state, found.started_at = _State.RUNNING, context.now
    found.job_id = enqueue(
        context,
        IMPORT,
        {"import": str(found.pk)},
        title=gettext_noop("Import “%(name)s”"),
        values={"name": found.name},
    )
    found.save()
    announce(context, News("feeds.started", "imports", found.pk, found.name, data={"rule": found.rule}))
    return read(found)


@action("feeds.undo", label=T("Undo the import"), permission=PERMISSION, danger=True)
def undo(context: Context, batch: Which) -> ImportRead:
    """Take a whole import back: created customers go, changed ones get their old values, except where somebody
    changed them since."""
    context.require("customers.delete")
    found = _open(context, batch, _State.DONE, _State.CANCELLED, _State.FAILED)
    found.state = _State.UNDOING
    found.job_id = enqueue(
        context,
        UNDO,
        {"import": str(found.pk)},
        title=gettext_noop("Undo “%(name)s”"),
        values={"name": found.name},
    )
    found.save()
    return read(found)
