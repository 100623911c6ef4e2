"""Erasing a person: no trace of who it was in any table or file, while figures and the sealed chain of facts stay."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from deltalake import DeltaTable
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from tests.feeds.importing import HEAD, bring_in, line
from tests.feeds.purchase_files import csv_of, stored, take_in
from tests.feeds.purchase_files import house as house
from tests.installation import Installation
from tests.web.customers import signed_in
from tests.world import World
from zhike.customers.actions import (
    add_address,
    add_certificate,
    add_contact,
    add_file,
    add_note,
    change_note,
    create,
    delete,
    erase,
    merge,
    relate,
    restore,
    set_external_id,
    unmerge,
    update,
)
from zhike.customers.models import Erasure, Party
from zhike.customers.queries import CUSTOMERS, ids_by_external, recycle_bin
from zhike.customers.types import AddressDraft, CertificateDraft, ContactDraft, CustomerChanges
from zhike.customers.types.words import ContactKind, RelationType
from zhike.feeds.knowledge.feed import rebuild, run_feed
from zhike.feeds.knowledge.house import warehouse
from zhike.insight.warehouse import CUSTOMER, CUSTOMER_SCORE, PURCHASE, query
from zhike.kernel import seal as sealing
from zhike.kernel.actions import run
from zhike.kernel.audit import list_facts
from zhike.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from zhike.kernel.models import Fact, Job, Redaction
from zhike.kernel.reading import ListRequest, list_records
from zhike.kernel.seal import seal
from zhike.kernel.search import search_everything, tidy
from zhike.kernel.verify import Fault, verify
from zhike.kernel.worker import work_off

pytestmark = pytest.mark.django_db
# Each stands in one place only, so that a leak tells where it is.
CANARIES = {
    "name": "柳如是", "legal": "柳隐法定", "english": "Liu Canaria", "alias": "柳影怜", "phone": "13877001122",
    "second": "13877003344", "mail": "canary.liu@example.org", "street": "绛云楼路七十七号", "note": "爱喝龙井金丝雀",
    "changed": "改爱碧螺春金丝雀", "certificate": "E87654321", "file": "契约金丝雀.txt", "content": "正文金丝雀",
    "external": "KANARI-77", "tag": "金丝雀标签", "title": "金丝雀职务", "industry": "金丝雀行业", "twin": "柳如是副本",
    "refused": "金丝雀拒绝",
}  # fmt: skip


def a_full_life(world: World) -> UUID:
    """A customer with something in every place that the house has."""
    it, context = CANARIES, world.context(world.admin, now=timezone.now())
    made = create(context, it["name"], phone=it["phone"], tags=[it["tag"]]).id
    changes = CustomerChanges(legal_name=it["legal"], english_name=it["english"], industry=it["industry"])
    update(context, made, changes)
    update(context, made, CustomerChanges(name=it["alias"]))
    add_contact(context, made, ContactDraft(it["second"]))
    add_contact(context, made, ContactDraft(it["mail"], ContactKind.EMAIL))
    add_address(context, made, AddressDraft(it["street"]))
    add_certificate(context, made, CertificateDraft(it["certificate"], "passport"))
    note = add_note(context, made, it["note"])
    change_note(context, made, note.id, it["changed"])
    add_file(context, made, it["file"], it["content"].encode())
    set_external_id(context, made, "erp", it["external"])
    twin = create(context, it["twin"]).id
    merge(context, made, twin)
    mistaken = create(context, "无辜的人").id
    unmerge(context, merge(context, mistaken, create(context, "另一无辜").id).id)
    relate(context, made, mistaken, RelationType.REFERRER, title=it["title"])
    return made


def everything() -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{name}"')
            for row in cursor.fetchall():
                yield name, json.dumps([_text(value) for value in row], ensure_ascii=False)


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    text = str(value)
    return text.encode().decode("unicode_escape", "ignore") + text if "\\u" in text else text


def leaks(*, but: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Which canary is in which table."""
    found = {
        (table, name) for table, text in everything() for name, canary in CANARIES.items()
        if name not in but and (canary in text or canary.lower() in text)
    }  # fmt: skip
    return sorted(found)


def after_everything(world: World) -> None:
    """All that follows an erasure by itself."""
    seal(timezone.now())
    Job.objects.filter(name="customers.scrub").delete()
    work_off()
    # The scrubbing of the night needs a database of its own; this is the part of it that works within a test.
    tidy()


