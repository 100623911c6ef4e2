"""Sharing: one record opened to a person or a unit beyond what their roles show."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.events import News, announce
from zhike.kernel.fields import resource as resource_named
from zhike.kernel.models import Share, Unit, User
from zhike.kernel.rows import load

ResourceName = Annotated[str, Bound(min_length=1, max_length=40), about(gettext_lazy("Kind of record"))]
Record = Annotated[UUID, about(gettext_lazy("Record"))]
Grantee = Annotated[UUID, about(gettext_lazy("Person or unit"))]


def _check_grantee(grantee: UUID) -> None:
    if User.objects.filter(pk=grantee, is_active=True).exists() or Unit.objects.filter(pk=grantee).exists():
        return
    raise Invalid({"grantee": _("There is no such person or unit.")})


@action("sharing.share", label=gettext_lazy("Share a record"), permission="sharing.share")
def share(
    context: Context,
    resource: ResourceName,
    record: Record,
    grantee: Grantee,
    may_write: Annotated[bool, about(gettext_lazy("May also change it"))] = False,
) -> None:
    """Open a record that you may change to a person, or to a unit and all below it."""
    of = resource_named(resource)
    load(context.actor, of, record)
    _check_grantee(grantee)
    known = Share.objects.filter(resource=of.name, record_id=record, grantee_id=grantee).first()
    if known is not None and known.may_write == may_write:
        return
    Share.objects.update_or_create(
        resource=of.name,
        record_id=record,
        grantee_id=grantee,
        defaults={"may_write": may_write, "created_at": context.now},
    )
    data = {"grantee": grantee, "may_write": may_write}
    announce(context, News(f"{of.name}.shared", of.name, record, data=data))


@action("sharing.unshare", label=gettext_lazy("Stop sharing a record"), permission="sharing.share")
def unshare(context: Context, resource: ResourceName, record: Record, grantee: Grantee) -> None:
    """Take back the sharing of a record that you may change. Nothing happens when there was none."""
    of = resource_named(resource)
    load(context.actor, of, record)
    gone, _each = Share.objects.filter(resource=of.name, record_id=record, grantee_id=grantee).delete()
    if gone:
        announce(context, News(f"{of.name}.unshared", of.name, record, data={"grantee": grantee}))


@query("sharing.list", label=gettext_lazy("Whom a record is shared with"), permission="sharing.share")
def grantees(context: Context, resource: ResourceName, record: Record) -> dict[UUID, bool]:
    """The people and units a visible record is shared with, and whether they may change it."""
    of = resource_named(resource)
    load(context.actor, of, record, access="read", lock=False)
    rows = Share.objects.filter(resource=of.name, record_id=record)
    return dict(rows.order_by("id").values_list("grantee_id", "may_write"))
