"""Erasing what is known of a customer for good, as the law demands on request. The figures stay, without a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy

from zhike.customers.actions.certificates import Reason
from zhike.customers.actions.contacts import Customer
from zhike.customers.merging import TABLES
from zhike.customers.models import (
    DuplicatePair,
    Erasure,
    FileItem,
    Merge,
    Party,
    PartyTag,
    PastValue,
    Relation,
    Tag,
)
from zhike.customers.records import open_party
from zhike.customers.resource import CUSTOMERS
from zhike.customers.scrubbing import schedule_scrub
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.erasure import erase_traces
from zhike.kernel.events import News
from zhike.kernel.versions import check_version

_TOLD_OF_BOTH = ("customers.merged", "customers.unmerged", "customers.absorbed")
# What of a party tells nobody who it is, and is counted by.
_KEPT = frozenset(
    {
        "id", "number", "kind", "owner_id", "unit_id", "grade", "state", "relation_kind", "type", "bond", "stage",
        "relation_stage", "source", "quality", "version", "created_at", "updated_at", "merged_into_id", "deleted_at",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Erased:
    """The customer that was erased, and how many records (with those merged into it) and facts lost their content."""

    id: UUID
    records: int
    facts: int


@action(
    "customers.erase", resource="customers", label=gettext_lazy("Erase personal data"), permission="privacy.erase",
    danger=True,
)  # fmt: skip
def erase(
    context: Context,
    customer: Customer,
    reason: Annotated[Reason, about(gettext_lazy("Reason"))],
    version: int | None = None,
) -> Erased:
    """Erase for good all that tells who a customer is.

    Names, contacts, addresses, certificates, notes, files, free text, and what the audit trail says of them. What was
    bought stays in the sums, of a buyer nobody knows. The reason stays on record: name nobody in it. A customer in the
    recycle bin is restored first.
    """
    party = open_party(context, customer)
    check_version(party, version, yours={}, theirs={})
    parties = [party, *_absorbed(party)]
    ids = [each.pk for each in parties]
    news = News(
        "customers.erased",
        CUSTOMERS.name,
        party.pk,
        party.number,
        data={"with": [str(each) for each in ids[1:]]},
    )
    numbers = {each.pk: each.number for each in parties}
    facts = erase_traces(context.because(reason), news, numbers, _facts_about(ids))
    _remove_parts(ids)
    for each in parties:
        _blank(context, each)
    schedule_scrub(context.now)
    return Erased(party.pk, len(parties), facts)


def _absorbed(party: Party) -> list[Party]:
    """Every record that was merged into this one, directly or by way of another."""
    found: list[Party] = []
    level = [party.pk]
    while level:
        rows = list(
            Party.objects.select_for_update(of=("self",)).filter(merged_into__in=level).order_by("pk")
        )
        found += rows
        level = [row.pk for row in rows]
    return found


def _facts_about(ids: Sequence[UUID]) -> Q:
    """The facts of these records; and of those they were once merged with by mistake, what speaks of the merge."""
    merges = Merge.objects.filter(Q(survivor__in=ids) | Q(absorbed__in=ids))
    others = {each for pair in merges.values_list("survivor_id", "absorbed_id") for each in pair} - set(ids)
    mine = Q(resource=CUSTOMERS.name, record_id__in=list(ids))
    return mine | Q(resource=CUSTOMERS.name, record_id__in=list(others), kind__in=_TOLD_OF_BOTH)


def _remove_parts(ids: Sequence[UUID]) -> None:
    """Remove everything that hangs on the records; files go once that is certain."""
    paths = list(FileItem.objects.filter(party__in=ids).values_list("path", flat=True))
    transaction.on_commit(lambda: _delete_files(paths))
    tags = list(PartyTag.objects.filter(party__in=ids).values_list("tag_id", flat=True))
    for table in TABLES:
        table.model._default_manager.filter(**{f"{table.key}__in": ids}).delete()
    Relation.objects.filter(Q(source__in=ids) | Q(target__in=ids)).delete()
    DuplicatePair.objects.filter(Q(left__in=ids) | Q(right__in=ids)).delete()
    Merge.objects.filter(Q(survivor__in=ids) | Q(absorbed__in=ids)).delete()
    PastValue.objects.filter(party__in=ids).delete()
    # A tag that only these had may be as good as a name.
    Tag.objects.filter(pk__in=tags).exclude(
        pk__in=PartyTag.objects.filter(tag__in=tags).values("tag")
    ).delete()


def _delete_files(paths: Sequence[str]) -> None:
    for path in paths:
        default_storage.delete(path)


def _blank(context: Context, party: Party) -> None:
    """Leave of a party what it is counted by. Its number is its name from now on."""
    for field in Party._meta.concrete_fields:
        if field.attname not in _KEPT:
            setattr(party, field.attname, None if field.null else field.get_default())
    party.name = party.sort_name = party.number
    party.deleted_at = party.updated_at = context.now
    party.quality, party.version = 0, party.version + 1
    party.save()
    Erasure.objects.create(party=party, erased_at=context.now)