@pytest.fixture(autouse=True)
def own_anchors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The anchors of the chain of this test alone."""
    monkeypatch.setattr(sealing, "anchor_file", lambda: tmp_path / "seal.log")


@pytest.fixture
def life(world: World, house: Path, django_capture_on_commit_callbacks: Any) -> UUID:
    return a_full_life(world)


def test_no_table_and_no_file_knows_any_more(
    world: World, life: UUID, django_capture_on_commit_callbacks: Any
) -> None:
    context = world.context(world.admin, now=timezone.now())
    keyed = world.context(world.admin, key="once", now=timezone.now())
    run("customers.update", keyed, {"customer": str(life), "changes": {"name": CANARIES["name"]}})
    there = {name for _table, name in leaks()}
    assert there == set(CANARIES) - {"certificate", "content", "refused"}
    seal(timezone.now())
    assert verify().sound
    with django_capture_on_commit_callbacks(execute=True):
        done = erase(context, life, "客户来函要求")
    assert done.records == 2
    assert done.facts > 12
    after_everything(world)
    assert leaks() == []
    files = [path for path in Path(default_storage.path("")).rglob("*") if path.is_file()]
    assert not [path for path in files if CANARIES["content"] in path.read_bytes().decode("utf-8", "replace")]
    report = verify()
    assert (report.sound, report.redacted) == (True, done.facts)


def test_it_is_nowhere_to_be_found(world: World, life: UUID) -> None:
    context = world.context(world.admin)
    number = Party.objects.get(pk=life).number
    erase(context, life, "客户来函要求")
    for text in (CANARIES["name"], CANARIES["phone"], "1122", "lrs", number, CANARIES["certificate"]):
        assert search_everything(context, text) == []
    assert not any(row.id == life for row in list_records(context, CUSTOMERS, ListRequest()).rows)
    assert life not in {row.id for row in recycle_bin(context)}
    with pytest.raises(NotFound):
        restore(context, [life])
    with pytest.raises(NotFound):
        erase(context, life, "再来一次")
    assert signed_in(world.admin).get(f"/customers/{life}/").status_code == 404


def test_who_did_it_and_why_stays_on_record(world: World, life: UUID) -> None:
    erase(world.context(world.admin), life, "客户来函要求")
    fact = Fact.objects.get(kind="customers.erased")
    assert (fact.record_id, "客户来函要求" in fact.body, fact.actor_name) == (life, True, "管理员")
    assert not Redaction.objects.filter(fact=fact).exists()
    listed = list_facts(world.context(world.admin), resource="customers", record=life, limit=50)
    assert "customers.created" in {item.kind for item in listed}
    assert signed_in(world.admin).get("/settings/audit/").status_code == 200


def test_a_redaction_cannot_be_forged(world: World, life: UUID) -> None:
    other = create(world.context(world.admin), "旁人").id
    erase(world.context(world.admin), life, "客户来函要求")
    seal(timezone.now())
    assert verify().sound
    fact = Fact.objects.get(kind="customers.created", record_id=other)
    note = Redaction.objects.first()
    assert note is not None
    Fact.objects.filter(pk=fact.pk).update(body=note.fact.body)
    assert [found.fault for found in verify().findings] == [Fault.CHANGED]
    Redaction.objects.create(fact=fact, by=note.by, mac=note.mac)
    assert [found.fact for found in verify().findings] == [fact.pk]
    Fact.objects.filter(pk=note.fact_id).update(title="改过")
    assert {found.fact for found in verify().findings} == {fact.pk, note.fact_id}


def test_without_its_note_an_erased_fact_is_a_changed_one(world: World, life: UUID) -> None:
    erase(world.context(world.admin), life, "客户来函要求")
    Redaction.objects.all().delete()
    assert not verify().sound


def test_the_figures_stay(world: World, house: Path) -> None:
    context = world.context(world.director, now=timezone.now())
    take_in(context, csv_of())
    run_feed(context)
    before = sum(row["amount"] for row in stored())
    customer = ids_by_external("shop", ["100"])["100"]
    erase(context, customer, "客户来函要求")
    under_way = warehouse().path(PURCHASE) / "part-under-way.parquet"
    under_way.write_bytes(b"not committed yet")
    after_everything(world)
    # A writer that is at work meanwhile keeps its files.
    assert under_way.exists()
    under_way.unlink()
    for table in (CUSTOMER, CUSTOMER_SCORE, PURCHASE):
        folder = warehouse().path(table)
        in_use = {Path(uri).name for uri in DeltaTable(str(folder)).file_uris()}
        assert {path.name for path in folder.glob("*.parquet")} == in_use
    rows = stored()
    assert sum(row["amount"] for row in rows) == before
    assert [row["customer_key"] for row in rows if row["document"] in ("A1", "A4")] == [None] * 3
    assert "100" not in {row["source_customer"] for row in rows}
    known = query(warehouse(), "SELECT count(DISTINCT customer_key) AS n FROM customer").to_pylist()
    assert known == [{"n": 2}]
    rebuild(context)
    assert query(warehouse(), "SELECT count(DISTINCT customer_key) AS n FROM customer").to_pylist() == known


def test_files_that_it_came_in_and_went_out_by(
    world: World, house: Path, django_capture_on_commit_callbacks: Any
) -> None:
    context = world.context(world.admin, now=timezone.now())
    text = HEAD + line(1, 姓名=CANARIES["name"]) + line(2) + line(3, 手机=CANARIES["refused"])
    batch = bring_in(context, text)
    bring_in(context, HEAD + line(1, 姓名=CANARIES["name"], 城市="北京"), rule="update", name="again.csv")
    exported = run("feeds.export", context, {"fields": ["name"]}).result
    erase(context, Party.objects.get(name=CANARIES["name"]).pk, "客户来函要求")
    with django_capture_on_commit_callbacks(execute=True):
        after_everything(world)
    assert leaks(but=("refused",)) == []
    assert not default_storage.exists(exported["path"])
    assert not default_storage.exists(f"imports/{batch['id']}")
    run("feeds.undo", context, {"batch": batch["id"]})
    work_off()
    found = run("feeds.import_read", context, {"batch": batch["id"]}).result["batch"]
    assert (found["state"], found["undone"]["removed"]) == ("undone", 1)


def test_rights_reason_and_version(world: World, life: UUID) -> None:
    for user in (world.manager, world.rep, world.agent, world.auditor):
        with pytest.raises(NotAllowed):
            run("customers.erase", world.context(user), {"customer": str(life), "reason": "客户来函要求"})
    with pytest.raises(Invalid):
        run("customers.erase", world.context(world.admin), {"customer": str(life), "reason": ""})
    with pytest.raises(Conflict):
        erase(world.context(world.admin), life, "客户来函要求", version=1)
    assert not Erasure.objects.exists()
    delete(world.context(world.admin), life)
    with pytest.raises(NotFound):
        erase(world.context(world.director), life, "客户来函要求")
    restore(world.context(world.admin), [life])
    assert erase(world.context(world.director), life, "客户来函要求").records == 2


def test_the_menu_of_the_page_asks_first(world: World, life: UUID) -> None:
    client = signed_in(world.director)
    assert f"/customers/{life}/do/erase/" in client.get(f"/customers/{life}/").content.decode()
    assert "erase" not in signed_in(world.manager).get(f"/customers/{life}/").content.decode()
    dialog = client.get(f"/customers/{life}/do/erase/", headers={"HX-Request": "true"}).content.decode()
    assert "永久清除" in dialog
    assert client.post(f"/customers/{life}/do/erase/", {"reason": ""}).status_code == 422
    answer = client.post(
        f"/customers/{life}/do/erase/", {"reason": "客户来函要求"}, headers={"HX-Request": "true"}
    )
    assert answer.headers["HX-Redirect"] == "/customers/"
    assert Erasure.objects.filter(party=life).exists()


_LIFE = """
from types import SimpleNamespace
from zhike.customers.models import Party
from zhike.kernel.models import User
from zhike.kernel.actor import Context, system
from datetime import UTC, datetime
from tests.customers.test_erase import a_full_life
admin = User.objects.get(username="admin")
world = SimpleNamespace(admin=admin, context=lambda user, now: Context(system(), now))
print(a_full_life(world))
"""


@pytest.mark.slow
def test_the_bytes_on_the_disk(installation: Installation) -> None:
    """Every file of the home, the database's own included, once the night has scrubbed it."""
    life = installation.python(_LIFE).strip().splitlines()[-1]
    home = installation.home
    assert CANARIES["name"].encode() in b"".join(path.read_bytes() for path in home.glob("*.sqlite3*")) or (
        "DATABASE_URL" in installation.environment
    )
    installation.zhike("feed")
    installation.zhike("--as", "admin", "customers", "erase", life, "--reason", "客户来函要求")
    installation.python(
        "from django.utils import timezone\nfrom zhike.config.start import start\nstart()\n"
        "from zhike.kernel.seal import seal\n"
        "from zhike.kernel.worker import work_off\nfrom zhike.kernel.models import Job\n"
        "seal(timezone.now())\n"
        "Job.objects.update(run_after=timezone.now())\nwork_off()\n"
        "assert not Job.objects.filter(state='failed').exists(), list(Job.objects.values_list('name', 'error'))"
    )
    assert json.loads(installation.zhike("audit", "verify").stdout)["sound"]
    marks = [text.encode() for text in CANARIES.values()] + [
        base64.b64encode(CANARIES["content"].encode()), CANARIES["phone"][::-1].encode(), b"liurushi", b"liuyinglian"
    ]  # fmt: skip
    for path in (path for path in home.rglob("*") if path.is_file()):
        raw = path.read_bytes()
        assert not [mark for mark in marks if mark in raw], path


def test_every_table_of_customers_is_thought_of() -> None:
    """A new table that hangs on a party has to be erased too."""
    from zhike.customers.merging import TABLES

    by_hand = {"PastValue", "Relation", "DuplicatePair", "Merge", "Erasure", "Party"}
    known = {table.model.__name__ for table in TABLES} | by_hand
    hanging = {
        model.__name__ for model in apps.get_app_config("customers").get_models()
        if any(field.related_model is Party for field in model._meta.fields)
    }  # fmt: skip
    assert hanging <= known
