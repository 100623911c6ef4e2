"""Saved views: a list's condition, columns, order and grouping under a name, one's own or shared.

Everything in a view is checked against the rights of whoever saves it, and again of whoever opens it: a view that
tests a field hidden from the reader is refused to that reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Rule
from pydantic import StringConstraints

from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Actor, Context
from zhike.kernel.conditions import describe, parse_condition
from zhike.kernel.errors import Invalid, NotAllowed, NotFound, Refusal
from zhike.kernel.events import News, announce, changes_between
from zhike.kernel.fields import Resource, usable_field
from zhike.kernel.fields import resource as resource_named
from zhike.kernel.models import SavedView, Unit, User
from zhike.kernel.reading import columns_of, order_of
from zhike.kernel.saved import Saved
from zhike.kernel.versions import check_version

MOST_VIEWS = 200

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Sort = Annotated[str, StringConstraints(max_length=80)]
Columns = Annotated[list[str], Rule(max_length=60)]
_NAME, _VIEW = about(gettext_lazy("Name")), about(gettext_lazy("View"))
_CONDITION, _COLUMNS = about(gettext_lazy("Condition")), about(gettext_lazy("Columns"))
_SORT, _GROUPING = about(gettext_lazy("Sort order")), about(gettext_lazy("Grouped by"))


@dataclass(frozen=True, slots=True)
class ViewShown:
    """One saved view as the reader gets it. `usable` is false where it needs a field the reader may not read; then
    it says neither its condition nor its columns nor its order nor its grouping."""

    id: UUID
    name: str
    resource: str
    mine: bool
    shared_with_all: bool
    shared_unit: UUID | None
    usable: bool
    condition: dict[str, Any] | None
    words: str
    columns: list[str]
    sort: str
    grouping: str
    position: int
    version: int


def _facts(view: SavedView) -> dict[str, Any]:
    return {
        "name": view.name, "condition": view.condition, "columns": view.columns, "sort": view.sort,
        "grouping": view.grouping,
    }  # fmt: skip


def _check(
    context: Context, of: Resource, condition: Any, columns: list[str], sort: str, grouping: str
) -> None:
    """Raise Invalid or FieldHidden unless the actor may use everything that the view names."""
    context.require(of.read)
    parse_condition(context, of, condition)
    if len(set(columns)) < len(columns):
        raise Invalid({"columns": _("Each column may be there once only.")})
    columns_of(context, of, columns)
    if sort:
        order_of(context, of, sort)
    if grouping:
        usable_field(context.actor, of, grouping)


def _seen(actor: Actor) -> QuerySet[SavedView]:
    shared = Q(shared_with_all=True) | Q(shared_unit_id__in=list(actor.unit_ids_above))
    return SavedView.objects.filter(Q(owner_id=actor.id) | shared)


def _own(context: Context, view: UUID, version: int | None, yours: dict[str, Any]) -> SavedView:
    """A view to be changed: only its owner may. Raises NotFound, NotAllowed, Conflict."""
    found = _seen(context.actor).select_for_update(of=("self",)).filter(pk=view).first()
    if found is None:
        raise NotFound(resource="views")
    if found.owner_id != context.actor.id:
        raise NotAllowed(_("Only the owner of a view can change it."))
    check_version(found, version, yours=yours, theirs=_facts(found))
    return found


def _write(view: SavedView, *, fresh: bool = False) -> None:
    try:
        with transaction.atomic():
            view.save(force_insert=fresh)
    except IntegrityError:
        raise Invalid({"name": _("You have a view of this name already.")}) from None


@action("views.save", label=gettext_lazy("Save a view"))
def save(
    context: Context,
    resource: Annotated[str, about(gettext_lazy("Kind of record"))],
    name: Annotated[Name, _NAME],
    condition: Annotated[dict[str, Any] | None, _CONDITION] = None,
    columns: Annotated[Columns, _COLUMNS] = [],  # noqa: B006 - the registry reads it, nobody writes to it
    sort: Annotated[Sort, _SORT] = "",
    grouping: Annotated[Sort, _GROUPING] = "",
) -> Saved:
    """Keep a list's condition, columns, order and grouping under a name of your own."""
    of = resource_named(resource)
    _check(context, of, condition, columns, sort, grouping)
    mine = SavedView.objects.filter(owner_id=context.actor.id, resource=of.name)
    if not User.objects.filter(pk=context.actor.id).exists():
        raise Invalid({"owner": _("Only staff have views.")})
    number = mine.count()
    if number >= MOST_VIEWS:
        raise Invalid({"name": _("At most %(max_length)s entries fit here.") % {"max_length": MOST_VIEWS}})
    view = SavedView(
        resource=of.name, owner_id=context.actor.id, name=name, condition=condition or None, columns=columns,
        sort=sort, grouping=grouping, position=number,
    )  # fmt: skip
    _write(view, fresh=True)
    changes = {key: (None, value) for key, value in _facts(view).items()}
    announce(context, News("views.saved", "views", view.id, view.name, changes, {"resource": of.name}))
    return Saved(view.id, view.version)


