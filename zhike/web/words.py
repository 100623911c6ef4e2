"""The words that the TypeScript of every page needs, in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def joined(texts: Iterable[object]) -> str:
    """Several words as one text, set apart as the language of the page does it."""
    return pgettext("between words", ", ").join(map(str, texts))


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
        "selected": _("{n} selected"),
        "noResults": _("Nothing found. Try fewer characters, pinyin initials or the end of a phone number."),
        "results": _("{n} results"),
        "places": _("Places"),
        "dayShape": _("YYYY-MM-DD"),
        "momentShape": _("YYYY-MM-DD HH:MM"),
        "pickDay": _("Pick a day"),
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
        "conditions": _("Conditions"),
        "match": _("How the conditions combine"),
        "related": _("Related records"),
        "field": pgettext("filter", "Field"),
        "chooseField": _("Choose a field…"),
        "operator": _("Operator"),
        "value": pgettext("filter", "Value"),
        "valueTo": _("Up to"),
        "yes": pgettext("choice", "Yes"),
        "no": pgettext("choice", "No"),
        "separate": _("Separate several with commas"),
        "days": _("days"),
    }


def _operators() -> dict[str, str]:
    return {
        "op.eq": pgettext("operator", "is"),
        "op.ne": pgettext("operator", "is not"),
        "op.in": pgettext("operator", "is one of"),
        "op.not_in": pgettext("operator", "is none of"),
        "op.lt": pgettext("operator", "is less than"),
        "op.le": pgettext("operator", "is at most"),
        "op.gt": pgettext("operator", "is more than"),
        "op.ge": pgettext("operator", "is at least"),
        "op.between": pgettext("operator", "is between"),
        "op.contains": pgettext("operator", "contains"),
        "op.starts": pgettext("operator", "begins with"),
        "op.ends": pgettext("operator", "ends with"),
        "op.empty": pgettext("operator", "is empty"),
        "op.not_empty": pgettext("operator", "is filled in"),
        "op.has_any": pgettext("operator", "has any of"),
        "op.has_all": pgettext("operator", "has all of"),
        "op.has_none": pgettext("operator", "has none of"),
        "op.last_days": pgettext("operator", "is within the last"),
        "op.not_last_days": pgettext("operator", "is longer ago than"),
        "op.next_days": pgettext("operator", "is within the next"),
        "time.lt": pgettext("operator", "is before"),
        "time.le": pgettext("operator", "is on or before"),
        "time.gt": pgettext("operator", "is after"),
        "time.ge": pgettext("operator", "is on or after"),
        "op.any": pgettext("operator", "has one where"),
        "op.none": pgettext("operator", "has none where"),
    }
