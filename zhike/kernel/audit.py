"""What happened, as somebody may see it: facts with the same row and field rights as the records they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.kernel.actions import about, query
from zhike.kernel.actor import Actor, Context
from zhike.kernel.events import FactRead, read_fact
from zhike.kernel.fields import Field, resource, resources
from zhike.kernel.masks import mask_general
from zhike.kernel.models import Fact
from zhike.kernel.rights import FieldRight, RowScope
from zhike.kernel.rows import visible_ids

_SCAN = 500
_MOST_SCANS = 20


def _masked(value: Any, field: Field | None) -> Any:
    """A value behind its field's mask; each element of a list, and nothing but "•••" of anything else."""
    if isinstance(value, list):
        return [_masked(item, field) for item in value]
    if value is None or isinstance(value, Mapping):
        return mask_general(value)
    return field.mask(value) if field is not None and field.mask is not None else mask_general(value)


class _View:
    """What one actor may see of the facts about one resource."""

    def __init__(self, actor: Actor, name: str) -> None:
        self._actor, self._name = actor, name
        known = resources().get(name)
        self._fields = known.all_fields() if known else {}
        self._relations = known.relations if known else {}

    def right(self, field: str) -> FieldRight:
        """The right on a field, a relation, or a word that the resource does not declare."""
        item = self._fields.get(field)
        relation = self._relations.get(field)
        governing = item.governing if item else (relation.right or relation.name) if relation else field
        return self._actor.rights.field(self._name, governing)

    def _shown(self, field: str, value: Any) -> Any:
        return _masked(value, self._fields.get(field)) if self.right(field) == FieldRight.MASKED else value

    def _title(self, title: str) -> str:
        right = self.right("name")
        if right == FieldRight.MASKED:
            return _masked(title, self._fields.get("name")) or ""
        return title if right > FieldRight.HIDDEN else ""

    def of(self, fact: FactRead) -> FactRead:
        """The fact without hidden fields and with masked ones masked, its title like the name."""
        changes = {
            name: [self._shown(name, value) for value in pair]
            for name, pair in fact.changes.items()
            if self.right(name) > FieldRight.HIDDEN
        }
        data = {
            name: self._shown(name, value)
            for name, value in fact.data.items()
            if self.right(name) > FieldRight.HIDDEN
        }
        return replace(fact, changes=changes, data=data, title=self._title(fact.title))


def as_seen_by(actor: Actor, facts: Iterable[FactRead]) -> list[FactRead]:
    """Facts with the actor's field rights applied. Row rights are the caller's business."""
    views: dict[str, _View] = {}
    seen = []
    for fact in facts:
        if fact.resource not in views:
            views[fact.resource] = _View(actor, fact.resource)
        seen.append(views[fact.resource].of(fact))
    return seen


def _filtered(
    actor: UUID | None,
    resource_name: str,
    record: UUID | None,
    kind: str,
    since: datetime | None,
    until: datetime | None,
) -> QuerySet[Fact]:
    wanted = Q()
    if actor is not None:
        wanted &= Q(actor_id=actor)
    if resource_name:
        wanted &= Q(resource=resource_name)
    if record is not None:
        wanted &= Q(record_id=record)
    if kind:
        wanted &= Q(kind__startswith=kind)
    if since is not None:
        wanted &= Q(at__gte=since)
    if until is not None:
        wanted &= Q(at__lt=until)
    return Fact.objects.filter(wanted).order_by("-id")


def _rows_seen(context: Context, facts: list[Fact]) -> list[Fact]:
    """Those of the facts whose records the actor may see."""
    hidden: set[tuple[str, UUID]] = set()
    for name in {fact.resource for fact in facts}:
        if context.actor.rights.row(name).read == RowScope.ALL:
            continue
        ids = {fact.record_id for fact in facts if fact.resource == name}
        known = name in resources() and context.actor.may(resource(name).read)
        shown = visible_ids(context.actor, resource(name), ids) if known else set()
        hidden |= {(name, record) for record in ids - shown}
    return [fact for fact in facts if (fact.resource, fact.record_id) not in hidden]


@query("audit.list", label=gettext_lazy("Audit trail"), permission="audit.read")
def list_facts(
    context: Context,
    actor: Annotated[UUID | None, about(gettext_lazy("Who"))] = None,
    resource: Annotated[str, about(gettext_lazy("Kind of record"))] = "",
    record: Annotated[UUID | None, about(gettext_lazy("Record"))] = None,
    kind: Annotated[str, about(gettext_lazy("What happened"))] = "",
    since: Annotated[datetime | None, about(gettext_lazy("From"))] = None,
    until: Annotated[datetime | None, about(gettext_lazy("Before"))] = None,
    before: Annotated[int | None, about(gettext_lazy("Older than this entry"))] = None,
    limit: Annotated[int, Bound(ge=1, le=200), about(gettext_lazy("At most"))] = 50,
) -> list[FactRead]:
    """Who did what to which record when, newest first. `kind` is a beginning such as `customers.note`."""
    queryset = _filtered(actor, resource, record, kind, since, until)
    found: list[Fact] = []
    # Facts about records that the actor may not see are passed over, but not without end.
    for scan in range(_MOST_SCANS):
        size = limit if scan == 0 else _SCAN
        page = list((queryset if before is None else queryset.filter(id__lt=before))[:size])
        found += _rows_seen(context, page)
        if len(found) >= limit or len(page) < size:
            break
        before = page[-1].id
    return as_seen_by(context.actor, [read_fact(fact) for fact in found[:limit]])
