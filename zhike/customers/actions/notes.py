"""Notes about a customer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext_lazy
from pydantic import StringConstraints

from zhike.customers.actions.contacts import Added, Customer
from zhike.customers.models import Note, Party
from zhike.customers.records import conclude, open_party, part_of, require_seen
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotAllowed
from zhike.kernel.saved import Saved
from zhike.kernel.versions import check_version

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    about(gettext_lazy("Text")),
]
NoteId = Annotated[UUID, about(gettext_lazy("Note"))]


@action(
    "customers.add_note", resource="customers", label=gettext_lazy("Add note"), permission="customers.note"
)
def add_note(
    context: Context,
    customer: Customer,
    text: Text,
    pinned: Annotated[bool, about(gettext_lazy("Pinned"))] = False,
) -> Added:
    """Write a note about a customer."""
    party = open_party(context, customer)
    require_seen(context, "note")
    row = Note(
        party=party, text=text.strip(), pinned=pinned, author_id=context.actor.id,
        author_name=context.actor.name[:120], created_at=context.now,
    )  # fmt: skip
    row.save(force_insert=True)
    told = {"note": (None, row.text)}
    return Added(row.pk, conclude(context, party, "customers.note_added", changes=told).version)


def _own_note(context: Context, customer: UUID, note: UUID) -> tuple[Party, Note]:
    """A note that the actor wrote; whoever may delete customers may also mend the notes of others."""
    party = open_party(context, customer)
    require_seen(context, "note")
    row = part_of(party, Note, note)
    if row.author_id != context.actor.id and not context.actor.may("customers.delete"):
        raise NotAllowed()
    return party, row


@action(
    "customers.change_note",
    resource="customers",
    label=gettext_lazy("Change note"),
    permission="customers.note",
)
def change_note(
    context: Context,
    customer: Customer,
    note: NoteId,
    text: Text,
    pinned: Annotated[bool | None, about(gettext_lazy("Pinned"))] = None,
    version: Annotated[int | None, about(gettext_lazy("Version seen"))] = None,
) -> Saved:
    """Change a note that you wrote. With `version`, a stale save is refused with both sides."""
    party, row = _own_note(context, customer, note)
    check_version(row, version, yours={"text": text}, theirs={"text": row.text})
    before, row.text = row.text, text.strip()
    row.pinned = row.pinned if pinned is None else pinned
    row.changed_at = context.now
    row.version += 1
    row.save()
    conclude(context, party, "customers.note_changed", changes={"note": (before, row.text)})
    return Saved(row.pk, row.version)


@action(
    "customers.remove_note",
    resource="customers",
    label=gettext_lazy("Remove note"),
    permission="customers.note",
)
def remove_note(context: Context, customer: Customer, note: NoteId) -> Saved:
    """Remove a note that you wrote."""
    party, row = _own_note(context, customer, note)
    row.delete()
    return conclude(context, party, "customers.note_removed", changes={"note": (row.text, None)})
