"""Two records that are one customer become one, and apart again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers import merging
from zhike.customers.actions.update import remember
from zhike.customers.derive import name_columns
from zhike.customers.models import DuplicatePair, Merge, Party, PastValue
from zhike.customers.records import (
    COLUMNS,
    conclude,
    derive,
    news_of,
    open_parties,
    open_party,
    require_writable,
    touch,
)
from zhike.customers.resource import CUSTOMERS
from zhike.customers.types.words import ContactKind, DuplicateState
from zhike.kernel import search
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.custom import definitions, release_unique, validate_custom
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.events import announce
from zhike.kernel.saved import Saved
from zhike.kernel.text import as_json
from zhike.kernel.versions import check_version

Side = Literal["survivor", "absorbed"]
MERGED_FIELDS = (
    "name", "kind", "legal_name", "english_name", "state", "relation_kind", "type", "bond", "stage",
    "relation_stage", "grade", "industry", "source", "birthday", "gender", "country", "owner", "unit",
)  # fmt: skip
PRIMARIES = (*ContactKind.values, "address")


@dataclass(frozen=True, slots=True)
class Merged:
    """The merge, by which it can be taken back, and the version of the record that stays."""

    id: UUID
    survivor: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Something changed after the merge, so it was not put back: what it was before, by the merge, and is now."""

    field: str
    before: Any
    merged: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Unmerged:
    """Both records as they stand again, and what could not be put back because somebody changed it since."""

    survivor: Saved
    absorbed: Saved
    conflicts: list[Kept]


def value_of(party: Party, name: str) -> Any:
    """The value of a field of a merge as JSON; what is not declared is user-defined."""
    if name not in MERGED_FIELDS:
        return party.custom.get(name)
    return as_json(getattr(party, COLUMNS.get(name, name)))


def put_value(party: Party, name: str, value: Any) -> None:
    """Set a field of a merge from JSON."""
    if name not in MERGED_FIELDS:
        party.custom = {key: old for key, old in party.custom.items() if key != name}
        if value is not None:
            party.custom[name] = value
        return
    column = COLUMNS.get(name, name)
    field = Party._meta.get_field(column)
    assert isinstance(field, Field)
    setattr(party, column, field.to_python(value))


def _names(*parties: Party) -> list[str]:
    custom = sorted({key for party in parties for key in party.custom})
    return [*MERGED_FIELDS, *custom]


@action("customers.merge", resource="customers", label=gettext_lazy("Merge customers"), danger=True)
def merge(
    context: Context,
    survivor: Annotated[UUID, about(gettext_lazy("Stays"))],
    absorbed: Annotated[UUID, about(gettext_lazy("Goes into it"))],
    choices: Annotated[dict[str, Side], about(gettext_lazy("Whose value, by field"))] = {},  # noqa: B006
    *,
    version: Annotated[int | None, about(gettext_lazy("Version seen"))] = None,
    absorbed_version: Annotated[int | None, about(gettext_lazy("Version seen of the other"))] = None,
) -> Merged:
    """Merge one customer into another; it can be taken back.

    Of each field the survivor's value stays, unless it is empty or `choices` says "absorbed". Contact points,
    addresses, relations, notes, files, certificates, tags, ids and scores go over; nothing is dropped.
    """
    if survivor == absorbed:
        raise Invalid({"absorbed": _("These are one record already.")})
    parties = {party.pk: party for party in open_parties(context, [survivor, absorbed])}
    stays, goes = parties[survivor], parties[absorbed]
    check_version(stays, version, yours=choices, theirs={})
    check_version(goes, absorbed_version, yours=choices, theirs={})
    _check_choices(stays, goes, choices)
    changes = _choose(stays, goes, choices)
    require_writable(context, changes)
    # The ids of the past values that the merge itself makes are kept for the way back.
    made = {name: str(row) for name, row in remember(stays, changes, context.now).items()}
    snapshot = _snapshot(stays, goes, choices, changes) | {"made": made}
    pair = DuplicatePair.objects.filter(left=min(survivor, absorbed), right=max(survivor, absorbed))
    snapshot["pair"] = pair.values_list("state", flat=True).first()
    pair.update(
        state=DuplicateState.MERGED.value, decided_by_id=context.actor.id,
        decided_by_name=context.actor.name[:120], decided_at=context.now,
    )  # fmt: skip
    row = Merge(
        survivor=stays, absorbed=goes, snapshot=snapshot, merged_at=context.now,
        merged_by_id=context.actor.id, merged_by_name=context.actor.name[:120],
    )  # fmt: skip
    row.save(force_insert=True)
    _claim(context, stays, goes, stays)
    return Merged(row.pk, stays.pk, _conclude_merge(context, row, stays, goes, changes).version)


def _check_choices(stays: Party, goes: Party, choices: Mapping[str, Side]) -> None:
    known = {*_names(stays, goes), *PRIMARIES}
    unknown = [name for name in choices if name not in known]
    if unknown:
        raise Invalid({f"choices.{name}": _("Unknown field.") for name in unknown})


def _choose(stays: Party, goes: Party, choices: Mapping[str, Side]) -> dict[str, tuple[Any, Any]]:
    """Set the survivor's fields as chosen; returns what changed."""
    changes: dict[str, tuple[Any, Any]] = {}
    for name in _names(stays, goes):
        mine, theirs = value_of(stays, name), value_of(goes, name)
        taken = choices.get(name) == "absorbed" or (name not in choices and mine in ("", None, [], {}))
        if taken and mine != theirs:
            put_value(stays, name, theirs)
            changes[name] = (mine, theirs)
    stays.name_pinyin, stays.name_initials, stays.sort_name = name_columns(stays.name, stays.kind)
    return changes


