"""Defining, changing and retiring user-defined fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

import re2
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ConfigDict, StringConstraints

from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Context, system
from zhike.kernel.conditions import parse_condition, to_q
from zhike.kernel.conditions.tree import Op, Test
from zhike.kernel.custom import decimal, read_value, value_hash
from zhike.kernel.definitions import Definition, definitions_changed, row_as_definition
from zhike.kernel.errors import Invalid, NotFound, Refusal, Text
from zhike.kernel.events import News, announce, changes_between
from zhike.kernel.fields import Kind, Resource, resource, resources
from zhike.kernel.models import FieldDefinition, UniqueValue
from zhike.kernel.saved import Saved
from zhike.kernel.versions import check_version

_KEY = re.compile(r"[a-z](?:_?[a-z0-9])*")
_NEVER_UNIQUE = (Kind.YES_NO, Kind.CHOICES, Kind.LONG_TEXT)
_WITH_PATTERN = (Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.LINK, Kind.PHONE)
_UNBOUNDED = (Kind.YES_NO, Kind.CHOICE, Kind.REFERENCE)
_MOST_CHOICES = 500

Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Help = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Bound = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]


class ChoiceIn(BaseModel):
    """One choice of a field: the stored value and its labels."""

    model_config = ConfigDict(extra="forbid")
    value: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    label_zh: Name
    label_en: Label = ""


class FieldRules(BaseModel):
    """Everything about a field but its key and kind; what is not named in a change stays as it is."""

    model_config = ConfigDict(extra="forbid")
    label_zh: Name | None = None
    label_en: Label | None = None
    help_zh: Help | None = None
    help_en: Help | None = None
    section: Label | None = None
    position: int | None = None
    required: bool | None = None
    unique: bool | None = None
    pattern: Annotated[str, StringConstraints(max_length=300)] | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    default: Any = None
    choices: list[ChoiceIn] | None = None
    reference: Label | None = None
    shown_if: dict[str, Any] | None = None


class FieldShown(BaseModel):
    """One user-defined field with all its rules."""

    id: UUID
    key: str
    kind: Kind
    rules: FieldRules
    retired: bool
    version: int


_RULES = tuple(FieldRules.model_fields)


def _facts(row: FieldDefinition) -> dict[str, Any]:
    return {"kind": row.kind, **{name: getattr(row, name) for name in _RULES}}


def _apply(row: FieldDefinition, rules: FieldRules) -> None:
    for name in rules.model_fields_set:
        value = getattr(rules, name)
        if name == "choices":
            value = [choice.model_dump() for choice in value or []]
        elif value is None and name not in ("default", "shown_if"):
            continue
        setattr(row, name, value)


def _check_position(row: FieldDefinition) -> dict[str, Text]:
    return {} if 0 <= row.position <= 1_000_000 else {"position": _("Must be at least %(ge)s.") % {"ge": 0}}


def _check_choices(row: FieldDefinition) -> dict[str, Text]:
    values = [choice["value"] for choice in row.choices]
    if row.kind not in (Kind.CHOICE, Kind.CHOICES):
        return {"choices": _("Only choice fields have choices.")} if values else {}
    if not values:
        return {"choices": _("Enter at least one choice.")}
    if len(values) > _MOST_CHOICES:
        return {"choices": _("At most %(max_length)s entries fit here.") % {"max_length": _MOST_CHOICES}}
    return {"choices": _("Each choice may be there once only.")} if len(set(values)) < len(values) else {}


def _check_pattern(row: FieldDefinition) -> dict[str, Text]:
    if not row.pattern:
        return {}
    if row.kind not in _WITH_PATTERN:
        return {"pattern": _("Only text fields have a pattern.")}
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(row.pattern, options)
    except re2.error:
        return {"pattern": _("This is not a regular expression (RE2).")}
    return {}


def _check_bound(item: Definition, name: str, bound: str) -> dict[str, Text]:
    if not bound:
        return {}
    kind = item.field.kind
    if kind in _UNBOUNDED:
        return {name: _("Fields of this kind have no bounds.")}
    try:
        if kind in (Kind.NUMBER, Kind.MONEY):
            decimal(bound)
        elif kind in (Kind.DATE, Kind.MOMENT):
            read_value(_unruled(item), bound)
        elif int(bound) < 0:
            raise ValueError
    except ValueError as error:
        measured = kind in (Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.MOMENT)
        return {name: str(error) if measured else _("Enter a whole number.")}
    return {}


def _unruled(item: Definition) -> Definition:
    return replace(item, minimum="", maximum="", pattern="")


def _check_default(row: FieldDefinition, item: Definition) -> dict[str, Text]:
    if row.default is None:
        return {}
    if row.unique:
        return {"default": _("A unique field cannot have a default.")}
    try:
        row.default = read_value(item, row.default)
    except ValueError as error:
        return {"default": str(error)}
    return {}


def _check_shown_if(context: Context, of: Resource, row: FieldDefinition) -> dict[str, Text]:
    if not row.shown_if:
        row.shown_if = None
        return {}
    try:
        parse_condition(Context(actor=system(), now=context.now), of, row.shown_if)
    except Refusal as error:
        return {"shown_if": str(error)}
    return {}


def _check(context: Context, of: Resource, row: FieldDefinition) -> None:
    """Raise Invalid naming every rule of the field that makes no sense."""
    wrong = {**_check_position(row), **_check_choices(row), **_check_pattern(row)}
    if (row.kind == Kind.REFERENCE) != bool(row.reference) or (
        row.reference and row.reference not in resources()
    ):
        wrong["reference"] = _("Name the kind of record that this field refers to.")
    if row.unique and row.kind in _NEVER_UNIQUE:
        wrong["unique"] = _("Fields of this kind cannot be unique.")
    item = row_as_definition(row)
    wrong |= {**_check_bound(item, "minimum", row.minimum), **_check_bound(item, "maximum", row.maximum)}
    if not wrong:
        wrong = _check_default(row, item)
    wrong |= _check_shown_if(context, of, row)
    if wrong:
        raise Invalid(wrong)


def _used(of: Resource, key: str) -> Q:
    return Q(custom__has_key=key)


def _customisable(name: str) -> Resource:
    of = resource(name)
    if of.custom_fields is None:
        raise Invalid({"resource": _("Records of this kind have no fields of your own.")})
    return of


@action("fields.define", label=gettext_lazy("Define a field"), permission="fields.manage")
def define(
    context: Context,
    resource: Annotated[str, about(gettext_lazy("Kind of record"))],
    key: Annotated[str, about(gettext_lazy("Key"))],
    kind: Annotated[Kind, about(gettext_lazy("Kind of value"))],
    rules: Annotated[FieldRules, about(gettext_lazy("Rules"))],
) -> Saved:
    """Give records of a kind one more field. The key (small letters, digits, _) never changes."""
    of = _customisable(resource)
    if not _KEY.fullmatch(key) or len(key) > 40:
        raise Invalid(
            {"key": _("Use up to 40 small letters, digits and single underscores; begin with a letter.")}
        )
    if (
        key in of.fields
        or key in of.relations
        or FieldDefinition.objects.filter(resource=of.name, key=key).exists()
    ):
        raise Invalid({"key": _("There is a field with this key already.")})
    if not rules.label_zh:
        raise Invalid({"rules.label_zh": _("This field is required.")})
    last = FieldDefinition.objects.filter(resource=of.name).aggregate(last=Max("position"))["last"]
    row = FieldDefinition(resource=of.name, key=key, kind=kind.value, position=(last or 0) + 1)
    _apply(row, rules)
    _check(context, of, row)
    row.save(force_insert=True)
    definitions_changed()
    changes = {
        name: (None, value) for name, value in _facts(row).items() if value not in (None, "", [], False)
    }
    announce(
        context,
        News("fields.defined", "fields", row.id, row.label_zh, changes, {"resource": of.name, "key": key}),
    )
    return Saved(row.id, row.version)


def _load(field: UUID) -> FieldDefinition:
    row = FieldDefinition.objects.select_for_update().filter(pk=field).first()
    if row is None:
        raise NotFound(resource="fields")
    return row


def _check_kind(of: Resource, row: FieldDefinition, kind: Kind | None) -> None:
    if kind is None or kind == row.kind:
        return
    number = of.model._default_manager.filter(_used(of, row.key))[:1].count()
    if number:
        raise Invalid(
            {
                "kind": _(
                    "Records hold values of this field; its kind cannot change any more. Define another field."
                )
            }
        )
    row.kind = kind.value


def _check_choices_in_use(of: Resource, before: Definition, row: FieldDefinition) -> None:
    kept = {choice["value"] for choice in row.choices}
    for choice in before.field.choices:
        if choice.value in kept or before.field.kind != row.kind:
            continue
        several = before.field.kind == Kind.CHOICES
        test = Test(
            before.field, Op.HAS_ANY if several else Op.EQ, (choice.value,) if several else choice.value
        )
        if of.model._default_manager.filter(to_q(test)).exists():
            raise Invalid(
                {"choices": _("Records hold the choice “%(label)s”; keep it.") % {"label": choice.label}}
            )


def _values(of: Resource, key: str) -> Iterable[tuple[UUID, Any]]:
    rows = of.model._default_manager.filter(_used(of, key)).values_list("pk", "custom")
    for record, custom in rows.iterator(chunk_size=2000):
        if custom.get(key) is not None:
            yield record, custom[key]


def _keep_unique(of: Resource, row: FieldDefinition, before: bool) -> None:
    """Bring the table of unique values in line when a field becomes unique, or no longer is."""
    if row.unique == before:
        return
    UniqueValue.objects.filter(definition=row).delete()
    if not row.unique:
        return
    seen: dict[str, UUID] = {}
    for record, value in _values(of, row.key):
        if seen.setdefault(value_hash(value), record) != record:
            raise Invalid(
                {"unique": _("Several records hold the same value; this field cannot become unique.")}
            )
    rows = (UniqueValue(definition=row, record_id=record, value_hash=mark) for mark, record in seen.items())
    UniqueValue.objects.bulk_create(rows, batch_size=1000)


@action("fields.change", label=gettext_lazy("Change a field"), permission="fields.manage")
def change(
    context: Context,
    field: Annotated[UUID, about(gettext_lazy("Field"))],
    rules: Annotated[FieldRules, about(gettext_lazy("Rules"))],
    kind: Annotated[Kind | None, about(gettext_lazy("Kind of value"))] = None,
    version: int | None = None,
) -> Saved:
    """Change the rules of a field. The kind can change only while no record holds a value."""
    row = _load(field)
    before, was_unique, old = _facts(row), row.unique, row_as_definition(row)
    check_version(row, version, yours=rules.model_dump(exclude_unset=True), theirs=before)
    of = _customisable(row.resource)
    _check_kind(of, row, kind)
    _apply(row, rules)
    _check(context, of, row)
    _check_choices_in_use(of, old, row)
    changes = changes_between(before, _facts(row))
    if not changes:
        return Saved(row.id, row.version)
    row.version += 1
    row.save()
    _keep_unique(of, row, was_unique)
    definitions_changed()
    announce(context, News("fields.changed", "fields", row.id, row.label_zh, changes, {"resource": of.name}))
    return Saved(row.id, row.version)


@action("fields.retire", label=gettext_lazy("Retire a field"), permission="fields.manage", danger=True)
def retire(
    context: Context,
    field: Annotated[UUID, about(gettext_lazy("Field"))],
    back: Annotated[bool, about(gettext_lazy("Take back into use"))] = False,
    version: int | None = None,
) -> Saved:
    """Take a field out of use, or back into use. Values that records hold are kept."""
    row = _load(field)
    check_version(row, version, yours={"retired": not back}, theirs={"retired": row.retired_at is not None})
    if (row.retired_at is None) == back:
        return Saved(row.id, row.version)
    row.retired_at = None if back else context.now
    row.version += 1
    row.save()
    definitions_changed()
    kind = "fields.restored" if back else "fields.retired"
    announce(
        context, News(kind, "fields", row.id, row.label_zh, data={"resource": row.resource, "key": row.key})
    )
    return Saved(row.id, row.version)


@query("fields.list", label=gettext_lazy("Fields of your own"), permission="fields.manage")
def listed(
    context: Context,
    resource: Annotated[str, about(gettext_lazy("Kind of record"))],
    which: Literal["in_use", "all"] = "in_use",
) -> list[FieldShown]:
    """The user-defined fields of a kind of record with their rules, in their order."""
    rows = FieldDefinition.objects.filter(resource=_customisable(resource).name)
    rows = rows.filter(retired_at__isnull=True) if which == "in_use" else rows
    return [
        FieldShown(
            id=row.id, key=row.key, kind=Kind(row.kind), retired=row.retired_at is not None, version=row.version,
            rules=FieldRules.model_validate({name: getattr(row, name) for name in _RULES}),
        )
        for row in rows
    ]  # fmt: skip
