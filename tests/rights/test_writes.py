"""Every registered action × every reader × every kind of row: done exactly when roles.yaml and sharing say so.

Refused, nothing is written: the whole database is the same as before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import transaction

from tests.rights.canaries import Company, leaves
from tests.rights.oracle import MASKED, WRITE, Reader
from tests.rights.test_sweep import PEOPLE
from tests.rights.watch import Watch
from tests.world import NOW
from zhike.customers import records
from zhike.customers.actions import create, merge
from zhike.customers.models import (
    Address,
    Certificate,
    ContactPoint,
    FileItem,
    Note,
    Party,
    Relation,
)
from zhike.customers.queries import CUSTOMERS
from zhike.kernel import actions as kernel_actions
from zhike.kernel import rows
from zhike.kernel.actions import deed, deeds, run
from zhike.kernel.actor import Context
from zhike.kernel.doors import problem
from zhike.kernel.errors import NotFound, Refusal
from zhike.kernel.models import Share
from zhike.kernel.text import as_json

pytestmark = pytest.mark.django_db
Payload = Callable[[Company, UUID], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """How an action is asked for about one record, and what else it takes than the permission and the row."""

    payload: Payload
    access: str = "write"
    writes: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    also: str = ""
    done: tuple[int, ...] = (200,)


def _item(model: Any, name: str, **only: Any) -> Callable[[UUID], dict[str, Any]]:
    def find(record: UUID) -> dict[str, Any]:
        return {name: str(model.objects.filter(party=record, **only).order_by("id").first().pk)}

    return find


_phone = _item(ContactPoint, "contact", kind="phone")
_address, _file = _item(Address, "address"), _item(FileItem, "file")
_note, _certificate = _item(Note, "note"), _item(Certificate, "certificate")


def _relation(record: UUID) -> dict[str, Any]:
    return {"relation": str(Relation.objects.filter(source=record).order_by("id").first().pk)}  # type: ignore[union-attr]


def _on(extra: Callable[[UUID], dict[str, Any]] | None = None, **fixed: Any) -> Payload:
    """A payload about one customer: its id, an item of its own, and fixed values."""
    return lambda company, record: {"customer": str(record), **(extra(record) if extra else {}), **fixed}


def _many(**fixed: Any) -> Payload:
    return lambda company, record: {"customers": [str(record)], **fixed}


def _twin(company: Company, record: UUID) -> UUID:
    """Another record under exactly the same rights."""
    row = company.rows[record]
    made = create(company.world.context(), "双生", owner=row.owner, unit=row.unit).id
    Party.objects.filter(pk=made).update(owner_id=row.owner, unit_id=row.unit)
    for grantee, may in row.shares.items():
        Share.objects.create(
            resource="customers", record_id=made, grantee_id=grantee, may_write=may, created_at=NOW
        )
    return made


def _with_twin(key: str, other: str, **fixed: Any) -> Payload:
    return lambda company, record: {key: str(record), other: str(_twin(company, record)), **fixed}


def _merged(company: Company, record: UUID) -> dict[str, Any]:
    return {"merge": str(merge(company.world.context(), record, _twin(company, record)).id)}


def _shared_with_auditor(company: Company, record: UUID) -> dict[str, Any]:
    return {"resource": "customers", "record": str(record), "grantee": str(company.world.auditor.id)}


CASES: dict[str, Case] = {
    "customers.update": Case(_on(changes={"name": "改了"}), writes=("name",)),
    "customers.add_contact": Case(_on(contact={"value": "13912345678"}), sees=("phone",)),
    "customers.change_contact": Case(_on(_phone, changes={"purpose": "work"}), sees=("phone",)),
    "customers.remove_contact": Case(_on(_phone), sees=("phone",)),
    "customers.add_address": Case(_on(address={"text": "上海市静安区南京西路1号"}), sees=("address",)),
    "customers.change_address": Case(_on(_address, changes={"purpose": "work"}), sees=("address",)),
    "customers.remove_address": Case(_on(_address), sees=("address",)),
    "customers.add_certificate": Case(_on(certificate={"number": "X7654321", "type": "other"}), sees=("certificate",)),
    "customers.remove_certificate": Case(_on(_certificate), sees=("certificate",)),
    "customers.add_file": Case(_on(name="a.txt", content="eA=="), sees=("file",)),
    "customers.remove_file": Case(_on(_file), sees=("file",)),
    "customers.add_note": Case(_on(text="新的备注"), sees=("note",)),
    "customers.classify": Case(_many(grade="key"), writes=("grade",)),
    "customers.assign": Case(_many(release=True), writes=("owner",)),
    "customers.tag": Case(_many(tags=["新标签"]), sees=("tags",)),
    "customers.untag": Case(_many(tags=["新标签"]), sees=("tags",)),
    "customers.delete": Case(_on()),
    "customers.delete_many": Case(_many()),
    "customers.set_external_id": Case(_on(source="erp", value="E-1"), writes=("external_id",)),
    "customers.relate": Case(_with_twin("customer", "other", type="referrer"), sees=("relation",)),
    "customers.unrelate": Case(_on(_relation), sees=("relation",)),
    "customers.end_relation": Case(_on(_relation, until="2026-03-01"), sees=("relation",)),
    # The new person is put beside the customer, where a share of the customer alone does not reach.
    "customers.add_key_person": Case(_on(part="decider", name="新人"), sees=("relation",)),
    "customers.merge": Case(_with_twin("survivor", "absorbed")),
    "customers.not_duplicate": Case(_with_twin("left", "right"), access="read"),
    "customers.reveal": Case(_on(field="phone", reason="客户来电"), access="read", sees=("phone",)),
    "customers.set_service_password": Case(_on(password="s3cret-word")),
    "customers.check_service_password": Case(_on(password="s3cret-word"), access="read"),
    "sharing.share": Case(_shared_with_auditor),
    "sharing.unshare": Case(_shared_with_auditor),
    "customers.unmerge": Case(_merged),
    "customers.erase": Case(_on(reason="客户来函要求")),
    "customers.change_note": Case(_on(_note, text="改过"), sees=("note",), also="customers.delete"),
    "customers.remove_note": Case(_on(_note), sees=("note",), also="customers.delete"),
    "customers.set_organisation_facts": Case(
        _on(facts=[{"key": "traits", "value": "稳健"}]), writes=("organisation",), done=(200, 422)
    ),
}  # fmt: skip
# It shows one masked value in the clear, for a reason that is kept: that is what it is for.
TELLS = {"customers.reveal"}
# Actions on customers that are about no one record that is there: the permission alone decides.
NO_RECORD = {"customers.create", "customers.find_duplicates", "customers.write_scores", "customers.restore"}


def _classes(company: Company, reader: Reader) -> Iterator[UUID]:
    """One record of every kind that makes a difference to this reader."""
    known = set()
    for record, row in company.rows.items():
        grants = {may for who, may in row.shares.items() if who == reader.id or who in reader.above()}
        kind = (
            reader.sees(row), reader.sees(row, "write"), row.owner == reader.id, row.unit == reader.unit,
            frozenset(grants), row.gone,
        )  # fmt: skip
        if kind not in known:
            known.add(kind)
            yield record


def expected(company: Company, reader: Reader, name: str, record: UUID) -> set[int]:
    """The answers that the policy allows to this request."""
    case, row = CASES[name], company.rows[record]
    if not reader.permitted(deed(name).permission):
        return {403}
    fields = all(reader.level(each) >= WRITE for each in case.writes)
    fields = fields and all(reader.level(each) >= MASKED for each in case.sees)
    fields = fields and (not case.also or reader.permitted(case.also))
    if not reader.sees(row):
        return {404} if fields else {404, 403}
    return set(case.done) if fields and reader.sees(row, case.access) else {403}


def attempt(context: Context, name: str, payload: Mapping[str, Any], watch: Watch | None = None) -> int:
    """What the action answers. What it did is taken back; a refusal has to clean up behind itself.

    A watch looks through the answer, or the refusal, for what the actor may not see.
    """
    point, status = transaction.savepoint(), 200
    try:
        said = run(name, context, payload).result
    except Refusal as refusal:
        said, status = problem(refusal), refusal.status
    else:
        transaction.savepoint_rollback(point)
    if watch is not None and name not in TELLS:
        watch.look(name, said, told=leaves(as_json(dict(payload))))
    return status


def state() -> str:
    """A digest of every row of every table of the program."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        if model.__module__.startswith("zhike.") and model._meta.managed:
            rows_of = model._base_manager.order_by("pk").values_list()
            digest.update(f"{model._meta.label}{list(rows_of)!r}".encode())
    return digest.hexdigest()


