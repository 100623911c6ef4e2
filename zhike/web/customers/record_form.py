"""The controls of a customer's own fields: declared and user-defined ones, with what each depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django import forms
from django.utils.translation import gettext as _

from zhike.customers.queries import CUSTOMERS
from zhike.customers.types import CustomerCard, CustomerChanges, PartyKind
from zhike.kernel.actor import Context, system
from zhike.kernel.conditions import holds, parse_condition
from zhike.kernel.custom import definitions, read_value, typed_values
from zhike.kernel.errors import Conflict
from zhike.kernel.fields import Field, Kind, right_on
from zhike.kernel.rights import FieldRight
from zhike.web.countries import countries
from zhike.web.customers.choices import references
from zhike.web.customers.sections import OF_FIRMS, OF_PERSONS, key_of
from zhike.web.forms import Choices, differing, field_control, field_value, shown_text
from zhike.web.lists.show import phone_text

PLAIN = tuple(name for name in CustomerChanges.model_fields if name not in ("custom", "kind"))
PREFIX = "custom."
_ORDER = (
    "name", "legal_name", "english_name", "gender", "birthday", "industry", "phone", "email", "address", "country",
)  # fmt: skip


def writable(context: Context, item: Field) -> bool:
    """Whether the actor may write the field."""
    return right_on(context.actor, CUSTOMERS, item) >= FieldRight.WRITE


def put_fields(
    form: forms.Form,
    context: Context,
    kind: str,
    values: Mapping[str, Any],
    *,
    new: bool,
    masked: Iterable[str] = (),
    only: Iterable[str] | None = None,
) -> None:
    """Put the controls of all fields that the actor may write into the form; `only` narrows them to some names."""
    wanted = None if only is None else set(only)
    passed = (OF_FIRMS if kind == "person" else OF_PERSONS) | set(masked)
    if wanted is None or "kind" in wanted:
        form.fields["kind"] = forms.ChoiceField(
            label=str(CUSTOMERS.fields["kind"].label), choices=PartyKind.choices, widget=forms.RadioSelect
        )
    for name in (*_ORDER, *(each for each in PLAIN if each not in _ORDER)):
        item = CUSTOMERS.fields[name]
        if writable(context, item) and name not in passed and (wanted is None or name in wanted):
            places: Choices = countries() if name == "country" else ()
            form.fields[name] = field_control(item, places, required=name == "name")
    for key, item in shown_custom(context, kind, values).items():
        if wanted is None or key in wanted:
            choices = references(context, item.reference) if item.reference else ()
            required = definitions(CUSTOMERS.name)[key].required
            form.fields[PREFIX + key] = field_control(item, choices, required=required)
            default = definitions(CUSTOMERS.name)[key].default
            if new and default is not None:
                form.initial.setdefault(PREFIX + key, shown_text(default))


def shown_custom(context: Context, kind: str, values: Mapping[str, Any]) -> dict[str, Field]:
    """The user-defined fields to ask for, given what is filled in so far."""
    known = definitions(CUSTOMERS.name)
    record = _record(kind, values)
    asked = Context(actor=system(), now=context.now)
    shown = {}
    for key, item in known.items():
        if item.retired or not writable(context, item.field):
            continue
        if not item.shown_if or holds(parse_condition(asked, CUSTOMERS, item.shown_if), record):
            shown[key] = item.field
    return shown


def _record(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is filled in, as a record that conditions can be held against."""
    known = definitions(CUSTOMERS.name)
    custom: dict[str, Any] = {}
    for key, item in known.items():
        raw = values.get(PREFIX + key)
        if hasattr(values, "getlist") and item.field.kind == Kind.CHOICES:
            raw = values.getlist(PREFIX + key)
        try:
            custom[key] = read_value(item, raw)
        except ValueError:
            custom[key] = None
    plain = {name: values.get(name) for name in PLAIN}
    return {**dict.fromkeys(CUSTOMERS.fields), **plain, "kind": kind, **typed_values(known, custom)}


def initial_of(found: CustomerCard) -> dict[str, Any]:
    """What the form starts with: the values as they are, masked ones left out."""
    known = definitions(CUSTOMERS.name)
    initial: dict[str, Any] = {"kind": found.kind}
    for name, value in found.values.items():
        if name in found.masked:
            continue
        target = PREFIX + name if name in known else name
        if isinstance(value, str) and CUSTOMERS.all_fields()[name].kind == Kind.PHONE:
            value = phone_text(value)
        initial[target] = (
            {True: "true", False: "false"}[value] if isinstance(value, bool) else shown_text(value)
        )
    return initial


def values_of(form: forms.Form, context: Context) -> dict[str, Any]:
    """What the form holds, as the payload of create: user-defined values under `custom`."""
    known = CUSTOMERS.all_fields()
    values: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name in form.fields:
        key = name.removeprefix(PREFIX)
        item = known.get(key)
        if item is None or (name == key and name not in (*PLAIN, "kind")):
            continue
        value = field_value(item, form[name].value())
        if name.startswith(PREFIX):
            custom[key] = value
        else:
            values[name] = value
    if custom:
        values["custom"] = {key: value for key, value in custom.items() if value not in ("", None, [])}
    return values


def before_of(form: forms.Form, found: CustomerCard) -> str:
    """The values that the form started with, for its hidden `before`: what others change meanwhile is theirs."""
    kept = form.data.get("before") if form.is_bound else None
    start = initial_of(found)
    return kept or orjson.dumps({name: start.get(name) for name in form.fields}, default=str).decode()


def _started_with(form: forms.Form) -> dict[str, Any]:
    try:
        found = orjson.loads(form.data.get("before") or "{}")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def changes_of(form: forms.Form, context: Context, found: CustomerCard) -> dict[str, Any]:
    """What the person changed against the values the form started with (kept in its hidden `before`)."""
    known = CUSTOMERS.all_fields()
    start = _started_with(form) or initial_of(found)
    changes: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name in form.fields:
        key = name.removeprefix(PREFIX)
        value = field_value(known[key], form[name].value())
        old = field_value(known[key], start.get(name))
        if value == old or (value in ("", None, []) and old in ("", None, [])):
            continue
        if name.startswith(PREFIX):
            custom[key] = value
        else:
            changes[name] = value
    if custom:
        changes["custom"] = custom
    return changes


def both_sides(form: forms.Form, found: CustomerCard, refusal: Conflict) -> list[dict[str, Any]]:
    """Yours and theirs of what the person changed, against the customer as it is now, for `{% conflict %}`."""
    now = initial_of(found)
    return differing(
        form, {name: now.get(name) for name in form.fields if name.removeprefix(PREFIX) in refusal.yours}
    )


def groups(form: forms.Form, context: Context) -> list[dict[str, Any]]:
    """The controls of the form in sections; what belongs to no field stands in the last one."""
    known = CUSTOMERS.all_fields()
    made: dict[str, dict[str, Any]] = {}
    for name in form.fields:
        if name == "kind":
            continue
        item = known.get(name.removeprefix(PREFIX))
        key = key_of(item) if item is not None and name not in ("note", "tags", "owner") else "care"
        if name.startswith("certificate"):
            key = "contact"
        title = str(item.section) if item is not None and item.section else _("More")
        made.setdefault(key, {"key": key, "title": title, "fields": []})["fields"].append(form[name])
    return list(made.values())
