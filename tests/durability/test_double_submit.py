"""Every unsafe route twice with one key: one effect, the same answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.rights.canaries import Company, make_company
from tests.rights.test_writes import CASES, state
from zhike.api.dispatch import Call, Reply, dispatch
from zhike.kernel.actions import deed
from zhike.kernel.actor import Context
from zhike.kernel.doors import route_of
from zhike.kernel.errors import KeyReused, Refusal

pytestmark = pytest.mark.django_db
_ELSEWHERE: dict[str, dict[str, Any]] = {
    "customers.create": {"name": "新客户"},
    "customers.find_duplicates": {},
    "units.create": {"name": "华北区"},
    "staff.create": {"username": "fresh", "name": "新人", "roles": ["sales_rep"]},
    "tokens.create": {"name": "脚本", "scopes": ["views.*"]},
    "views.save": {"resource": "customers", "name": "我的客户"},
}


@pytest.fixture
def company(db: None) -> Company:
    """Everybody and every customer."""
    return make_company()


def _send(context: Context, name: str, payload: dict[str, Any]) -> Reply:
    """The request as the API takes it: the record in the address, the rest in the body."""
    item, body = deed(name), dict(payload)
    record = str(body.pop(item.target)) if item.target else ""
    route = route_of(item)
    path = route.path.replace(f"{{{item.target}}}", record)
    query = body if route.method == "DELETE" else {}
    return dispatch(context, Call(route.method, path, query, {} if route.method == "DELETE" else body))


def _firm(company: Company) -> UUID:
    return next(iter(company.rows))


def test_each_route_has_one_effect(company: Company) -> None:
    payloads = {name: case.payload(company, _firm(company)) for name, case in CASES.items()} | _ELSEWHERE
    # What takes the record away comes last.
    ending = (
        "customers.unmerge", "customers.merge", "customers.delete", "customers.delete_many", "customers.erase"
    )  # fmt: skip
    for name in sorted(payloads, key=lambda each: (each in ending, each)):
        if name in ending or name.endswith(
            ("remove_contact", "remove_address", "remove_certificate", "remove_note")
        ):
            payloads[name] = CASES[name].payload(
                company, list(company.rows)[sorted(payloads).index(name) % 20]
            )
        context = company.world.context(company.world.admin, key=f"once-{name}", channel="api", reason="")
        first = _send(context, name, payloads[name])
        after = state()
        again = _send(context, name, payloads[name])
        assert again.replayed, name
        assert state() == after, name
        assert again.status == first.status, name


def test_without_a_key_there_are_two_effects(company: Company) -> None:
    """The control: the same request without a key."""
    context = company.world.context(company.world.admin)
    _send(context, "customers.create", {"name": "新客户"})
    before = state()
    _send(context, "customers.create", {"name": "新客户"})
    assert state() != before


def test_another_body_under_the_key_is_refused(company: Company) -> None:
    context = company.world.context(company.world.admin, key="one")
    _send(context, "customers.create", {"name": "新客户"})
    before = state()
    with pytest.raises(KeyReused):
        _send(context, "customers.create", {"name": "另一位"})
    assert state() == before


def test_a_refused_request_keeps_no_key(company: Company) -> None:
    context = company.world.context(company.world.admin, key="two")
    before = state()
    with pytest.raises(Refusal):
        _send(context, "customers.create", {"name": ""})
    assert state() == before
    assert not _send(context, "customers.create", {"name": "新客户"}).replayed
