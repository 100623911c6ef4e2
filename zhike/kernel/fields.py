"""Fields and resources: what a record of a room looks like to lists, conditions, exports, doors and rights.

A room declares each of its resources once, with `register_resource`. Lists, saved views, conditions, the API, the
export and the field rights all read that one declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from zhike.kernel.actor import Actor
from zhike.kernel.errors import FieldHidden, Invalid, Text
from zhike.kernel.masks import mask_general
from zhike.kernel.rights import FieldRight


class Kind(StrEnum):
    """The kind of a field's values. Moments are aware datetimes, money is a decimal in major units."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice field with its label."""

    value: str
    label: Text


Load = Callable[[Collection[str], Sequence[UUID]], Mapping[str, Mapping[UUID, Any]]]
Mask = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a resource.

    `path` is the ORM path of the value on the resource's model. A `loaded` field (values kept in another table,
    several per record) is read by the resource's `load` instead. `right` names the line of roles.yaml that
    governs the field (default: its own name), so that e.g. all phones share one line. `column` is the warehouse
    column, where the warehouse has it. `score` names the score of insight the field shows: conditions and sorts
    find it by its path, lists read it by `load`. `order_path` is the path to sort by where it is not `path` (a name
    sorts by its reading).
    """

    name: str
    label: Text
    kind: Kind
    path: str = ""
    right: str = ""
    choices: tuple[Choice, ...] = ()
    reference: str = ""
    section: Text = ""
    help: Text = ""
    sortable: bool = False
    filterable: bool = True
    nullable: bool = True
    custom: bool = False
    order_path: str = ""
    column: str = ""
    score: str = ""
    loaded: bool = False
    mask: Mask | None = None

    @property
    def governing(self) -> str:
        """The name under which roles.yaml speaks of this field."""
        return self.right or self.name

    @property
    def apart(self) -> bool:
        """Whether its values are read by the resource's `load`: a join for each score costs more than one for all."""
        return self.loaded or bool(self.score)


@dataclass(frozen=True, slots=True)
class Relation:
    """Related records that a condition may ask about ("has any phone where …").

    `model` has a foreign key or id column `key` that points to the resource's record. `only` are ORM filters
    that tell the records of this relation from others in the same table (phones among contact points).
    """

    name: str
    label: Text
    model: type[Model]
    key: str
    fields: Mapping[str, Field]
    right: str = ""
    table: str = ""
    only: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of record with an owner and a unit: the unit of row rights, lists and doors.

    `live` filters out records that are gone (merged, in the bin). `prepare` annotates what the named fields
    need (scores, for instance) before conditions and sorts touch them. `words` are fields whose values stand among the
    words of the search index: only who reads them in the clear searches by words. `governed` are
    lines of roles.yaml that stand for what hangs on a record and is no field of it (files). `load` gives the values
    of loaded fields and scores for many records: field → id → value.
    """

    name: str
    label: Text
    model: type[Model]
    fields: Mapping[str, Field]
    read: str
    relations: Mapping[str, Relation] = field(default_factory=dict)
    owner_path: str | None = "owner_id"
    unit_path: str | None = "unit_id"
    live: Mapping[str, Any] = field(default_factory=dict)
    default_sort: str = "-created_at"
    default_columns: tuple[str, ...] = ()
    title: str = "name"
    subtitle: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    governed: tuple[str, ...] = ()
    page_url: str = ""
    custom_fields: Callable[[], Mapping[str, Field]] | None = None
    prepare: Callable[[QuerySet[Any], Collection[str]], QuerySet[Any]] | None = None
    load: Load | None = None

    def all_fields(self) -> dict[str, Field]:
        """The declared fields and those that users defined."""
        return {**self.fields, **(self.custom_fields() if self.custom_fields else {})}


_resources: dict[str, Resource] = {}


def register_resource(resource: Resource) -> Resource:
    """Make a resource known. Raises ValueError when the name is taken by another model."""
    known = _resources.get(resource.name)
    if known is not None and known.model is not resource.model:
        raise ValueError(f"resource {resource.name!r} is registered twice")
    _resources[resource.name] = resource
    return resource


def resource(name: str) -> Resource:
    """The resource of that name. Raises Invalid for an unknown one."""
    try:
        return _resources[name]
    except KeyError:
        raise Invalid({"resource": _("Unknown kind of record: %(name)s.") % {"name": name}}) from None


def resources() -> dict[str, Resource]:
    """All resources by name."""
    return dict(_resources)


def right_on(actor: Actor, of: Resource, name: Field | Relation) -> FieldRight:
    """What the actor may do with a field (or with the records of a relation)."""
    governing = name.governing if isinstance(name, Field) else (name.right or name.name)
    return actor.rights.field(of.name, governing)


def readable_fields(actor: Actor, of: Resource) -> dict[str, Field]:
    """The fields the actor may see at all; a masked one comes with its mask, an open one without."""
    seen: dict[str, Field] = {}
    for name, item in of.all_fields().items():
        right = right_on(actor, of, item)
        if right == FieldRight.HIDDEN:
            continue
        mask = (item.mask or mask_general) if right == FieldRight.MASKED else None
        seen[name] = item if item.mask is mask else replace(item, mask=mask)
    return seen


def usable_field(actor: Actor, of: Resource, name: str) -> Field:
    """A field for conditions, sorts, groups and sums. Raises FieldHidden unless it is readable in the clear."""
    fields = of.all_fields()
    if name not in fields:
        raise Invalid({"field": _("Unknown field: %(name)s.") % {"name": name}})
    if right_on(actor, of, fields[name]) < FieldRight.READ:
        raise FieldHidden(field=name)
    return fields[name]


def check_writable(actor: Actor, of: Resource, names: Iterable[str]) -> None:
    """Raise FieldHidden (named) for the first field that the actor may not write."""
    fields = of.all_fields()
    for name in names:
        item = fields.get(name)
        if item is not None and right_on(actor, of, item) < FieldRight.WRITE:
            raise FieldHidden(field=name)
