"""Validation errors in the user's language: pydantic's error types worded through gettext."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from zhike.kernel.errors import Invalid, Text


def _word(kind: str, details: dict[str, Any], fallback: str) -> str:
    known = {
        "missing": lambda: _("This field is required."),
        "extra_forbidden": lambda: _("Unknown field."),
        "string_type": lambda: _("Enter text."),
        "string_too_short": lambda: _("Enter at least %(min_length)s characters.") % details,
        "string_too_long": lambda: _("At most %(max_length)s characters fit here.") % details,
        "string_pattern_mismatch": lambda: _("This does not have the expected form."),
        "int_type": lambda: _("Enter a whole number."),
        "int_parsing": lambda: _("Enter a whole number."),
        "int_from_float": lambda: _("Enter a whole number."),
        "float_parsing": lambda: _("Enter a number."),
        "decimal_parsing": lambda: _("Enter a number."),
        "decimal_type": lambda: _("Enter a number."),
        "bool_parsing": lambda: _("Enter yes or no."),
        "bool_type": lambda: _("Enter yes or no."),
        "uuid_parsing": lambda: _("This is not an identifier."),
        "uuid_type": lambda: _("This is not an identifier."),
        "date_from_datetime_parsing": lambda: _("Enter a date, for example 2026-03-05."),
        "date_parsing": lambda: _("Enter a date, for example 2026-03-05."),
        "datetime_from_date_parsing": lambda: _(
            "Enter a date and time, for example 2026-03-05T14:30:00+08:00."
        ),
        "datetime_parsing": lambda: _("Enter a date and time, for example 2026-03-05T14:30:00+08:00."),
        "timezone_aware": lambda: _("State the time zone of this moment."),
        "enum": lambda: _("Choose one of: %(expected)s.") % details,
        "literal_error": lambda: _("Choose one of: %(expected)s.") % details,
        "greater_than": lambda: _("Must be greater than %(gt)s.") % details,
        "greater_than_equal": lambda: _("Must be at least %(ge)s.") % details,
        "less_than": lambda: _("Must be less than %(lt)s.") % details,
        "less_than_equal": lambda: _("Must be at most %(le)s.") % details,
        "too_long": lambda: _("At most %(max_length)s entries fit here.") % details,
        "too_short": lambda: _("Enter at least %(min_length)s entries.") % details,
        "list_type": lambda: _("Enter a list."),
        "dict_type": lambda: _("Enter an object."),
    }
    return known[kind]() if kind in known else fallback


def invalid_from(error: ValidationError) -> Invalid:
    """The refusal that names each wrong field (dotted path) with what is wrong, in the active language."""
    fields: dict[str, list[Text]] = {}
    for item in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in item["loc"]) or "__all__"
        text = _word(item["type"], dict(item.get("ctx") or {}), item["msg"])
        fields.setdefault(name, []).append(text)
    return Invalid(fields)
