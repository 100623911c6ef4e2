"""Writing a list to a file, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.feeds.exports.cells import CARD_FIELDS, card_of, rows_of
from zhike.feeds.files.writers import CsvWriter, XlsxWriter, write_cards
from zhike.feeds.models import Export
from zhike.kernel.actor import Context
from zhike.kernel.errors import Refusal
from zhike.kernel.events import News, announce
from zhike.kernel.fields import Resource, readable_fields, resource
from zhike.kernel.jobs import Run, job
from zhike.kernel.reading import ListRequest, Row, columns_of, list_records

EXPORT = "feeds.export"
_PAGE = 500
Told = Callable[[int], None]


def request_of(export: Export) -> ListRequest:
    """The list that is exported."""
    raw = export.request
    return ListRequest(
        condition=raw.get("condition"), sort=raw.get("sort", ""), fields=tuple(raw.get("fields") or ()),
        size=_PAGE, text=raw.get("text", ""), counted=False,
    )  # fmt: skip


def pages(
    context: Context, of: Resource, request: ListRequest, only: Sequence[str] = ()
) -> Iterator[list[Row]]:
    """The records of a list, five hundred at a time, or those whose ids are in `only`."""
    wanted = frozenset(only)
    while True:
        listing = list_records(context, of, request)
        yield [row for row in listing.rows if not wanted or str(row.id) in wanted]
        if listing.next is None:
            return
        request = replace(request, cursor=listing.next)


def path_of(export: Export) -> Path:
    """Where the file of an export is."""
    return Path(default_storage.path(export.path))


def write(context: Context, export: Export, told: Told = lambda rows: None) -> int:
    """Write the file and return the number of records; what the reader may not see is not in it or masked.

    Raises FieldHidden, Invalid, Refusal.
    """
    of = resource(export.resource)
    request = request_of(export)
    if export.format == Export.Format.VCARD:
        readable = readable_fields(context.actor, of)
        request = replace(request, fields=[name for name in CARD_FIELDS if name in readable])
    found = pages(context, of, request, export.request.get("ids") or ())
    path = path_of(export)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    try:
        rows = _WRITERS[export.format](context, of, request, draft, found, export, told)
        draft.replace(path)
    except OSError as problem:
        raise Refusal(
            _("The file cannot be written: %(why)s") % {"why": problem.strerror or problem}
        ) from problem
    finally:
        draft.unlink(missing_ok=True)
    return rows


def _labels(context: Context, of: Resource, request: ListRequest) -> tuple[Mapping[str, Any], list[str]]:
    columns = columns_of(context, of, request.fields)
    return columns, [str(field.label) for field in columns.values()]


def _csv(
    context: Context, of: Resource, request: ListRequest, path: Path, found: Iterator[list[Row]], export: Export,
    told: Told,
) -> int:  # fmt: skip
    columns, labels = _labels(context, of, request)
    with path.open("wb") as stream:
        writer = CsvWriter(stream, labels, bom=export.bom)
        for page in found:
            writer.write(rows_of(page, columns))
            told(writer.rows)
        writer.close()
    return writer.rows


def _xlsx(
    context: Context, of: Resource, request: ListRequest, path: Path, found: Iterator[list[Row]], export: Export,
    told: Told,
) -> int:  # fmt: skip
    columns, labels = _labels(context, of, request)
    writer = XlsxWriter(labels, sheet=str(of.label))
    for page in found:
        writer.write(rows_of(page, columns))
        told(writer.rows)
    with path.open("wb") as stream:
        writer.save(stream)
    return writer.rows


def _vcard(
    context: Context, of: Resource, request: ListRequest, path: Path, found: Iterator[list[Row]], export: Export,
    told: Told,
) -> int:  # fmt: skip
    rows = 0
    with path.open("wb") as stream:
        for page in found:
            rows += write_cards(stream, map(card_of, page))
            told(rows)
    return rows


_WRITERS = {"csv": _csv, "xlsx": _xlsx, "vcard": _vcard}


def finish(context: Context, export: Export, rows: int) -> None:
    """Write down that the file is there, and who took what along."""
    export.rows, export.size, export.ended_at = rows, path_of(export).stat().st_size, context.now
    export.save(update_fields=["rows", "size", "ended_at"])
    data = {"resource": export.resource, "format": export.format, "rows": rows, **export.request}
    data["ids"] = len(export.request.get("ids") or ())
    announce(context, News("feeds.exported", "exports", export.pk, export.resource, data=data))


@job(EXPORT, title=gettext_lazy("Export a list"))
def export_list(run: Run) -> Mapping[str, Any]:
    """Write the file of a large list. An attempt that was killed begins anew: a file is there whole or not at all."""
    export = Export.objects.get(pk=run.args["export"])
    if export.ended_at is None:

        def told(rows: int) -> None:
            run.check()
            run.progress(rows, run.args.get("total"))

        rows = write(run.context, export, told)
        with run.chunk():
            finish(run.context, export, rows)
            run.progress(rows, rows)
    return {"rows": export.rows}
