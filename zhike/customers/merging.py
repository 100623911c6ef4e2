"""What a merge moves and how it is taken back, table by table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from zhike.customers.models import (
    Address,
    Certificate,
    ContactPoint,
    ExternalId,
    FileItem,
    Note,
    OrganisationFact,
    Party,
    PartyTag,
    Relation,
    Role,
    Score,
    ServicePassword,
)


@dataclass(frozen=True, slots=True)
class Moved:
    """One table whose rows go over to the survivor. Rows alike in `same` are there twice: those stay behind."""

    name: str
    model: type[Model]
    key: str = "party_id"
    same: tuple[str, ...] = ()
    primary: bool = False
    only: tuple[tuple[str, Any], ...] = ()

    def rows(self, party: Party) -> QuerySet[Any]:
        """The rows of a party."""
        return self.model._default_manager.filter(**{self.key: party.pk})

    def alike(self, row: Any) -> tuple[Any, ...]:
        """What makes two rows the same."""
        return tuple(getattr(row, name) for name in self.same)


# A current fact of an organisation and an open relation are there once; replaced and ended ones pile up.
TABLES: tuple[Moved, ...] = (
    Moved("contacts", ContactPoint, same=("kind", "normalised", "consent"), primary=True),
    Moved("addresses", Address, same=("text",), primary=True),
    Moved("certificates", Certificate, same=("lookup",)),
    Moved("roles", Role, same=("name",)),
    Moved("tags", PartyTag, same=("tag_id",)),
    Moved("notes", Note),
    Moved("files", FileItem),
    Moved("organisation_facts", OrganisationFact, same=("key", "replaced_at")),
    Moved("external_ids", ExternalId),
    Moved("scores", Score, same=("name",)),
    Moved("relations_out", Relation, "source_id", same=("target_id", "type", "valid_until")),
    Moved("relations_in", Relation, "target_id", same=("source_id", "type", "valid_until")),
    Moved("service_password", ServicePassword, same=("__class__",)),
)
PRIMARY = tuple(table for table in TABLES if table.primary)


def _kind(row: Any) -> str:
    return str(getattr(row, "kind", "address"))


def primaries(party: Party) -> dict[str, str]:
    """The primary contact point of each kind and the primary address: kind → id."""
    found: dict[str, str] = {}
    for table in PRIMARY:
        found |= {_kind(row): str(row.pk) for row in table.rows(party).filter(is_primary=True)}
    return found


def _movable(table: Moved, survivor: Party, absorbed: Party) -> list[Any]:
    there = {table.alike(row) for row in table.rows(survivor)} if table.same else set()
    moving = []
    for row in table.rows(absorbed).order_by("pk"):
        loop = isinstance(row, Relation) and {row.source_id, row.target_id} == {survivor.pk, absorbed.pk}
        if not loop and (not table.same or table.alike(row) not in there):
            moving.append(row)
            if table.same:
                there.add(table.alike(row))
    return moving


def move_all(survivor: Party, absorbed: Party) -> dict[str, list[str]]:
    """Move what hangs on `absorbed` to `survivor`; what both have stays behind. Returns table → ids moved."""
    moved: dict[str, list[str]] = {}
    for table in TABLES:
        ids = [row.pk for row in _movable(table, survivor, absorbed)]
        rows = table.model._default_manager.filter(pk__in=ids)
        if table.primary:
            rows.update(is_primary=False)
        rows.update(**{table.key: survivor.pk})
        moved[table.name] = [str(each) for each in ids]
    return moved


def _rows(party: Party, kind: str) -> Any:
    """The addresses of a party, or its contact points of a kind."""
    contacts, addresses = PRIMARY
    return addresses.rows(party) if kind == "address" else contacts.rows(party).filter(kind=kind)


def set_primary(party: Party, kind: str, row_id: str) -> bool:
    """Make a row the primary one of its kind. False when the party has no such row."""
    rows = _rows(party, kind)
    if not rows.filter(pk=row_id).exists():
        return False
    rows.filter(is_primary=True).exclude(pk=row_id).update(is_primary=False)
    rows.filter(pk=row_id).update(is_primary=True)
    return True


def twin_of(party: Party, kind: str, row: Any) -> str | None:
    """The id of the party's own row that says the same as a row of another."""
    rows = _rows(party, kind)
    same = rows.filter(text=row.text) if kind == "address" else rows.filter(normalised=row.normalised)
    found = same.values_list("pk", flat=True).first()
    return None if found is None else str(found)


def primary_row(party: Party, kind: str) -> Any:
    """The primary contact point of a kind, or the primary address."""
    rows = _rows(party, kind)
    return rows.filter(is_primary=True).first()


def ensure_primary(party: Party) -> None:
    """See that every kind that a party has contact points of has a primary one, the oldest unless another is."""
    for table in PRIMARY:
        seen: set[str] = set()
        for row in table.rows(party).order_by("-is_primary", "created_at", "id"):
            if _kind(row) not in seen and not row.is_primary:
                table.rows(party).filter(pk=row.pk).update(is_primary=True)
            seen.add(_kind(row))


def move_back(survivor: Party, absorbed: Party, moved: dict[str, Sequence[str]]) -> list[str]:
    """Give back what a merge moved. Returns `table:id` of rows that are gone by now."""
    gone: list[str] = []
    for table in TABLES:
        ids = list(moved.get(table.name, ()))
        if table.name == "service_password":
            ids = [str(survivor.pk)] if ids else []
        rows = table.rows(survivor).filter(pk__in=ids)
        there = {str(each) for each in rows.values_list("pk", flat=True)}
        if table.primary:
            rows.update(is_primary=False)
        rows.update(**{table.key: absorbed.pk})
        gone += [f"{table.name}:{each}" for each in ids if each not in there]
    return gone
