"""User-defined fields: their values are read as their kind, held against their rules and kept as JSON.

A room gives its resource `custom_fields=lambda: custom.fields_of("customers")`, keeps values in a JSON column `custom`
and passes whatever it writes there through `validate_custom`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import phonenumbers
import re2
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.kernel.actor import Context, system
from zhike.kernel.conditions import holds, parse_condition
from zhike.kernel.conditions.stored import moment_text
from zhike.kernel.conditions.to_python import typed
from zhike.kernel.definitions import Definition, definitions, fields_of
from zhike.kernel.errors import Invalid, NotAllowed, Text
from zhike.kernel.fields import Kind, Resource, check_writable, resource
from zhike.kernel.models import UniqueValue
from zhike.kernel.money import minor_digits
from zhike.kernel.rows import visible_ids
from zhike.kernel.text import canonical, digest

__all__ = ["definitions", "fields_of", "read_value", "release_unique", "typed_values", "validate_custom"]
_LENGTHS = {Kind.TEXT: 1000, Kind.LONG_TEXT: 20_000, Kind.EMAIL: 254, Kind.LINK: 2000, Kind.PHONE: 40}
_MEASURED = (Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.MOMENT)
_DIGITS = 15
_is_link = URLValidator(schemes=["http", "https"])


def _text(item: Definition, raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError(_("Enter text."))
    value = raw.strip()
    longest = _LENGTHS.get(item.field.kind, 1000)
    if len(value) > longest:
        raise ValueError(_("At most %(max_length)s characters fit here.") % {"max_length": longest})
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError(_("This text holds characters that cannot be stored."))
    return value


def _email(item: Definition, raw: Any) -> str:
    value = _text(item, raw)
    try:
        validate_email(value)
    except ValidationError:
        raise ValueError(_("Enter an e-mail address, for example name@example.com.")) from None
    return value


def _link(item: Definition, raw: Any) -> str:
    value = _text(item, raw)
    try:
        _is_link(value)
    except ValidationError:
        raise ValueError(_("Enter an address that starts with http:// or https://.")) from None
    return value


def _phone(item: Definition, raw: Any) -> str:
    try:
        number = phonenumbers.parse(_text(item, raw), settings.ZHIKE_REGION)
    except phonenumbers.NumberParseException:
        raise ValueError(_("This is not a phone number.")) from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError(_("This is not a phone number."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def decimal(raw: Any) -> Decimal:
    """A finite number of at most fifteen digits: as many as JSON numbers keep exactly on both databases."""
    try:
        value = Decimal(str(raw).strip().replace(",", "")) if not isinstance(raw, bool) else Decimal("NaN")
    except InvalidOperation:
        raise ValueError(_("Enter a number.")) from None
    if not value.is_finite():
        raise ValueError(_("Enter a number."))
    value = value.normalize()
    if len(value.as_tuple().digits) > _DIGITS or value.adjusted() >= _DIGITS or value.adjusted() < -10:
        raise ValueError(_("At most %(digits)s digits fit here.") % {"digits": _DIGITS})
    return value


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _number(_item: Definition, raw: Any) -> int | float:
    return _plain(decimal(raw))


def _money(_item: Definition, raw: Any) -> int | float:
    value, digits = decimal(raw), minor_digits(settings.ZHIKE_CURRENCY)
    if value != round(value, digits):
        raise ValueError(_("At most %(most)s decimal places fit here.") % {"most": digits})
    return _plain(value)


def _date(_item: Definition, raw: Any) -> str:
    try:
        value = raw.date() if isinstance(raw, datetime) else raw
        return (value if isinstance(value, date) else date.fromisoformat(str(raw).strip())).isoformat()
    except ValueError:
        raise ValueError(_("Enter a date, for example 2026-03-05.")) from None


def _moment(_item: Definition, raw: Any) -> str:
    try:
        value = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw).strip())
        return moment_text(timezone.make_aware(value) if timezone.is_naive(value) else value.astimezone(UTC))
    except (ValueError, OverflowError):
        raise ValueError(_("Enter a date and time, for example 2026-03-05T14:30:00+08:00.")) from None


def _yes_no(_item: Definition, raw: Any) -> bool:
    known = {
        "true": True,
        "yes": True,
        "1": True,
        "是": True,
        "false": False,
        "no": False,
        "0": False,
        "否": False,
    }
    found = raw if isinstance(raw, bool) else known.get(str(raw).strip().lower())
    if found is None:
        raise ValueError(_("Enter yes or no."))
    return found


def _choice(item: Definition, raw: Any) -> str:
    value = str(raw).strip()
    for choice in item.field.choices:
        # An imported file holds what people read; the screen sends what is stored.
        if value in (choice.value, str(choice.label)):
            return choice.value
    raise ValueError(_("Unknown choice: %(value)s.") % {"value": value[:80]})


def _choices(item: Definition, raw: Any) -> list[str]:
    if not isinstance(raw, list | tuple):
        raise ValueError(_("Enter a list."))
    return list(dict.fromkeys(_choice(item, one) for one in raw))


def _reference(_item: Definition, raw: Any) -> str:
    try:
        return str(raw if isinstance(raw, UUID) else UUID(str(raw)))
    except ValueError:
        raise ValueError(_("This is not an identifier.")) from None


_READERS: dict[Kind, Callable[[Definition, Any], Any]] = {
    Kind.TEXT: _text, Kind.LONG_TEXT: _text, Kind.EMAIL: _email, Kind.LINK: _link, Kind.PHONE: _phone,
    Kind.NUMBER: _number, Kind.MONEY: _money, Kind.DATE: _date, Kind.MOMENT: _moment, Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice, Kind.CHOICES: _choices, Kind.REFERENCE: _reference,
}  # fmt: skip


def _measure(item: Definition, value: Any) -> tuple[Any, Callable[[str], Any]]:
    """What bounds apply to: a number, a day, a moment, else the length; and how a bound is read."""
    kind = item.field.kind
    if kind in (Kind.NUMBER, Kind.MONEY):
        return Decimal(str(value)), decimal
    if kind in (Kind.DATE, Kind.MOMENT):
        return value, lambda bound: _READERS[kind](item, bound)
    return len(value), int


def _check_bounds(item: Definition, value: Any) -> None:
    if isinstance(value, bool) or not (item.minimum or item.maximum):
        return
    measured, read = _measure(item, value)
    if item.minimum and measured < read(item.minimum):
        raise ValueError(_too_small(item.field.kind) % {"ge": item.minimum, "min_length": item.minimum})
    if item.maximum and measured > read(item.maximum):
        raise ValueError(_too_large(item.field.kind) % {"le": item.maximum, "max_length": item.maximum})


def _too_small(kind: Kind) -> str:
    if kind in _MEASURED:
        return _("Must be at least %(ge)s.")
    if kind == Kind.CHOICES:
        return _("Enter at least %(min_length)s entries.")
    return _("Enter at least %(min_length)s characters.")


def _too_large(kind: Kind) -> str:
    if kind in _MEASURED:
        return _("Must be at most %(le)s.")
    if kind == Kind.CHOICES:
        return _("At most %(max_length)s entries fit here.")
    return _("At most %(max_length)s characters fit here.")


def read_value(item: Definition, raw: Any) -> Any:
    """One raw value as JSON keeps it; None when blank. Raises ValueError saying what is wrong with it."""
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], ()):
        return None
    value = _READERS[item.field.kind](item, raw)
    _check_bounds(item, value)
    if item.pattern and isinstance(value, str) and not re2.fullmatch(item.pattern, value):
        raise ValueError(_("This does not have the expected form."))
    return value


def typed_values(known: Mapping[str, Definition], values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values as Python values: decimals, dates, moments, ids."""
    return {key: typed(item.field.kind, values.get(key)) for key, item in known.items()}


