"""Telephone numbers that nobody can dial are no reason to refuse a whole row: they are kept as they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.customers.queries import NotAPhoneError, normalise_phone
from zhike.customers.types import ContactDraft, Draft
from zhike.feeds.imports.drafts import Cells, Drafted, Drafter, Fault

_FEWEST_DIGITS = 3
_EXAMPLES = 3
# By column: how many values were kept as written, and the first of them.
Warnings = dict[str, dict[str, Any]]


def is_kept(contact: ContactDraft) -> bool:
    """Whether a contact is a number that no rule of numbers knows, but somebody plainly wrote down as one.

    What has fewer than three digits is none, but a word in the wrong column.
    """
    if contact.kind != "phone" and contact.kind != "fax":
        return False
    try:
        normalise_phone(contact.value, settings.ZHIKE_REGION)
    except NotAPhoneError:
        return sum(map(str.isdigit, contact.value)) >= _FEWEST_DIGITS
    return False


def identifies(draft: Draft, number: str) -> bool:
    """Whether anything but the name tells whose draft it is."""
    named = draft.contacts or draft.certificates or draft.external_ids or draft.addresses
    return bool(named or draft.birthday or number)


class KeepingDrafter(Drafter):
    """Drafts whose undiallable numbers stand in the note as written, each with a warning by its column.

    A row that nothing else identifies stays as it is, and so is refused by the number.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._warnings: Warnings = {}

    def draft(self, cells: Cells) -> Drafted | Fault:
        """The draft of a row, or all that is wrong with its cells."""
        made = super().draft(cells)
        if isinstance(made, Fault) or not made.draft.contacts:
            return made
        odd = [at for at, contact in enumerate(made.draft.contacts) if is_kept(contact)]
        return self._keep(made, odd, cells) if odd else made

    def _keep(self, made: Drafted, odd: Sequence[int], cells: Cells) -> Drafted:
        contacts = made.draft.contacts
        rest = [contact for at, contact in enumerate(contacts) if at not in odd]
        lines = [made.draft.note] if made.draft.note else []
        lines += [f"{self._column(at, cells)}: {contacts[at].value}" for at in odd]
        draft = replace(made.draft, contacts=rest, note="\n".join(lines))
        if not identifies(draft, made.number):
            return made
        for at in odd:
            self._warn(self._column(at, cells), contacts[at].value)
        return Drafted(draft, made.number)

    def _column(self, at: int, cells: Cells) -> str:
        return super().column_of(f"contacts.{at}.value", cells)

    def _warn(self, column: str, text: str) -> None:
        told = self._warnings.setdefault(column, {"count": 0, "examples": []})
        told["count"] += 1
        if len(told["examples"]) < _EXAMPLES:
            told["examples"].append(text[:60])

    def column_of(self, path: str, cells: Cells) -> str:
        """The column that a part of the draft came from, counted without the numbers that went to the note."""
        part, _dot, rest = path.partition(".")
        place = rest.partition(".")[0]
        made = super().draft(cells) if part == "contacts" and place.isdigit() else None
        if not isinstance(made, Drafted):
            return super().column_of(path, cells)
        kept = [at for at, contact in enumerate(made.draft.contacts) if not is_kept(contact)]
        alone = not identifies(
            replace(made.draft, contacts=[made.draft.contacts[at] for at in kept]), made.number
        )
        return self._column(int(place) if alone else kept[int(place)], cells)

    def take_warnings(self) -> Warnings:
        """The warnings since the last call."""
        taken, self._warnings = self._warnings, {}
        return taken


def added(known: Warnings, more: Mapping[str, Mapping[str, Any]]) -> Warnings:
    """Warnings of several chunks together."""
    together = dict(known)
    for column, told in more.items():
        before = together.get(column, {"count": 0, "examples": []})
        examples = [*before["examples"], *told["examples"]][:_EXAMPLES]
        together[column] = {"count": before["count"] + told["count"], "examples": examples}
    return together


def sentences(warnings: Warnings) -> list[str]:
    """Warnings in the active language, one for each column."""
    return [
        _("“%(column)s”: %(count)s numbers cannot be dialled as they stand, such as %(examples)s.")
        % {"column": column, "count": f"{told['count']:,}", "examples": _(", ").join(told["examples"])}
        for column, told in warnings.items()
    ]
