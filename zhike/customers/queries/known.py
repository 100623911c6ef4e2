"""Which customers on file a batch of new ones means: looked up in whole batches, from indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from zhike.customers.models import Certificate, ContactPoint, ExternalId
from zhike.customers.prepare import Prepared
from zhike.customers.resource import CUSTOMERS
from zhike.customers.secrecy import lookup_of
from zhike.kernel.actor import Actor
from zhike.kernel.among import Among
from zhike.kernel.rights import FieldRight
from zhike.kernel.rows import visible
from zhike.kernel.search_store import OneOf


@dataclass(frozen=True, slots=True)
class Known:
    """A customer on file, and by what it was recognised: external_id, certificate, phone, email or name."""

    id: UUID
    number: str
    by: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: UUID
    number: str
    kind: str
    name: str
    pinyin: str
    city: str
    birthday: Any

    def agrees(self, party: dict[str, Any]) -> bool:
        """Whether the names do not contradict: a telephone or mailbox is often shared by several people."""
        return bool(self.kind == party["kind"]) and (
            self.name.casefold() == party["name"].casefold() or self.pinyin == party["name_pinyin"]
        )

    def is_same(self, party: dict[str, Any]) -> bool:
        """Whether the name and one more thing are the same: the birthday of a person, the city of a firm."""
        if self.name.casefold() != party["name"].casefold() or self.kind != party["kind"]:
            return False
        if self.kind == "person":
            return bool(self.birthday is not None and self.birthday == party["birthday"])
        return bool(self.city and self.city == party["city"])


Found = dict[str, list[_Candidate]]
_COLUMNS = ("pk", "number", "kind", "name", "name_pinyin", "city", "birthday")


def _through(actor: Actor, model: Any, column: str, values: Iterable[str], **only: Any) -> Found:
    """Visible customers by what hangs on them, by two statements."""
    wanted = sorted({(value,) for value in values})
    if not wanted:
        return {}
    pairs = list(model.objects.filter(Among((column,), wanted), **only).values_list(column, "party_id"))
    parties = _parties(actor, {party for _value, party in pairs})
    found: Found = {}
    for value, party in pairs:
        if party in parties and parties[party] not in found.setdefault(value, []):
            found[value].append(parties[party])
    return found


def _parties(actor: Actor, ids: set[UUID]) -> dict[UUID, _Candidate]:
    if not ids:
        return {}
    rows = visible(actor, CUSTOMERS).filter(OneOf(list(ids))).values_list(*_COLUMNS)
    return {row[0]: _Candidate(*row) for row in rows}


def _by_name(actor: Actor, prepared: Sequence[Prepared]) -> Found:
    """Visible customers by the reading of their names, of which also the birthday (the city of a firm) agrees with one
    that is asked for: a common name alone would find a thousandth of all customers."""
    people: set[tuple[str, Any]] = set()
    firms: set[tuple[str, Any]] = set()
    for each in prepared:
        party = each.party
        if party["kind"] == "person":
            if party["birthday"] is not None:
                people.add((party["name_pinyin"], party["birthday"]))
        elif party["city"]:
            firms.add((party["name_pinyin"], party["city"]))
    found: Found = {}
    for more, wanted in (("birthday", people), ("city", firms)):
        if wanted:
            rows = visible(actor, CUSTOMERS).filter(Among(("name_pinyin", more), sorted(wanted)))
            for row in rows.values_list(*_COLUMNS):
                found.setdefault(row[4], []).append(_Candidate(*row))
    return found


def known_by_external(actor: Actor, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """Visible customers by their ids in other systems."""
    by_source: dict[str, set[str]] = {}
    for source, value in pairs:
        by_source.setdefault(source, set()).add(value)
    return {
        (source, value): Known(rows[0].id, rows[0].number, "external_id")
        for source, values in by_source.items()
        for value, rows in _through(actor, ExternalId, "value", values, source=source).items()
    }


def known_by_number(actor: Actor, numbers: Iterable[str]) -> dict[str, Known]:
    """Visible customers by their customer numbers."""
    rows = visible(actor, CUSTOMERS).filter(number__in=set(numbers)).values_list("pk", "number")
    return {number: Known(pk, number, "number") for pk, number in rows}


def _only(rows: list[_Candidate], fits: Callable[[_Candidate], bool], by: str) -> Known | None:
    fitting = [row for row in rows if fits(row)]
    return Known(fitting[0].id, fitting[0].number, by) if len(fitting) == 1 else None


def known_customers(actor: Actor, prepared: Sequence[Prepared]) -> list[Known | None]:
    """Whom each prepared customer means, None for a new one; only among customers the actor sees, and by fields the
    actor may know.

    A certificate decides alone; phone and e-mail together with the name; the name together with the birthday (a
    person) or the city (an organisation), each where exactly one customer fits.
    """
    right = actor.rights.field
    usable = {
        name
        for name in ("phone", "email", "certificate", "name")
        if right(CUSTOMERS.name, name) > FieldRight.HIDDEN
    }
    lookups = [[lookup_of(row.number) for row in each.certificates] for each in prepared]
    papers = (
        _through(actor, Certificate, "lookup", (each for row in lookups for each in row))
        if "certificate" in usable
        else {}
    )
    points: dict[str, Found] = {}
    for kind in ("phone", "email"):
        values = (row.normalised for each in prepared for row in each.contacts if row.kind == kind)
        points[kind] = (
            _through(actor, ContactPoint, "normalised", values, kind=kind) if kind in usable else {}
        )
    names = _by_name(actor, prepared) if right(CUSTOMERS.name, "name") >= FieldRight.READ else {}
    return [
        _whom(each, papers, points, names, hashes) for each, hashes in zip(prepared, lookups, strict=True)
    ]


def _whom(
    each: Prepared, papers: Found, points: dict[str, Found], names: Found, hashes: list[str]
) -> Known | None:
    for value in hashes:
        if found := _only(papers.get(value, []), lambda row: True, "certificate"):
            return found
    for row in each.contacts:
        candidates = points[row.kind].get(row.normalised, []) if row.kind in points else []
        if candidates and (found := _only(candidates, lambda one: one.agrees(each.party), row.kind)):
            return found
    return _only(names.get(each.party["name_pinyin"], []), lambda one: one.is_same(each.party), "name")
