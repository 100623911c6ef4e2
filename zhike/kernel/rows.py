"""Row rights as queries: a query starts from what the actor may see, so that "not yours" is "not found"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q, QuerySet

from zhike.kernel.actor import Actor
from zhike.kernel.errors import NotAllowed, NotFound
from zhike.kernel.fields import Resource
from zhike.kernel.models import Share
from zhike.kernel.rights import RowScope

Access = Literal["read", "write"]


def _shared(actor: Actor, of: Resource, access: Access) -> Q:
    shares = Share.objects.filter(resource=of.name, grantee_id__in=[actor.id, *actor.unit_ids_above])
    if access == "write":
        shares = shares.filter(may_write=True)
    return Q(pk__in=shares.values("record_id"))


def _scoped(actor: Actor, of: Resource, scope: RowScope) -> Q:
    own = Q(**{of.owner_path: actor.id}) if of.owner_path else Q(pk__in=[])
    if scope <= RowScope.NONE or (scope >= RowScope.UNIT and not of.unit_path):
        return Q(pk__in=[])
    if scope == RowScope.OWN or actor.unit_id is None:
        return own
    units = [actor.unit_id] if scope == RowScope.UNIT else sorted(actor.unit_ids_below)
    return own | Q(**{f"{of.unit_path}__in": units})


def row_filter(actor: Actor, of: Resource, access: Access = "read") -> Q:
    """The rows of a resource that the actor may read or write."""
    right = actor.rights.row(of.name)
    scope = right.read if access == "read" else right.write
    if scope == RowScope.ALL:
        return Q()
    return _scoped(actor, of, scope) | _shared(actor, of, access)


def visible(actor: Actor, of: Resource, access: Access = "read") -> QuerySet[Any]:
    """The live records that the actor may read or write. Raises NotAllowed without the reading permission."""
    actor.require(of.read)
    queryset = of.model._default_manager.filter(**of.live)
    return queryset.filter(row_filter(actor, of, access))


def load(actor: Actor, of: Resource, record_id: UUID, *, access: Access = "write", lock: bool = True) -> Any:
    """One record, locked for change. Raises NotFound when it is not the actor's to see, NotAllowed when it may be
    read but not written."""
    queryset = visible(actor, of, access)
    found = (queryset.select_for_update(of=("self",)) if lock else queryset).filter(pk=record_id).first()
    if found is None:
        if access == "write" and visible(actor, of, "read").filter(pk=record_id).exists():
            raise NotAllowed(resource=of.name)
        raise NotFound(resource=of.name)
    return found


def visible_ids(actor: Actor, of: Resource, ids: Iterable[UUID], access: Access = "read") -> set[UUID]:
    """Those of the ids that the actor may read or write."""
    return set(visible(actor, of, access).filter(pk__in=list(ids)).values_list("pk", flat=True))
