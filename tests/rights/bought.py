"""The company of canaries at work: purchases in a warehouse, and the files, jobs, views and tokens of one person."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.feeds.purchase_files import HEAD, MAPPING
from tests.rights.canaries import Canary, Company, token
from tests.rights.oracle import Reader, Sight
from zhike.customers.actions import create, merge
from zhike.feeds.knowledge.feed import run_feed
from zhike.feeds.knowledge.import_actions import import_purchases
from zhike.kernel import api_tokens, views
from zhike.kernel.actions import run
from zhike.kernel.intake import keep
from zhike.kernel.models import FieldDefinition
from zhike.kernel.worker import work_on

OWNER = "manager"
# The one customer who only ever brought goods back, of 杭州部.
RETURNER = 7


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that only its owner is shown, and whoever has the permission that opens the kind."""

    text: str
    owner: UUID
    opened_by: str = ""

    def open_to(self, reader: Reader) -> bool:
        """Whether the reader may be shown it."""
        return reader.id == self.owner or bool(self.opened_by and reader.permitted(self.opened_by))


@dataclass(slots=True)
class Office:
    """The company with what its people have going on. All ids are of things of the sales manager."""

    company: Company
    view: UUID
    batch: UUID
    export: UUID
    job: UUID
    token: UUID
    purchases: UUID
    definition: UUID
    merge: UUID
    secrets: list[Secret]


def _lines(company: Company) -> Iterator[str]:
    for at, record in enumerate(company.rows):
        code = company.texts[record]["external_id"]
        for month in (1, 2):
            day = f"2026-0{month}-{1 + at % 27:02d}"
            price = f"{61_000 + at * 113 + month}.37"
            count = -1 if at == RETURNER else 1
            yield f"{token(at, 'document')}{month},{code},{day},{token(at, 'product')},{count},{price}"


def _watch_purchases(company: Company) -> None:
    """What somebody bought is theirs alone; the amounts are governed as the sum of them is."""
    for at, record in enumerate(company.rows):
        for month in (1, 2):
            company.canaries.append(Canary(record, "number", f"{token(at, 'document')}{month}"))
            company.canaries.append(Canary(record, "monetary", f"{61_000 + at * 113 + month}.37"))
        company.canaries.append(Canary(record, "number", token(at, "product")))
        company.canaries.append(Canary(record, "monetary", f"{2 * (61_000 + at * 113) + 3}.74"))


def _buy(company: Company) -> UUID:
    """Everybody's purchases, taken in by the sales manager, and fed."""
    context = company.world.context(company.people[OWNER])
    upload = keep(["\n".join([HEAD, *_lines(company), ""]).encode()])
    started = import_purchases(context, upload, "zqpurchasefile.csv", mapping=MAPPING, source="zqsource")
    assert work_on(started.job)
    run_feed(company.world.context())
    _watch_purchases(company)
    return started.id


def _upload(context: Any) -> UUID:
    text = "姓名,手机,备注\nzqimportname,13800009999,zqimportcell\n,1,zqrefusedcell\n"
    given = {"name": "zqimportfile.csv", "content": base64.b64encode(text.encode()).decode()}
    made = run("feeds.upload", context, given).result
    job = run("feeds.check", context, {"batch": made["id"]}).result["job"]
    assert work_on(UUID(job))
    return UUID(made["id"])


def _merge(company: Company) -> UUID:
    """Two records of the sales manager made one: the one that stays is a row like the others."""
    owner, system = company.people[OWNER], company.world.context()
    stays, goes = (create(system, "合并", owner=owner.id, unit=owner.unit_id).id for _n in range(2))
    company.rows[stays] = Sight(owner.id, owner.unit_id, {})
    company.texts[stays] = company.texts[next(iter(company.rows))]
    company.numbers[stays] = ""
    return merge(system, stays, goes).id


def make_office(company: Company) -> Office:
    """Purchases for everybody; a view, an import, an export, a token and a merge of the sales manager."""
    world, owner = company.world, company.people[OWNER]
    context = world.context(owner)
    purchases, batch = _buy(company), _upload(context)
    view = views.save(
        context, "customers", "zqviewname", {"field": "city", "op": "eq", "value": "zqviewvalue"}
    ).id
    export = run("feeds.export", context, {"format": "csv"}).result
    made = api_tokens.create(context, "zqtokenname", ["customers.read"])
    job = run("feeds.import_read", context, {"batch": str(batch)}).result["batch"]["job"]
    merged = _merge(company)
    secrets = [Secret(text, owner.id) for text in ("zqviewname", "zqviewvalue")]
    secrets += [
        Secret(text, owner.id, "jobs.manage")
        for text in ("zqimportfile", "zqimportname", "zqimportcell", "zqrefusedcell", "zqpurchasefile")
    ]
    secrets.append(Secret("zqtokenname", owner.id, "staff.manage"))
    return Office(
        company, view, batch, UUID(export["id"]), UUID(job), made.id, purchases,
        FieldDefinition.objects.values_list("pk", flat=True)[0], merged, secrets,
    )  # fmt: skip