def wrong_answers(company: Company, name: str) -> list[str]:
    """What one of the people was answered against the policy, and whether a refusal left a trace."""
    reader, context = company.reader(name), company.world.context(company.people[name])
    asked = [
        (action, record, case.payload(company, record))
        for record in _classes(company, reader) if not company.rows[record].gone
        for action, case in CASES.items()
    ]  # fmt: skip
    watch = Watch(company, name)
    before, wrong = state(), []
    for action, record, payload in asked:
        answer, allowed = attempt(context, action, payload, watch), expected(company, reader, action, record)
        if answer not in allowed:
            wrong.append(f"{action} on {company.rows[record]}: {answer}, not {sorted(allowed)}")
    wrong += [f"{door} tells {what}" for door, what in watch.leaks]
    if state() != before:
        wrong.append("a refusal wrote something")
    return wrong


@pytest.mark.parametrize("name", PEOPLE)
def test_done_exactly_when_the_policy_says_so(company: Company, name: str) -> None:
    assert wrong_answers(company, name) == []


@pytest.mark.parametrize("name", PEOPLE)
def test_no_action_without_its_permission(company: Company, name: str) -> None:
    reader, context = company.reader(name), company.world.context(company.people[name])
    before = state()
    done = {
        item.name: attempt(context, item.name, {})
        for item in deeds() if item.writes and not reader.permitted(item.permission)
    }  # fmt: skip
    assert {action: answer for action, answer in done.items() if answer != 403} == {}
    assert state() == before