@action("views.change", label=gettext_lazy("Change a view"), permission="views.save")
def change(
    context: Context,
    view: Annotated[UUID, _VIEW],
    name: Annotated[Name, _NAME],
    condition: Annotated[dict[str, Any] | None, _CONDITION] = None,
    columns: Annotated[Columns, _COLUMNS] = [],  # noqa: B006 - the registry reads it, nobody writes to it
    sort: Annotated[Sort, _SORT] = "",
    grouping: Annotated[Sort, _GROUPING] = "",
    version: int | None = None,
) -> Saved:
    """Replace the name, condition, columns, order and grouping of a view of your own."""
    wanted = {
        "name": name,
        "condition": condition or None,
        "columns": columns,
        "sort": sort,
        "grouping": grouping,
    }
    found = _own(context, view, version, wanted)
    _check(context, resource_named(found.resource), condition, columns, sort, grouping)
    before = _facts(found)
    for key, value in wanted.items():
        setattr(found, key, value)
    return _changed(context, found, before, "views.changed")


def _changed(context: Context, view: SavedView, before: dict[str, Any], kind: str) -> Saved:
    changes = changes_between(before, {**_facts(view), **{key: getattr(view, key) for key in before}})
    if changes:
        view.version += 1
        _write(view)
        announce(context, News(kind, "views", view.id, view.name, changes, {"resource": view.resource}))
    return Saved(view.id, view.version)


@action("views.delete", label=gettext_lazy("Delete a view"), permission="views.save", danger=True)
def delete(context: Context, view: Annotated[UUID, _VIEW], version: int | None = None) -> None:
    """Delete a view of your own; whoever it was shared with loses it too."""
    found = _own(context, view, version, {})
    announce(context, News("views.deleted", "views", found.id, found.name, data=_facts(found)))
    found.delete()


@action("views.share", label=gettext_lazy("Share a view"))
def share(
    context: Context,
    view: Annotated[UUID, _VIEW],
    with_all: Annotated[bool, about(gettext_lazy("With everybody"))] = False,
    unit: Annotated[UUID | None, about(gettext_lazy("With a unit and all below it"))] = None,
    version: int | None = None,
) -> Saved:
    """Share a view of your own with everybody or with a unit; with neither it becomes private again."""
    found = _own(context, view, version, {"shared_with_all": with_all, "shared_unit_id": unit})
    if unit is not None and not Unit.objects.filter(pk=unit).exists():
        raise Invalid({"unit": _("There is no such unit.")})
    before = {"shared_with_all": found.shared_with_all, "shared_unit_id": found.shared_unit_id}
    found.shared_with_all, found.shared_unit_id = with_all, unit
    return _changed(context, found, before, "views.shared")


def _shown(context: Context, view: SavedView) -> ViewShown:
    usable, words = True, ""
    try:
        of = resource_named(view.resource)
        _check(context, of, view.condition, view.columns, view.sort, view.grouping)
        words = describe(parse_condition(context, of, view.condition))
    except Refusal:
        usable = False
    return ViewShown(
        view.id, view.name, view.resource, view.owner_id == context.actor.id, view.shared_with_all,
        view.shared_unit_id, usable, view.condition if usable else None, words,
        list(view.columns) if usable else [], view.sort if usable else "",
        view.grouping if usable else "", view.position, view.version,
    )  # fmt: skip


@query("views.list", label=gettext_lazy("Saved views"))
def listed(
    context: Context, resource: Annotated[str, about(gettext_lazy("Kind of record"))]
) -> list[ViewShown]:
    """The views of a kind of record that are yours or shared with you: your own first, each in its order."""
    views = list(_seen(context.actor).filter(resource=resource_named(resource).name))
    views.sort(key=lambda view: (view.owner_id != context.actor.id, view.position, view.name))
    return [_shown(context, view) for view in views]