def _shown(item: Definition, of: Resource, record: Mapping[str, Any], context: Context) -> bool:
    if not item.shown_if:
        return True
    # Whether a field is asked for does not depend on what the asker may read.
    asked = Context(actor=system(), now=context.now)
    return holds(parse_condition(asked, of, item.shown_if), record)


def _check_references(
    known: Mapping[str, Definition], fresh: Mapping[str, Any], context: Context
) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    for key, value in fresh.items():
        item = known[key]
        if item.field.kind != Kind.REFERENCE or value is None:
            continue
        try:
            found = visible_ids(context.actor, resource(item.field.reference), [UUID(value)])
        except NotAllowed:
            found = set()
        if not found:
            wrong[key] = _("There is no such record, or it is not yours to see.")
    return wrong


def _keep_unique(
    known: Mapping[str, Definition], fresh: Mapping[str, Any], record_id: UUID
) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    for key, value in fresh.items():
        if not known[key].unique:
            continue
        rows = UniqueValue.objects.filter(definition_id=known[key].id, record_id=record_id)
        if value is None:
            rows.delete()
            continue
        mark = value_hash(value)
        try:
            with transaction.atomic():
                if not rows.update(value_hash=mark):
                    UniqueValue.objects.create(
                        definition_id=known[key].id, record_id=record_id, value_hash=mark
                    )
        except IntegrityError:
            wrong[key] = _("Another record has this value already.")
    return wrong