def test_deleted_records_are_nobodys_to_change(company: Company) -> None:
    context = company.world.context(company.world.director)
    gone = [record for record, row in company.rows.items() if row.gone]
    asked = [("customers.update", {"customer": str(each), "changes": {"name": "x"}}) for each in gone]
    assert {attempt(context, *each) for each in asked} == {404}


def test_every_action_on_a_customer_is_tried() -> None:
    known = {item.name for item in deeds() if item.writes and item.resource == CUSTOMERS.name}
    assert known - NO_RECORD <= set(CASES), "say in CASES how these are asked for and what they need"


def test_a_filter_that_takes_reading_for_writing_is_noticed(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    row_filter = rows.row_filter
    monkeypatch.setattr(rows, "row_filter", lambda actor, of, access="read": row_filter(actor, of, "read"))
    assert any("customers.update" in each for each in wrong_answers(company, "colleague"))


def test_a_refusal_that_writes_is_noticed(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(actor: Any, of: Any, record: UUID, **rest: Any) -> Any:
        Party.objects.filter(pk=record).update(industry="先写后查")
        return rows.load(actor, of, record, **rest)

    monkeypatch.setattr(records, "load", careless)
    monkeypatch.setattr(kernel_actions, "transaction", SimpleNamespace(atomic=nullcontext))
    assert "a refusal wrote something" in wrong_answers(company, "stranger")


def test_a_refusal_that_tells_too_much_is_noticed(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def talkative(actor: Any, of: Any, record: UUID, **rest: Any) -> Any:
        try:
            return rows.load(actor, of, record, **rest)
        except Refusal:
            raise NotFound(Party.objects.get(pk=record).name) from None

    monkeypatch.setattr(records, "load", talkative)
    assert any("tells name" in each for each in wrong_answers(company, "stranger"))
