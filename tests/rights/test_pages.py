"""Every reader at every address of the screens and at the doors of programs: nothing hidden comes out, and no form
writes for who may not send it.

The last part plants faults into the program, one at a time: the sweep must notice each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from django.db.models import Q

from tests.rights.bought import Office
from tests.rights.doors import PROGRAMS
from tests.rights.pages import Place, Visitor, fills, pages, places
from tests.rights.posts import refused, unknown_parts
from tests.rights.test_sweep import _one_cell, _open_timeline, _search_over_all_rows
from tests.rights.test_writes import state
from zhike.customers.models import Party
from zhike.customers.queries import lookups
from zhike.feeds.exports import doors as export_doors
from zhike.feeds.imports import reads as import_reads
from zhike.feeds.knowledge import purchase_view, value_view
from zhike.feeds.models import Export, Import
from zhike.kernel import rows
from zhike.kernel.actions import run
from zhike.kernel.actor import Actor

pytestmark = pytest.mark.django_db
READERS = ("manager", "keeper", "rep", "agent", "analyst", "auditor")


# Whoever sees pages like another is not asked for all of them.
@pytest.mark.parametrize("name", [name for name in READERS if name != "keeper"])
def test_nothing_hidden_stands_on_a_page(office: Office, name: str) -> None:
    visitor = Visitor(office, name)
    pages(visitor)
    assert visitor.watch.leaks == []


@pytest.mark.parametrize("door", PROGRAMS)
@pytest.mark.parametrize("name", READERS)
def test_nothing_hidden_reaches_a_program(office: Office, name: str, door: str) -> None:
    visitor = Visitor(office, name)
    PROGRAMS[door](visitor)
    assert visitor.watch.leaks == []


@pytest.mark.parametrize("name", [*READERS, "stranger", "homeless", "both"])
def test_every_form_is_refused_to_who_may_not_send_it(office: Office, name: str) -> None:
    visitor, before = Visitor(office, name), state()
    refused(visitor)
    assert visitor.watch.leaks == []
    assert state() == before, "a refused form left a trace"


def test_who_only_brought_goods_back_is_counted_for_those_who_see_everybody(office: Office) -> None:
    told = {
        name: run("insight.value", office.company.world.context(office.company.people[name]), {}).result[
            "left_out"
        ]
        for name in ("director", "analyst", "manager", "rep", "stranger")
    }
    assert told == {"director": 1, "analyst": 1, "manager": 0, "rep": 0, "stranger": 0}


def test_the_tables_name_addresses_that_are_there() -> None:
    assert unknown_parts() == []


def test_an_address_that_nobody_knows_how_to_fill_is_noticed(office: Office) -> None:
    unheard = Place("invoices", ("invoice",), places()[0].view)
    with pytest.raises(KeyError):
        fills(unheard, office, next(iter(office.company.rows)))


Plant = Callable[[pytest.MonkeyPatch, Office], None]


def _of_company(plant: Any) -> Plant:
    """A fault that is planted into the sweep of the queries too."""
    return lambda patch, office: plant(patch, office.company)


def _files_of_anybody(patch: pytest.MonkeyPatch, _office: Office) -> None:
    """A file is given without a look at whose it is."""
    patch.setattr(lookups, "see_party", lambda context, customer: Party.objects.get(pk=customer))


def _exports_of_anybody(patch: pytest.MonkeyPatch, _office: Office) -> None:
    """Whoever exports gets everybody's files."""
    patch.setattr(export_doors, "_visible", lambda context: Export.objects.all())


def _imports_of_anybody(patch: pytest.MonkeyPatch, _office: Office) -> None:
    """Whoever imports sees everybody's files."""
    patch.setattr(import_reads, "_visible", lambda context: Import.objects.all())


def _figures_of_all(patch: pytest.MonkeyPatch, _office: Office) -> None:
    """The pyramid counts everybody for everybody."""
    patch.setattr(value_view, "seen_among", lambda context, keys, units: np.ones(len(keys), dtype=np.bool_))


def _purchases_of_all(patch: pytest.MonkeyPatch, _office: Office) -> None:
    """Lines of purchases are read without a look at whose they are."""
    patch.setattr(purchase_view, "visible_ids", lambda actor, of, ids: set(ids))


def _reading_is_writing(patch: pytest.MonkeyPatch, _office: Office) -> None:
    """The row filter takes reading for writing."""
    row_filter = rows.row_filter
    patch.setattr(rows, "row_filter", lambda actor, of, access="read": row_filter(actor, of, "read"))


def _no_permissions(patch: pytest.MonkeyPatch, _office: Office) -> None:
    """Permissions are not asked for."""
    patch.setattr(Actor, "require", lambda self, permission: None)
    patch.setattr(Actor, "may", lambda self, permission: True)


def _no_rows(patch: pytest.MonkeyPatch, _office: Office) -> None:
    """Rights over rows are not asked for."""
    patch.setattr(rows, "row_filter", lambda actor, of, access="read": Q())


@pytest.mark.parametrize(
    ("plant", "name", "door"),
    [
        (_of_company(_one_cell), "agent", partial(pages, only=("customers",))),
        (_of_company(_open_timeline), "analyst", partial(pages, only=("customer_timeline",))),
        (_of_company(_search_over_all_rows), "rep", partial(pages, only=("search",))),
        (_of_company(_search_over_all_rows), "rep", partial(pages, only=("customer_pick",))),
        (_files_of_anybody, "rep", partial(pages, only=("customer_file",))),
        (_exports_of_anybody, "rep", partial(pages, only=("export_file",))),
        (_imports_of_anybody, "keeper", partial(pages, only=("imports",))),
        (_figures_of_all, "rep", partial(pages, only=("value_customers",))),
        (_purchases_of_all, "rep", PROGRAMS["rest"]),
        *((_of_company(_one_cell), "analyst", door) for door in PROGRAMS.values()),
        *((_no_rows, "rep", door) for door in PROGRAMS.values()),
        (_reading_is_writing, "rep", refused),
        (_no_permissions, "auditor", refused),
    ],
)
def test_a_planted_fault_is_noticed(
    office: Office, monkeypatch: pytest.MonkeyPatch, plant: Plant, name: str, door: Callable[[Visitor], None]
) -> None:
    visitor = Visitor(office, name)
    plant(monkeypatch, office)
    door(visitor)
    assert visitor.watch.leaks
