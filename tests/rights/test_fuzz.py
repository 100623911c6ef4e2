"""Non-interference: a cell that somebody may not see is changed, and no answer to that somebody changes.

The sweep looks for values that come out; this looks for anything that depends on a hidden value at all: an order, a
count, a filter, a page's end.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.rights.canaries import Company
from tests.rights.oracle import READ
from zhike.api.dispatch import Call, dispatch
from zhike.customers.actions import update
from zhike.customers.models import Address, ContactPoint, Note, Party, Score
from zhike.customers.types import CustomerChanges
from zhike.kernel import reading
from zhike.kernel.doors import problem
from zhike.kernel.errors import Refusal
from zhike.kernel.text import canonical

pytestmark = pytest.mark.django_db
_PEOPLE = ("manager", "rep", "stranger", "agent", "analyst", "auditor", "homeless")
_SORTS = ("name", "-name", "quality", "-updated_at", "monetary", "-monetary", "created_at", "recency_days")
_TESTS = (
    None,
    {"field": "city", "op": "starts", "value": "zq1"},
    {"field": "monetary", "op": "gt", "value": 73_110_000},
    {"field": "phone", "op": "contains", "value": "71"},
    {"field": "name", "op": "not_empty"},
    {"field": "quality", "op": "ge", "value": 40},
    {"any": "notes", "where": {"field": "text", "op": "contains", "value": "zq0"}},
    {"any": "addresses", "where": {"field": "text", "op": "contains", "value": "zq"}},
)
_CELLS = ("row", "monetary", "note", "address", "phone")


def _answers(company: Company, name: str, query: dict[str, str], record: UUID) -> str:
    """The list and the pages of one record as somebody sees them."""
    context = company.world.context(company.people[name], channel="api")
    paths = [("/customers", query)] + [
        (f"/customers/{record}{more}", {}) for more in ("", "/card", "/timeline", "/relation_graph")
    ]
    told: list[Any] = []
    for path, asked in paths:
        try:
            told.append(dispatch(context, Call("GET", path, asked, {})).body)
        except Refusal as refusal:
            told.append(problem(refusal))
    return canonical(told)


def _hidden(company: Company, name: str, record: UUID, cell: str) -> bool:
    reader = company.reader(name)
    if cell == "row":
        return not reader.sees(company.rows[record])
    return not reader.sees(company.rows[record]) or reader.level(cell) < (1 if cell != "phone" else READ)


def _change(company: Company, record: UUID, cell: str, figure: int) -> None:
    """Change one cell where it is kept. Of a masked phone the middle changes: the mask stays the same."""
    if cell == "row":
        update(
            company.world.context(), record, CustomerChanges(name=f"改名{figure}", phone=f"139{figure:08d}")
        )
    elif cell == "monetary":
        Score.objects.filter(party=record, name="monetary").update(value=float(figure))
    elif cell == "note":
        Note.objects.filter(party=record).update(text=f"另一条{figure}")
    elif cell == "address":
        Address.objects.filter(party=record).update(text=f"另一处{figure}", street=f"街{figure}")
    else:
        old = Party.objects.values_list("primary_phone", flat=True).get(pk=record)
        new = f"{old[:6]}{figure % 10_000:04d}{old[-4:]}"
        Party.objects.filter(pk=record).update(primary_phone=new)
        ContactPoint.objects.filter(party=record, normalised=old).update(normalised=new, value=new)


def _interferes(company: Company, data: st.DataObject) -> bool:
    """Whether one drawn change of a hidden cell changed a drawn answer."""
    name = data.draw(st.sampled_from(_PEOPLE))
    record = data.draw(st.sampled_from([each for each, row in company.rows.items() if not row.gone]))
    hidden = [cell for cell in _CELLS if _hidden(company, name, record, cell)]
    if not hidden:
        return False
    cell, figure = data.draw(st.sampled_from(hidden)), data.draw(st.integers(0, 99_999_999))
    test = data.draw(st.sampled_from(_TESTS))
    query = {"sort": data.draw(st.sampled_from(_SORTS)), "size": str(data.draw(st.integers(1, 30)))}
    query |= {"where": canonical(test)} if test else {}
    before = _answers(company, name, query, record)
    point = transaction.savepoint()
    _change(company, record, cell, figure)
    after = _answers(company, name, query, record)
    transaction.savepoint_rollback(point)
    return before != after


def test_what_is_hidden_changes_no_answer(company: Company) -> None:
    @settings(max_examples=60)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        assert not _interferes(company, data)

    holds()


def test_an_order_by_a_hidden_field_is_noticed(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: hidden fields may be sorted and filtered by."""
    monkeypatch.setattr(reading, "usable_field", lambda actor, of, name: of.all_fields()[name])
    noticed: list[bool] = []

    @settings(max_examples=150, phases=[Phase.generate], derandomize=True)
    @given(st.integers(0, 29), st.integers(0, 99_999_999))
    def tried(at: int, figure: int) -> None:
        if noticed:
            return
        record = list(company.rows)[at % 20]
        query = {"sort": "monetary", "size": "30"}
        before = _answers(company, "agent", query, record)
        point = transaction.savepoint()
        _change(company, record, "monetary", figure)
        if _answers(company, "agent", query, record) != before:
            noticed.append(True)
        transaction.savepoint_rollback(point)

    tried()
    assert noticed
