"""The words that the TypeScript of every page needs, in the language of the request."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def words() -> dict[str, str]:
    """Words by key; `{n}` and `{name}` are filled in by the browser."""
    return {**_manners(), **_filter(), **_operators()}


def _manners() -> dict[str, str]:
    return {
        "undo": _("Undo"),
        "undone": _("Taken back."),
        "close": _("Close"),
        "copied": _("Copied."),
        "offline": _("The server does not answer. Check the connection and try again."),
        "slow": _(
            "The server took too long to answer. Nothing may have been saved; look before trying again."
        ),
        "failed": _(
            "Something went wrong on the server. Nothing was saved. Try again, or tell your administrator."
        ),
        "forbidden": _("You may not do this. Ask your administrator for the right."),
        "gone": _("This record no longer exists, or you may not see it."),
        "tooMany": _("Too many requests. Wait a moment and try again."),
        "leave": _("You have changes that are not saved. Leave this page?"),
        "sure": _("Are you sure?"),
        "confirm": _("Confirm"),
        "cancel": _("Cancel"),
        "selected": _("{n} selected"),
        "noResults": _("Nothing found. Try fewer characters, pinyin initials or the end of a phone number."),
        "themeLight": _("Light"),
        "themeDark": _("Dark"),
        "themeAuto": _("Like the device"),
        "moveUp": _("Move up"),
        "moveDown": _("Move down"),
    }


def _filter() -> dict[str, str]:
    return {
        "matchAll": _("All of these hold"),
        "matchAny": _("Any of these holds"),
        "matchNone": _("None of these holds"),
        "addCondition": _("Add condition"),
        "addGroup": _("Add group"),
        "remove": _("Remove"),
        "field": _("Field"),
        "operator": _("Operator"),
        "value": _("Value"),
        "valueTo": _("Up to"),
        "yes": pgettext("choice", "Yes"),
        "no": pgettext("choice", "No"),
        "separate": _("Separate several with commas"),
        "days": _("days"),
    }


def _operators() -> dict[str, str]:
    return {
        "op.eq": _("is"),
        "op.ne": _("is not"),
        "op.in": _("is one of"),
        "op.not_in": _("is none of"),
        "op.lt": _("is less than"),
        "op.le": _("is at most"),
        "op.gt": _("is more than"),
        "op.ge": _("is at least"),
        "op.between": _("is between"),
        "op.contains": _("contains"),
        "op.starts": _("begins with"),
        "op.ends": _("ends with"),
        "op.empty": _("is empty"),
        "op.not_empty": _("is filled in"),
        "op.has_any": _("has any of"),
        "op.has_all": _("has all of"),
        "op.has_none": _("has none of"),
        "op.last_days": _("is within the last"),
        "op.not_last_days": _("is longer ago than"),
        "op.next_days": _("is within the next"),
        "time.lt": _("is before"),
        "time.le": _("is on or before"),
        "time.gt": _("is after"),
        "time.ge": _("is on or after"),
        "op.any": _("has one where"),
        "op.none": _("has none where"),
    }
