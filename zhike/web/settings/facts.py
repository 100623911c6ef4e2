"""Facts of the audit trail in words: what happened, to which record, old and new values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext

from zhike.kernel.actions import deeds
from zhike.kernel.actor import Context
from zhike.kernel.events import FactRead
from zhike.kernel.fields import Field, Kind, resources
from zhike.kernel.staff import names_of_staff, names_of_units
from zhike.web.customers.fact_words import FACTS, by_text
from zhike.web.lists.show import phone_text
from zhike.web.settings.policy import right_label, room_label
from zhike.web.words import joined


@dataclass(frozen=True, slots=True)
class Change:
    """One field with its old and its new value, as the part `timeline` shows them."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One fact as the audit trail shows it."""

    id: int
    uid: UUID
    kind: str
    title: str
    resource: str
    resource_label: str
    record: UUID
    record_title: str
    url: str
    by: str
    by_id: UUID
    by_kind: str
    at: datetime
    channel: str
    reason: str
    changes: list[Change]
    data: list[Change]
    sealed: bool


KINDS: dict[str, Any] = {
    "staff.created": _lazy("Member of staff added"), "staff.changed": _lazy("Member of staff changed"),
    "staff.disabled": _lazy("Member of staff disabled"), "staff.enabled": _lazy("Member of staff enabled"),
    "staff.roles_set": _lazy("Roles set"), "staff.password_reset": _lazy("Password reset"),
    "staff.password_chosen": _lazy("Password chosen"), "staff.signed_in": _lazy("Signed in"),
    "staff.sessions_ended": _lazy("Sessions ended"), "units.created": _lazy("Unit added"),
    "units.renamed": _lazy("Unit renamed"), "units.moved": _lazy("Unit moved"), "units.removed": _lazy("Unit removed"),
    "tokens.created": _lazy("Token created"), "tokens.revoked": _lazy("Token revoked"),
    "jobs.cancelled": _lazy("Job cancelled"), "jobs.retried": _lazy("Job tried again"),
    "fields.defined": _lazy("Field defined"), "fields.changed": _lazy("Field changed"),
    "fields.retired": _lazy("Field retired"), "fields.restored": _lazy("Field taken back into use"),
    "insight.policy_set": _lazy("Scoring decided"),
    "views.saved": _lazy("View saved"), "views.deleted": _lazy("View deleted"), "views.shared": _lazy("View shared"),
    "views.unshared": _lazy("View no longer shared"), "feeds.started": _lazy("Import begun"),
    "feeds.uploaded": _lazy("File uploaded"),
    "feeds.imported": _lazy("Import finished"), "feeds.undone": _lazy("Import taken back"),
    "feeds.exported": _lazy("Export made"), "crypto.key_added": _lazy("Encryption key added"),
    "feeds.purchases_import_started": _lazy("Import of purchases begun"),
    "feeds.purchases_import_continued": _lazy("Import of purchases continued"),
    "feeds.purchases_undo_started": _lazy("Import of purchases being taken back"),
    **{kind: words[0] for kind, words in FACTS.items()},
}  # fmt: skip


def kind_label(kind: str) -> str:
    """What happened, in words: from the label of the deed that says it where it has no word of its own."""
    if kind in KINDS:
        return str(KINDS[kind])
    known = {deed.name: deed.label for deed in deeds()}
    room, _dot, verb = kind.partition(".")
    for stem in (verb, verb.removesuffix("d"), verb.removesuffix("ed")):
        if f"{room}.{stem}" in known:
            return str(known[f"{room}.{stem}"])
    return kind


def kind_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """What can happen, in words, by room; first in each room everything of it, named by its beginning."""
    rooms: dict[str, list[tuple[str, str]]] = {}
    for kind in KINDS:
        room = kind.split(".")[0]
        rooms.setdefault(room, [(f"{room}.", _("%(room)s: everything") % {"room": room_label(room)})])
        rooms[room].append((kind, kind_label(kind)))
    return [(room_label(room), pairs) for room, pairs in rooms.items()]


def channel_label(channel: str) -> str:
    """The door a deed came through, in words."""
    known = {
        "screen": pgettext("channel", "screen"), "api": "API", "cli": pgettext("channel", "command line"),
        "mcp": pgettext("channel", "AI assistant"), "start": pgettext("channel", "first start"),
        "python": pgettext("channel", "program"), "import": pgettext("channel", "import"),
        "schedule": pgettext("channel", "schedule"), "erasure": pgettext("channel", "erasure"),
    }  # fmt: skip
    return known.get(channel, channel)


def actor_kind_label(kind: str) -> str:
    """What sort of actor, in words."""
    known = {
        "staff": pgettext("actor", "person"), "integration": pgettext("actor", "program"),
        "automation": pgettext("actor", "automation"), "system": pgettext("actor", "system"),
        "customer": pgettext("actor", "customer"),
    }  # fmt: skip
    return known.get(kind, kind)


def _fields(name: str) -> Mapping[str, Field]:
    known = resources().get(name)
    return known.all_fields() if known else {}


