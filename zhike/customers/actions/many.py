"""Many new customers at once: what imports call, a chunk per transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.customers.actions.create import Created, placed, require_fields, store_numbered
from zhike.customers.models import ContactPoint, ExternalId, Party
from zhike.customers.prepare import Prepared, prepare
from zhike.customers.records import setting_of
from zhike.customers.types.drafts import Draft
from zhike.kernel import search
from zhike.kernel.actor import Context
from zhike.kernel.among import Among
from zhike.kernel.bulk import settle
from zhike.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class CreatedMany:
    """What became of each draft, by its index: the customer made of it, or why it was refused."""

    made: Mapping[int, Created]
    refused: Mapping[int, Invalid]


def create_many(context: Context, drafts: Sequence[Draft]) -> CreatedMany:
    """Make customers of drafts, the same as `create` would one by one, as fast as the database takes them.

    A wrong draft is refused by itself, the others are stored. A chunk of 1,000 to 10,000 is right. Joins the
    caller's transaction, so that a checkpoint commits with it. Raises NotAllowed, FieldHidden.
    """
    context.require("customers.create")
    with transaction.atomic():
        prepared, refused = prepare_many(context, drafts)
        made = store_numbered(context, list(prepared.values())) if prepared else []
    return CreatedMany(dict(zip(prepared, made, strict=True)), refused)


def settle_many() -> None:
    """After very many new or removed customers: bring index and figures of the database up to date."""
    search.tidy()
    settle(Party._meta.db_table, ContactPoint._meta.db_table)


def prepare_many(context: Context, drafts: Sequence[Draft]) -> tuple[dict[int, Prepared], dict[int, Invalid]]:
    """Check drafts without storing them, for a preview: what would be made and what refused, by index."""
    setting = setting_of(context)
    refused: dict[int, Invalid] = {}
    prepared: dict[int, Prepared] = {}
    places = placed(context, drafts, refused)
    taken = _taken_ids(drafts)
    allowed: set[frozenset[str]] = set()
    for index, draft in enumerate(drafts):
        if index in refused:
            continue
        try:
            require_fields(context, draft, allowed)
            owner, unit = places[index]
            fresh = prepare(draft, setting, owner, unit)
            _check_free(draft, taken)
        except Invalid as problem:
            refused[index] = problem
            continue
        prepared[index] = fresh
        taken.update(draft.external_ids)
    return prepared, refused


def _taken_ids(drafts: Sequence[Draft]) -> set[tuple[str, str]]:
    """The external ids of the drafts that customers have already, one statement per source."""
    wanted: dict[str, set[str]] = {}
    for draft in drafts:
        for source, value in draft.external_ids:
            wanted.setdefault(source, set()).add(value)
    return {
        (source, value)
        for source, values in wanted.items()
        for value in ExternalId.objects.filter(
            Among(("value",), [(value,) for value in sorted(values)]), source=source
        ).values_list("value", flat=True)
    }


def _check_free(draft: Draft, taken: set[tuple[str, str]]) -> None:
    for source, value in draft.external_ids:
        if (source, value) in taken:
            text = _("%(value)s of %(source)s belongs to another customer already.")
            raise Invalid({"external_ids": text % {"value": value, "source": source}})
