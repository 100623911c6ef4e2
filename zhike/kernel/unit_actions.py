"""The tree of units: create, rename, move, remove. Paths below a moved unit follow in the same transaction."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.db.models import F, ProtectedError, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import StringConstraints

from zhike.kernel import search
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, Refusal
from zhike.kernel.events import News, announce, changes_between
from zhike.kernel.ids import uuid7
from zhike.kernel.models import Unit
from zhike.kernel.rows import load
from zhike.kernel.saved import Saved
from zhike.kernel.staff import UNITS, path_of
from zhike.kernel.staff_search import keep_unit
from zhike.kernel.versions import check_version

DEEPEST = 25
_PART = 33  # characters of one id in a path

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Region = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]


def _facts(unit: Unit) -> dict[str, Any]:
    return {"name": unit.name, "parent": unit.parent_id, "region": unit.region}


def _lock_tree() -> dict[UUID, Unit]:
    """All units, locked: the shape of the tree changes by one at a time."""
    return {unit.id: unit for unit in Unit.objects.order_by("id").select_for_update(of=("self",))}


def _parent(tree: dict[UUID, Unit], parent: UUID | None) -> Unit | None:
    if parent is None:
        return None
    if parent not in tree:
        raise Invalid({"parent": _("There is no such unit.")})
    return tree[parent]


def _check_name(tree: dict[UUID, Unit], parent: UUID | None, name: str, own: UUID | None = None) -> None:
    if any(unit.parent_id == parent and unit.name == name and unit.id != own for unit in tree.values()):
        raise Invalid({"name": _("There is a unit of this name here already.")})


def _check_depth(levels: int) -> None:
    if levels > DEEPEST:
        raise Invalid({"parent": _("Units go at most %(levels)s levels deep.") % {"levels": DEEPEST}})


def _load(context: Context, unit: UUID, version: int | None, yours: dict[str, Any]) -> Unit:
    found: Unit = load(context.actor, UNITS, unit)
    check_version(found, version, yours=yours, theirs=_facts(found))
    return found


@action("units.create", resource="units", label=gettext_lazy("Add a unit"), permission="units.manage")
def create(
    context: Context,
    name: Annotated[Name, about(gettext_lazy("Name"))],
    parent: Annotated[UUID | None, about(gettext_lazy("Unit above"))] = None,
    region: Annotated[Region, about(gettext_lazy("Region"))] = "",
) -> Saved:
    """Add a unit under another one, or at the top."""
    tree = _lock_tree()
    above = _parent(tree, parent)
    _check_name(tree, parent, name)
    new = uuid7()
    unit = Unit(id=new, name=name, parent=above, path=path_of(above, new), region=region)
    _check_depth(len(unit.path) // _PART)
    unit.save(force_insert=True)
    keep_unit(unit)
    changes = {key: (None, value) for key, value in _facts(unit).items()}
    announce(context, News("units.created", "units", unit.id, unit.name, changes))
    return Saved(unit.id, unit.version)


@action("units.rename", resource="units", label=gettext_lazy("Rename a unit"), permission="units.manage")
def rename(
    context: Context,
    unit: Annotated[UUID, about(gettext_lazy("Unit"))],
    name: Annotated[Name, about(gettext_lazy("Name"))],
    region: Annotated[Region | None, about(gettext_lazy("Region"))] = None,
    version: int | None = None,
) -> Saved:
    """Give a unit another name, and another region if one is given."""
    tree = _lock_tree()
    found = _load(context, unit, version, {"name": name})
    _check_name(tree, found.parent_id, name, found.id)
    before = _facts(found)
    found.name = name
    found.region = found.region if region is None else region
    changes = changes_between(before, _facts(found))
    if changes:
        found.version += 1
        found.save()
        keep_unit(found)
        announce(context, News("units.renamed", "units", found.id, found.name, changes))
    return Saved(found.id, found.version)


@action("units.move", resource="units", label=gettext_lazy("Move a unit"), permission="units.manage")
def move(
    context: Context,
    unit: Annotated[UUID, about(gettext_lazy("Unit"))],
    parent: Annotated[UUID | None, about(gettext_lazy("Unit above"))],
    version: int | None = None,
) -> Saved:
    """Put a unit with all below it under another one, or at the top. Who sees what follows at once."""
    tree = _lock_tree()
    found = _load(context, unit, version, {"parent": parent})
    above = _parent(tree, parent)
    if above is not None and above.path.startswith(found.path):
        raise Invalid({"parent": _("A unit cannot be moved below itself.")})
    if found.parent_id == parent:
        return Saved(found.id, found.version)
    _check_name(tree, parent, found.name, found.id)
    old, new = found.path, path_of(above, found.id)
    longest = max(len(other.path) for other in tree.values() if other.path.startswith(old))
    _check_depth((longest - len(old) + len(new)) // _PART)
    before = _facts(found)
    below = Unit.objects.filter(path__startswith=old)
    below.update(path=Concat(Value(new), Substr("path", len(old) + 1)), version=F("version") + 1)
    Unit.objects.filter(pk=found.pk).update(parent=above)
    found.refresh_from_db()
    changes = changes_between(before, _facts(found))
    announce(context, News("units.moved", "units", found.id, found.name, changes))
    return Saved(found.id, found.version)


@action(
    "units.remove", resource="units", label=gettext_lazy("Remove a unit"), permission="units.manage",
    danger=True,
)  # fmt: skip
def remove(
    context: Context, unit: Annotated[UUID, about(gettext_lazy("Unit"))], version: int | None = None
) -> None:
    """Remove a unit that nothing belongs to any more: no units, no staff, no records."""
    _lock_tree()
    found = _load(context, unit, version, {})
    changes = {key: (value, None) for key, value in _facts(found).items()}
    try:
        found.delete()
    except ProtectedError:
        raise Refusal(_("Units, staff or records still belong to this unit")) from None
    search.remove([unit])
    announce(context, News("units.removed", "units", unit, found.name, changes))
