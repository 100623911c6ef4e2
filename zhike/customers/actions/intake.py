"""What a file brings: new customers stored, known ones changed, and both taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from zhike.customers.actions.classify import tag, untag
from zhike.customers.actions.contacts import add_contact, remove_contact
from zhike.customers.actions.create import Created, store_numbered
from zhike.customers.actions.update import current, update
from zhike.customers.models import (
    Address,
    Certificate,
    ContactPoint,
    ExternalId,
    Note,
    OrganisationFact,
    Party,
    PartyTag,
    Role,
)
from zhike.customers.prepare import Prepared
from zhike.customers.records import open_party
from zhike.customers.resource import CUSTOMERS
from zhike.customers.types.drafts import ContactDraft, CustomerChanges
from zhike.kernel import search
from zhike.kernel.actor import Context
from zhike.kernel.bulk import announce_many
from zhike.kernel.custom import release_unique
from zhike.kernel.errors import NotAllowed, NotFound
from zhike.kernel.events import News
from zhike.kernel.rows import row_filter

_PLAIN = (
    "kind", "legal_name", "english_name", "state", "relation_kind", "type", "bond", "stage", "relation_stage",
    "grade", "industry", "source", "birthday", "gender", "country",
)  # fmt: skip
_PRIMARY_CONTACTS = ("phone", "email")


def store_prepared(context: Context, prepared: Sequence[Prepared]) -> list[Created]:
    """Store what `prepare_many` made, in order, in the caller's transaction. Raises NotAllowed."""
    context.require("customers.create")
    if not prepared:
        return []
    with transaction.atomic():
        return store_numbered(context, prepared)


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What a row changed on a known customer: field → [old, new], and what was added."""

    changes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    contacts: Sequence[UUID] = ()
    tags: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.contacts or self.tags)


def take_over(context: Context, customer: UUID, prepared: Prepared, *, overwrite: bool) -> TakenOver:
    """Bring what a prepared draft says to a known customer: all of it, or (not `overwrite`) only what is missing.

    Further phones and e-mails are added beside those there. Raises NotFound, NotAllowed, FieldHidden, Invalid.
    """
    party = open_party(context, customer)
    asked = _asked(party, prepared, overwrite=overwrite)
    before = {name: current(party, name) for name in asked if name not in ("custom", "address")}
    before |= {"address": _home(party)} if "address" in asked else {}
    old_custom = dict(party.custom)
    if asked:
        update(context, customer, CustomerChanges(**asked))
        party.refresh_from_db()
    after = {name: _home(party) if name == "address" else current(party, name) for name in before}
    changes: dict[str, Sequence[Any]] = {
        name: [before[name], after[name]] for name in before if before[name] != after[name]
    }
    changes |= {
        name: [old_custom.get(name), party.custom.get(name)]
        for name in asked.get("custom", {})
        if old_custom.get(name) != party.custom.get(name)
    }
    return TakenOver(changes, _add_contacts(context, party, prepared), _add_tags(context, party, prepared))


def _asked(party: Party, prepared: Prepared, *, overwrite: bool) -> dict[str, Any]:
    draft = prepared.draft
    given = {name: prepared.party[name] for name in _PLAIN if getattr(draft, name) not in ("", None)}
    if draft.kind == "person" and party.kind == "organisation":
        given.pop("kind", None)
    given["name"] = prepared.party["name"]
    home = next((row.text for row in prepared.addresses if row.is_primary), "")
    given |= {"address": home} if home else {}
    given |= {
        row.kind: row.value
        for row in prepared.contacts
        if row.is_primary and row.kind in _PRIMARY_CONTACTS and row.normalised != current(party, row.kind)
    }
    if not overwrite:
        given = {
            name: value
            for name, value in given.items()
            if not (_home(party) if name == "address" else current(party, name))
        }
    custom = {
        name: value
        for name, value in draft.custom.items()
        if value not in ("", None) and (overwrite or party.custom.get(name) in ("", None))
    }
    changed = {
        name: value for name, value in given.items() if name == "address" or current(party, name) != value
    }
    return changed | ({"custom": custom} if custom else {})


def _home(party: Party) -> str:
    return Address.objects.filter(party=party, is_primary=True).values_list("text", flat=True).first() or ""


def _add_contacts(context: Context, party: Party, prepared: Prepared) -> list[UUID]:
    there = set(ContactPoint.objects.filter(party=party).values_list("kind", "normalised"))
    return [
        add_contact(context, party.pk, ContactDraft(row.value, row.kind, row.purpose)).id
        for row in prepared.contacts
        if (row.kind, row.normalised) not in there
    ]


def _add_tags(context: Context, party: Party, prepared: Prepared) -> list[str]:
    wanted = {name.strip() for name in prepared.draft.tags}
    if not wanted:
        return []
    there = set(
        PartyTag.objects.filter(party=party, tag__name__in=wanted).values_list("tag__name", flat=True)
    )
    fresh = sorted(wanted - there)
    if fresh:
        tag(context, [party.pk], fresh)
    return fresh


def take_back(context: Context, customer: UUID, taken: TakenOver) -> list[str]:
    """Undo `take_over` where nobody changed the field since; returns the names of fields that stay as they are.

    A customer that is gone or no longer the actor's keeps everything: ["*"].
    """
    try:
        party = open_party(context, customer)
    except (NotFound, NotAllowed):
        return ["*"]
    kept: list[str] = []
    back: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name, (old, new) in taken.changes.items():
        own = name in party.custom or name not in {*CUSTOMERS.fields, "legal_name"}
        now = party.custom.get(name) if own else _home(party) if name == "address" else current(party, name)
        if str(now or "") != str(new or ""):
            kept.append(name)
        elif own:
            custom[name] = old
        else:
            back[name] = old or None
    if back or custom:
        update(context, customer, CustomerChanges(**back, **({"custom": custom} if custom else {})))
    for contact in ContactPoint.objects.filter(party=party, pk__in=taken.contacts).values_list(
        "pk", flat=True
    ):
        remove_contact(context, customer, contact)
    if taken.tags:
        untag(context, [customer], list(taken.tags))
    return kept


@dataclass(frozen=True, slots=True)
class Removed:
    """The customers that are gone, and those that were kept because somebody changed them since."""

    gone: Sequence[UUID]
    kept: Sequence[UUID]


def remove_unchanged(context: Context, customers: Iterable[UUID]) -> Removed:
    """Take customers out again that nobody changed since they were made; what changed, was merged or belongs to others
    stays. Each one that goes leaves a fact. Raises NotAllowed."""
    context.require("customers.delete")
    wanted = list(customers)
    rows = Party.objects.filter(row_filter(context.actor, CUSTOMERS, "write"), pk__in=wanted)
    parties = list(rows.order_by("pk").select_for_update(of=("self",)))
    untouched = [p for p in parties if p.version == 1 and p.deleted_at is None and p.merged_into_id is None]
    ids = [party.pk for party in untouched]
    still = set(Party.objects.filter(pk__in=wanted).values_list("pk", flat=True)) - set(ids)
    search.remove(ids)
    release_unique(ids)
    for model in (ContactPoint, Address, Certificate, ExternalId, Note, OrganisationFact, PartyTag, Role):
        of_these = model._default_manager.filter(party__in=ids)
        of_these._raw_delete(of_these.db)
    Party.objects.filter(pk__in=ids).delete()
    with transaction.atomic():
        announce_many(context, (News("customers.removed", CUSTOMERS.name, p.pk, p.number) for p in untouched))
    return Removed(ids, [each for each in wanted if each in still])