def data_label(name: str) -> str:
    """What a fact says beside its changes: the name of one such value in words."""
    known = {
        "address": _("Network address"), "expires_at": _("Expires"), "owner": _("Acts as"), "scopes": _("May do"),
        "sessions": _("Sessions"), "key": _("Key"), "resource": _("Kind of record"), "kind": _("Kind"),
        "label_zh": _("Label in Chinese"), "label_en": _("Label in English"), "help_zh": _("Help in Chinese"),
        "help_en": _("Help in English"), "section": _("Section"), "position": _("Position"),
        "required": _("Must be filled in"), "unique": _("No value twice"), "pattern": _("Pattern"),
        "choices": _("Choices"), "default": _("Default"), "shown_if": _("When it is shown"),
        "reference": _("Refers to"), "rows": _("Rows"), "reason": _("Reason"),
        "days": _("Period in days"), "bands": _("Bands"), "cuts": _("Fixed ends of bands"),
        "frequency": _("What counts as a purchase"), "by": _("Tiers take shares of"),
        "shares": _("Shares of the tiers in percent"), "compare_days": _("Compare with how many days before"),
        "currency": _("Currency"), "version": _("Version"), "digest": _("SHA-256"), "size": _("Bytes"),
        "condition": _("Conditions"), "fields": _("Columns"), "format": _("Format"), "ids": _("Picked records"),
        "sort": _("Order"), "text": _("Search text"), "external_ids": _("Ids in other systems"),
        "file": _("File"), "preset": _("Kind of file"), "sha256": _("SHA-256"), "source": _("Source"),
        "created": _("Created"), "matched": _("Known already"), "updated": _("Updated"), "refused": _("Refused"),
        "restored": _("Restored"), "kept": _("Kept"), "removed": _("Removed"), "merge": _("Merge"),
        "into": _("Merged into"), "absorbed": _("Merged from"), "field": _("Field"), "batch": _("Import"),
        "verdict": _("Verdict"), "customers": _("Customers"), "agent": _("Browser"), "unit": _("Unit"),
    }  # fmt: skip
    return known.get(name, name)


def _data_value(name: str, value: Any, names: Mapping[str, str]) -> str:
    if name == "resource" and value in resources():
        return str(resources()[value].label)
    if name == "scopes" and isinstance(value, list):
        return joined(right_label(str(each)) for each in value)
    return _moment(str(value)) if name.endswith("_at") and value else shown_value(value, None, names)


def _references(facts: list[FactRead]) -> dict[str, str]:
    """Names of the people and units that changes speak of."""
    wanted: dict[str, set[UUID]] = {"staff": set(), "units": set()}
    for fact in facts:
        known = _fields(fact.resource)
        for name, pair in fact.changes.items():
            item = known.get(name)
            if item is not None and item.reference in wanted:
                wanted[item.reference].update(_ids(pair))
        wanted["staff"].update(_ids([fact.data.get("owner")]))
    names = {**names_of_staff(wanted["staff"]), **names_of_units(wanted["units"])}
    return {str(record): text for record, text in names.items()}


def _ids(pair: Iterable[Any]) -> Iterable[UUID]:
    for value in pair:
        try:
            yield UUID(str(value))
        except ValueError:
            continue


def _moment(value: str) -> str:
    try:
        return date_format(localtime(datetime.fromisoformat(value)), "Y-m-d H:i")
    except ValueError:
        return value


def shown_value(value: Any, item: Field | None, names: Mapping[str, str]) -> str:
    """One value in words."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return pgettext("choice", "Yes") if value else pgettext("choice", "No")
    if isinstance(value, list):
        return joined(shown_value(each, item, names) for each in value)
    if isinstance(value, Mapping):
        return joined(f"{key}: {shown_value(each, None, names)}" for key, each in value.items())
    text = str(value)
    if item is not None:
        labels = {choice.value: str(choice.label) for choice in item.choices}
        if text in labels:
            return labels[text]
        if item.kind == Kind.MOMENT:
            return _moment(text)
        if item.kind == Kind.PHONE:
            return phone_text(text)
    return names.get(text, text)


def _change(fact: FactRead, name: str, pair: Any, names: Mapping[str, str]) -> Change:
    item = _fields(fact.resource).get(name)
    label = str(item.label) if item else data_label(name)
    if name == "locale":
        pair = [dict(settings.LANGUAGES).get(code, code) for code in pair]
    return Change(label, shown_value(pair[0], item, names), shown_value(pair[1], item, names))


def _url(fact: FactRead) -> str:
    known = resources().get(fact.resource)
    if known and known.page_url:
        return known.page_url.format(id=fact.record_id)
    places = {
        "tokens": "/settings/tokens/",
        "jobs": f"/jobs/{fact.record_id}/",
        "fields": "/settings/fields/",
    }
    return places.get(fact.resource, "")


def _title(fact: FactRead) -> str:
    """What the record is called; an export is called after the kind of its records."""
    known = resources().get(fact.title) if fact.resource == "exports" else None
    return str(known.label) if known else fact.title or "—"


def _shown(fact: FactRead, names: Mapping[str, str]) -> ShownFact:
    known = resources().get(fact.resource)
    words = {
        "tokens": _("Tokens"),
        "jobs": _("Jobs"),
        "fields": _("Fields of your own"),
        "insight": _("Customer value"),
        "imports": _("Imports"),
        "exports": _("Exports"),
        "views": _("Views"),
    }
    label = str(known.label) if known else words.get(fact.resource, fact.resource)
    return ShownFact(
        id=fact.id, uid=fact.uid, kind=fact.kind, title=kind_label(fact.kind), resource=fact.resource,
        resource_label=label, record=fact.record_id, record_title=_title(fact), url=_url(fact),
        by=by_text(fact), by_id=fact.actor_id, by_kind=actor_kind_label(fact.actor_kind), at=fact.at,
        channel=channel_label(fact.channel), reason=fact.reason,
        changes=[_change(fact, name, pair, names) for name, pair in fact.changes.items()],
        data=[
            Change(data_label(name), "", _data_value(name, value, names))
            for name, value in fact.data.items() if value not in (None, "", [], {})
        ],
        sealed=fact.position is not None,
    )  # fmt: skip


def shown_facts(context: Context, facts: list[FactRead]) -> list[ShownFact]:
    """Facts in words, names of people and units looked up in two statements."""
    names = _references(facts)
    return [_shown(fact, names) for fact in facts]
