"""Exports as an action and queries."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as T
from django.utils.translation import gettext_noop
from pydantic import Field as Bound

from zhike.feeds.exports.work import EXPORT, finish, path_of, request_of, write
from zhike.feeds.models import Export
from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.fields import resource
from zhike.kernel.ids import uuid7
from zhike.kernel.jobs import enqueue
from zhike.kernel.pages import count
from zhike.kernel.reading import columns_of, matching, order_of

_PERMISSION = "feeds.export"
AT_ONCE = 5_000
_SUFFIX = {"csv": "csv", "xlsx": "xlsx", "vcard": "vcf"}
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class ExportRead:
    """An export: ready once it has `ended_at`, gone again from `cleared_at` on.

    `path` is its place in the file store, `file_name` what to call it.
    """

    id: UUID
    resource: str
    format: str
    rows: int
    size: int
    job: UUID | None
    path: str
    file_name: str
    created_at: datetime
    ended_at: datetime | None
    cleared_at: datetime | None


def _read(row: Export) -> ExportRead:
    name = f"{resource(row.resource).label} {row.created_at:%Y-%m-%d}.{_SUFFIX[row.format]}"
    return ExportRead(
        row.id,
        row.resource,
        row.format,
        row.rows,
        row.size,
        row.job_id,
        row.path,
        name,
        row.created_at,
        row.ended_at,
        row.cleared_at,
    )


def _visible(context: Context) -> QuerySet[Export]:
    # What a file holds depends on the rights of who made it: nobody else gets it, whatever else they may.
    return Export.objects.filter(owner_id=context.actor.id)


@action("feeds.export", label=T("Export the list"), permission=_PERMISSION)
def export(
    context: Context,
    resource_name: Annotated[str, Bound(max_length=40), about(T("List"))] = "customers",
    format: Annotated[Literal["csv", "xlsx", "vcard"], about(T("Format"))] = "csv",
    condition: Annotated[dict[str, Any] | None, about(T("Condition"))] = None,
    sort: Annotated[str, Bound(max_length=60), about(T("Sort"))] = "",
    fields: Annotated[list[str], about(T("Fields"))] = [],  # noqa: B006
    text: Annotated[str, Bound(max_length=200), about(T("Search"))] = "",
    ids: Annotated[list[UUID], Bound(max_length=1000), about(T("Only these"))] = [],  # noqa: B006
    bom: Annotated[bool, about(T("Mark for Excel (BOM)"))] = True,
) -> ExportRead:
    """Write a list to a file as you may see it: at once up to 5,000 records, else in the background."""
    of = resource(resource_name)
    context.require(of.read)
    if format == "vcard" and of.name != "customers":
        raise Invalid({"format": _("Only customers have business cards.")})
    order = order_of(context, of, sort)
    columns_of(context, of, fields)
    found = count(matching(context, of, condition=condition, text=text, needs=[order.field.name]), AT_ONCE)
    row = Export(
        id=uuid7(), resource=of.name, format=format, bom=bom, owner_id=context.actor.id,
        owner_name=context.actor.name[:120], created_at=context.now,
        request={
            "condition": condition, "sort": sort, "fields": fields, "text": text, "ids": [str(each) for each in ids]
        },
    )  # fmt: skip
    row.path = f"exports/{row.id}.{_SUFFIX[format]}"
    if not found.exact:
        row.job_id = enqueue(
            context,
            EXPORT,
            {"export": str(row.id)},
            title=gettext_noop("Export “%(name)s”"),
            values={"name": of.label},
        )
    row.save(force_insert=True)
    if found.exact:
        finish(context, row, write(context, row))
    return _read(row)


def _load(context: Context, export: UUID) -> Export:
    row = _visible(context).filter(pk=export).first()
    if row is None:
        raise NotFound(resource="exports")
    # A token that may not read the list may not read it in a file either.
    context.require(resource(row.resource).read)
    return row


@query("feeds.exports", label=T("Exports"), permission=_PERMISSION)
def exports(
    context: Context, limit: Annotated[int, Bound(ge=1, le=200), about(T("At most"))] = 50
) -> list[ExportRead]:
    """Your exports, newest first."""
    return [_read(row) for row in _visible(context).order_by("-id")[:limit]]


@query("feeds.export_read", label=T("Export"), permission=_PERMISSION)
def export_read(context: Context, export: Annotated[UUID, about(T("Export"))]) -> ExportRead:
    """One of your exports."""
    return _read(_load(context, export))


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a file as Base64; `next` is where the following one begins, None at the end."""

    content: str
    next: int | None


@query("feeds.export_content", label=T("Content of an export"), permission=_PERMISSION)
def export_content(
    context: Context,
    export: Annotated[UUID, about(T("Export"))],
    offset: Annotated[int, Bound(ge=0), about(T("From byte"))] = 0,
) -> Block:
    """The file of an export, a megabyte at a time."""
    row = _load(context, export)
    if row.ended_at is None or not path_of(row).is_file():
        raise NotFound(resource="exports")
    with path_of(row).open("rb") as handle:
        handle.seek(offset)
        block = handle.read(_BLOCK)
    after = offset + len(block)
    return Block(base64.b64encode(block).decode(), after if after < row.size else None)


__all__ = ["ExportRead", "export", "export_content", "export_read", "exports", "request_of"]