def value_hash(value: Any) -> str:
    """What a unique value is known by: upper and lower case of text are the same value."""
    return digest(canonical(value.casefold() if isinstance(value, str) else value))


def _read_all(
    known: Mapping[str, Definition], values: Mapping[str, Any], before: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Text]]:
    fresh: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    for key, raw in values.items():
        item = known.get(key)
        if item is None:
            wrong[key] = _("Unknown field.")
        elif item.retired and raw != before.get(key):
            wrong[key] = _("This field is no longer used.")
        elif not item.retired:
            try:
                fresh[key] = read_value(item, raw)
            except ValueError as error:
                wrong[key] = str(error)
    return fresh, wrong


def _complete(
    of: Resource, known: Mapping[str, Definition], fresh: dict[str, Any], before: Mapping[str, Any] | None,
    record: Mapping[str, Any], context: Context,
) -> dict[str, Text]:  # fmt: skip
    """Put defaults into a new record and find required fields that are shown and blank."""
    wrong: dict[str, Text] = {}
    for key, item in known.items():
        if item.retired or (before is not None and key not in fresh):
            continue
        if before is None and key not in fresh and item.default is not None:
            fresh[key] = item.default
        if not item.required or fresh.get(key) is not None:
            continue
        merged = {**(before or {}), **fresh}
        if _shown(item, of, {**record, **typed_values(known, merged)}, context):
            wrong[key] = _("This field is required.")
    return wrong


def validate_custom(
    of: Resource, values: Mapping[str, Any], *, before: Mapping[str, Any] | None, record_id: UUID, context: Context,
    record: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The whole `custom` JSON of a record after setting some values (None clears one), ready to be saved.

    `before` is the record's JSON so far, None for a new record: then defaults are filled in and all required fields
    asked for. `record` holds the values of the declared fields by name, for `shown_if`. Call it in the transaction of
    the change: it keeps unique values unique in the database. Raises FieldHidden for a field the actor may not write,
    Invalid naming each wrong field.
    """
    known = definitions(of.name)
    if not known and not values:
        return dict(before or {})
    check_writable(context.actor, of, values)
    fresh, wrong = _read_all(known, values, before or {})
    wrong |= _complete(of, known, fresh, before, record or {}, context)
    wrong |= _check_references(known, {key: fresh[key] for key in fresh if key not in wrong}, context)
    if not wrong:
        wrong = _keep_unique(known, fresh, record_id)
    if wrong:
        raise Invalid(wrong)
    merged = {**(before or {}), **fresh}
    return {key: value for key, value in merged.items() if value is not None}


def release_unique(records: Iterable[UUID]) -> None:
    """Free the unique values of records that are gone (merged away, erased)."""
    UniqueValue.objects.filter(record_id__in=list(records)).delete()