def _snapshot(
    stays: Party, goes: Party, choices: Mapping[str, Side], changes: Mapping[str, tuple[Any, Any]]
) -> dict[str, Any]:
    """Move everything, with the primary ones as chosen; returns what taking it back needs."""
    before = {"survivor": merging.primaries(stays), "absorbed": merging.primaries(goes)}
    wanted: dict[str, str] = {}
    for kind, row_id in before["absorbed"].items():
        if choices.get(kind) == "absorbed" or kind not in before["survivor"]:
            wanted[kind] = merging.twin_of(stays, kind, merging.primary_row(goes, kind)) or row_id
    moved = merging.move_all(stays, goes)
    for kind, row_id in wanted.items():
        merging.set_primary(stays, kind, row_id)
    return {
        "fields": {name: list(change) for name, change in changes.items()},
        "moved": moved,
        "primaries": before,
        "primaries_after": merging.primaries(stays),
    }


def _conclude_merge(
    context: Context, row: Merge, stays: Party, goes: Party, changes: Mapping[str, tuple[Any, Any]]
) -> Saved:
    goes.merged_into = stays
    touch(context, goes)
    goes.save(update_fields=["merged_into", "version", "updated_at"])
    search.remove([goes.pk])
    about_goes = {"merge": row.pk, "into": stays.pk, "into_number": stays.number}
    announce(context, news_of(goes, "customers.absorbed", data=about_goes))
    data = {"merge": row.pk, "absorbed": goes.pk, "absorbed_number": goes.number}
    return conclude(context, stays, "customers.merged", changes=changes, data=data, derived=True)


@action(
    "customers.unmerge", resource="customers", label=gettext_lazy("Take merge back"), permission="customers.merge",
    danger=True,
)  # fmt: skip
def unmerge(context: Context, merge: Annotated[UUID, about(gettext_lazy("Merge"))]) -> Unmerged:
    """Take a merge back: both records are as they were. What was changed since stays with the survivor.

    A field that the merge changed and somebody changed again keeps its newest value; it is returned as a conflict.
    """
    row = Merge.objects.filter(pk=merge).first()
    if row is None:
        raise NotFound()
    stays = open_party(context, row.survivor_id)
    row = Merge.objects.select_for_update(of=("self",)).get(pk=merge)
    goes = Party.objects.select_for_update(of=("self",)).get(pk=row.absorbed_id)
    if row.undone_at is not None or goes.merged_into_id != stays.pk:
        raise Invalid({"merge": _("This merge has been taken back already.")})
    conflicts = _restore_fields(stays, row.snapshot)
    gone = merging.move_back(stays, goes, row.snapshot["moved"])
    conflicts += [Kept(each, True, True, None) for each in gone]
    _restore_primaries(stays, goes, row.snapshot)
    _claim(context, stays, goes, stays, goes)
    row.undone_at, row.undone_by_id = context.now, context.actor.id
    row.save(update_fields=["undone_at", "undone_by_id"])
    _restore_pair(row)
    return _conclude_unmerge(context, row, stays, goes, conflicts)


def _restore_fields(stays: Party, snapshot: Mapping[str, Any]) -> list[Kept]:
    conflicts = []
    for name, (before, after) in snapshot["fields"].items():
        now = value_of(stays, name)
        if now != after:
            conflicts.append(Kept(name, before, after, now))
            continue
        put_value(stays, name, before)
        if name in snapshot["made"]:
            PastValue.objects.filter(pk=snapshot["made"][name]).delete()
    stays.name_pinyin, stays.name_initials, stays.sort_name = name_columns(stays.name, stays.kind)
    return conflicts


def _restore_primaries(stays: Party, goes: Party, snapshot: Mapping[str, Any]) -> None:
    """Primary ones as before the merge, except where the survivor has been given another since."""
    now, after = merging.primaries(stays), snapshot["primaries_after"]
    for kind, row_id in snapshot["primaries"]["survivor"].items():
        if kind not in now or now[kind] == after.get(kind):
            merging.set_primary(stays, kind, row_id)
    for kind, row_id in snapshot["primaries"]["absorbed"].items():
        merging.set_primary(goes, kind, row_id)
    merging.ensure_primary(stays)
    merging.ensure_primary(goes)


def _claim(context: Context, one: Party, other: Party, *owners: Party) -> None:
    """Unique user-defined values of two records go to `owners`. Raises Invalid when somebody else has one by now."""
    unique = [key for key, item in definitions(CUSTOMERS.name).items() if item.unique and not item.retired]
    if not unique:
        return
    release_unique([one.pk, other.pk])
    for party in owners:
        values = {key: party.custom[key] for key in unique if key in party.custom}
        validate_custom(CUSTOMERS, values, before=party.custom, record_id=party.pk, context=context)


def _restore_pair(row: Merge) -> None:
    pair = DuplicatePair.objects.filter(
        left=min(row.survivor_id, row.absorbed_id), right=max(row.survivor_id, row.absorbed_id)
    )
    pair.update(
        state=row.snapshot["pair"] or DuplicateState.OPEN.value, decided_by_id=None, decided_by_name="",
        decided_at=None,
    )  # fmt: skip


def _conclude_unmerge(
    context: Context, row: Merge, stays: Party, goes: Party, conflicts: list[Kept]
) -> Unmerged:
    goes.merged_into = None
    derive(context, goes)
    data = {"merge": row.pk, "other": stays.pk, "other_number": stays.number}
    absorbed = conclude(context, goes, "customers.unmerged", data=data)
    data = {"merge": row.pk, "other": goes.pk, "other_number": goes.number}
    survivor = conclude(context, stays, "customers.unmerged", data=data, derived=True)
    return Unmerged(survivor, absorbed, conflicts)
