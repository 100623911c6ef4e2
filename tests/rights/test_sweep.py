"""Every reader at every reading door: no canary of a hidden row or a hidden field comes out anywhere.

The second half plants faults into the program, one at a time: the sweep must notice each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Q

from tests.rights.canaries import Company
from tests.rights.watch import DOORS, Watch
from zhike.customers.models import Party
from zhike.customers.queries import lookups
from zhike.customers.queries import parts as card_parts
from zhike.kernel import audit, pages, reading, rows, search
from zhike.kernel.models import Share
from zhike.kernel.tokens import Readable
from zhike.kernel.values import values_of

pytestmark = pytest.mark.django_db
PEOPLE = (
    "admin", "director", "manager", "rep", "colleague", "stranger", "agent", "analyst", "auditor", "both", "homeless",
)  # fmt: skip


# Filters, sorts and searches are many: they are tried by those from whom something is hidden, one of each kind.
NARROW = ("manager", "rep", "agent", "analyst", "auditor")
WALKS = [
    (name, door) for name in PEOPLE for door in DOORS if door in ("columns", "queries") or name in NARROW
]


@pytest.mark.parametrize(("name", "door"), WALKS)
def test_nothing_hidden_comes_out(company: Company, name: str, door: str) -> None:
    watch = Watch(company, name)
    DOORS[door](watch)
    assert watch.leaks == []


Plant = Callable[[pytest.MonkeyPatch, Company], None]


def _shares_of_anybody(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The row filter forgets with whom a record is shared."""
    everybody = Share.objects.values("record_id")
    patch.setattr(rows, "_shared", lambda actor, of, access: Q(pk__in=everybody))


def _no_shares(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The row filter forgets shares altogether."""
    patch.setattr(rows, "_shared", lambda actor, of, access: Q(pk__in=[]))


def _units_below(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The row filter takes the units above for the own one."""
    scoped = rows._scoped

    def wide(actor: Any, of: Any, scope: Any) -> Q:
        return scoped(actor, of, scope) | Q(**{f"{of.unit_path}__in": sorted(actor.unit_ids_above)})

    patch.setattr(rows, "_scoped", wide)


def _one_cell(patch: pytest.MonkeyPatch, company: Company) -> None:
    """A single cell of a single record forgets its mask."""
    leaky = next(iter(company.rows))

    def leaking(of: Any, columns: Any, ids: Any, **rest: Any) -> Any:
        values = values_of(of, columns, ids, **rest)
        if leaky in values and "phone" in columns:
            return {**values, leaky: {**values[leaky], "phone": company.texts[leaky]["phone"]}}
        return values

    patch.setattr(reading, "values_of", leaking)


def _any_field_usable(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """A hidden field may be sorted by."""
    patch.setattr(reading, "usable_field", lambda actor, of, name: of.all_fields()[name])


def _count_of_all(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The count is over everything."""
    patch.setattr(reading, "count", lambda queryset: pages.count(Party.objects.all()))


def _talking_cursor(patch: pytest.MonkeyPatch, company: Company) -> None:
    """A cursor carries more than its order needs."""
    write = pages.write_cursor

    def talking(cursor: Any) -> str:
        return write(pages.Cursor(company.texts[cursor.id]["phone"], cursor.id))

    patch.setattr(pages, "write_cursor", talking)


def _search_by_anything(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The search forgets that a masked field finds by its whole value only."""
    patch.setattr(search, "readable_tokens", lambda actor, of: Readable())


def _search_over_all_rows(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The search forgets the rights over rows."""
    patch.setattr(search, "visible", lambda actor, of: of.model.objects.all())


def _open_timeline(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The timeline forgets the rights over fields."""
    patch.setattr(lookups, "as_seen_by", lambda actor, facts: list(facts))


def _named_others(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The timeline names the other end of a relation whoever it is."""
    patch.setattr(lookups, "row_filter", lambda actor, of: Q())


def _tags_of_all(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The tags in use are those of everybody's customers."""
    patch.setattr(lookups, "visible", lambda actor, of: of.model.objects.all())


def _open_audit(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The audit trail forgets masks."""
    patch.setattr(audit._View, "_shown", lambda self, field, value: value)


def _open_card(patch: pytest.MonkeyPatch, _company: Company) -> None:
    """The page of a customer forgets the masks of names of others."""
    patch.setattr(card_parts, "shown_name", lambda context, name: name)


@pytest.mark.parametrize(
    ("plant", "name", "door"),
    [
        (_shares_of_anybody, "colleague", "columns"),
        (_no_shares, "rep", "columns"),
        (_units_below, "rep", "columns"),
        (_one_cell, "agent", "columns"),
        (_any_field_usable, "agent", "sorts"),
        (_count_of_all, "rep", "columns"),
        (_talking_cursor, "auditor", "sorts"),
        (_search_by_anything, "agent", "searches"),
        (_search_over_all_rows, "rep", "searches"),
        (_open_timeline, "analyst", "queries"),
        (_named_others, "rep", "queries"),
        (_tags_of_all, "rep", "queries"),
        (_open_audit, "auditor", "queries"),
        (_open_card, "analyst", "queries"),
    ],
)
def test_a_planted_fault_is_noticed(
    company: Company, monkeypatch: pytest.MonkeyPatch, plant: Plant, name: str, door: str
) -> None:
    watch = Watch(company, name)
    plant(monkeypatch, company)
    DOORS[door](watch)
    assert watch.leaks
