"""A company in which every cell of every customer holds a value that stands nowhere else.

Whoever finds one of these values in an answer knows which record and which field it came from. Words of closed lists
(grade, state …) cannot be unique; they are watched through the ids of the rows that a filter or a count lets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.rights.oracle import READ, Reader, Sight, reader_of
from tests.world import NOW, World, make_user, make_world
from zhike.customers import actions as do
from zhike.customers.models import DuplicatePair, Party, PastValue, Score
from zhike.customers.types import (
    AddressDraft,
    CertificateDraft,
    ContactDraft,
    CustomerChanges,
    OrganisationFactDraft,
    PartyKind,
    RelationType,
)
from zhike.kernel.actions import run
from zhike.kernel.fields import Kind
from zhike.kernel.models import Share, Unit, User

# A value that nobody is ever shown, whatever the role: certificate numbers in the clear.
NEVER = 9


@dataclass(frozen=True, slots=True)
class Canary:
    """One value of one cell. `needs` is the right on `field` from which on the value may be seen."""

    record: UUID
    field: str
    text: str
    needs: int = READ


@dataclass(slots=True)
class Company:
    """The cast, the rows with what decides about them, and all canaries."""

    world: World
    people: dict[str, User]
    rows: dict[UUID, Sight] = field(default_factory=dict)
    numbers: dict[UUID, str] = field(default_factory=dict)
    canaries: list[Canary] = field(default_factory=list)
    texts: dict[UUID, dict[str, str]] = field(default_factory=dict)
    relations: list[tuple[UUID, UUID]] = field(default_factory=list)

    def reader(self, name: str) -> Reader:
        """One of the people as the oracle sees them."""
        return reader_of(self.people[name], Unit.objects.all())

    def forbidden(self, reader: Reader) -> list[Canary]:
        """The canaries that the reader may not see anywhere."""
        seen = reader.visible(self.rows)
        return [one for one in self.canaries if one.record not in seen or reader.level(one.field) < one.needs]


def token(index: int, name: str) -> str:
    """A Latin word that stands in one cell only."""
    return f"zq{index:02d}{name}"


def han(index: int, place: int) -> str:
    """A Chinese character that stands in one name only."""
    return chr(0x5200 + index * 60 + place * 7)


def phone(index: int, place: int) -> str:
    """A mobile number of which no part of four digits is another record's end."""
    head, middle, end = (
        f"1{3 + place}{(index * 7 + place) % 10}",
        7111 + index * 13 + place * 5,
        2300 + index * 29,
    )
    return f"{head}{middle:04d}{end + place * 3:04d}"


def _define(world: World) -> None:
    for key, kind in (("zqtext", Kind.TEXT), ("zqnumber", Kind.NUMBER), ("zqday", Kind.DATE)):
        rules = {"label_zh": f"标{key}", "label_en": key}
        run(
            "fields.define",
            world.context(),
            {"resource": "customers", "key": key, "kind": kind, "rules": rules},
        )


def _cells(index: int) -> dict[str, str]:
    """What the cells of one record hold, by a name of the cell."""
    cells = {
        name: token(index, name) for name in (
            "industry", "province", "city", "district", "tags", "note", "external_id", "file", "relation",
            "relationnote", "fact", "zqtext", "past", "wechat", "changednote",
        )
    }  # fmt: skip
    return cells | {
        "name": "".join(han(index, place) for place in range(3)),
        "oldname": "".join(han(index, place) for place in range(3, 6)),
        "legal_name": f"{''.join(han(index, place) for place in range(6, 8))}{token(index, 'legal')}",
        "english_name": f"{token(index, 'given').title()} {token(index, 'family').title()}",
        "phone": phone(index, 0), "second": phone(index, 1), "oldphone": phone(index, 2),
        "email": f"{token(index, 'mail')}@{token(index, 'dom')}.example",
        "certificate": f"ZQ{index:02d}CERT{index * 7919 % 1000000:06d}{index:02d}XY",
        "street": f"{token(index, 'street')}路{index}号", "monetary": str(73_100_000 + index * 1013),
        "zqnumber": str(48_200_000 + index * 977), "zqday": str(date(1931, 1, 1) + timedelta(days=index * 17)),
        "birthday": str(date(1951, 1, 3) + timedelta(days=index * 23)),
    }  # fmt: skip


def _make(world: World, index: int, owner: User | None, unit: Unit, cells: Mapping[str, str]) -> UUID:
    """One customer with something in every cell, made and changed by the actions themselves."""
    firm = index % 2 == 0
    system = world.context(now=NOW - timedelta(days=400 - index, seconds=index * 37))
    address = AddressDraft(
        cells["street"], province=cells["province"], city=cells["city"], district=cells["district"], primary=True,
        postcode=f"{310000 + index * 17}",
    )  # fmt: skip
    facts = [OrganisationFactDraft("traits", cells["fact"])] if firm else []
    made = do.create(
        system, cells["oldname"], PartyKind.ORGANISATION if firm else PartyKind.PERSON, cells["oldphone"],
        cells["email"],
        legal_name=cells["legal_name"], english_name=cells["english_name"], industry=cells["industry"],
        birthday=date.fromisoformat(cells["birthday"]), owner=owner.id if owner else None, unit=unit.id,
        tags=[cells["tags"]], addresses=[address], facts=facts, note=cells["note"],
        contacts=[ContactDraft(cells["second"]), ContactDraft(cells["wechat"], "wechat")],
        certificates=[CertificateDraft(cells["certificate"], "other")],
        external_ids=[("zqsource", cells["external_id"])],
        custom={"zqtext": cells["zqtext"], "zqnumber": cells["zqnumber"], "zqday": cells["zqday"]},
    ).id  # fmt: skip
    do.update(system, made, CustomerChanges(name=cells["name"], phone=cells["phone"]))
    do.add_note(system, made, cells["changednote"])
    do.add_file(system, made, f"{cells['file']}.txt", b"nothing to see")
    if firm:
        do.set_organisation_facts(system, made, [OrganisationFactDraft("credit", cells["fact"] + "credit")])
    _straight(made, index, cells)
    return made


def _straight(made: UUID, index: int, cells: Mapping[str, str]) -> None:
    """Cells whose values no action would take: scores out of range, and past words."""
    today = date(2026, 3, 1)
    Score.objects.create(party_id=made, name="monetary", value=float(cells["monetary"]), as_of_date=today)
    Score.objects.create(party_id=made, name="recency_days", value=float(index), as_of_date=today)
    tier = ("platinum", "gold", "iron", "lead")[index % 4]
    Score.objects.create(party_id=made, name="value_tier", label=tier, as_of_date=today)
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=index)
    PastValue.objects.create(
        party_id=made, aspect="grade", value=cells["past"][:36], since=start, until=start + timedelta(days=3)
    )


def _watch(company: Company, made: UUID, cells: Mapping[str, str]) -> Iterator[Canary]:
    """Which texts of a record may be seen from which right on."""
    party = Party.objects.get(pk=made)
    yield Canary(made, "number", party.number)
    yield Canary(made, "number", str(made))
    for cell, governing in (
        ("name", "name"), ("oldname", "name"), ("legal_name", "name"), ("english_name", "name"),
        ("industry", "industry"), ("province", "province"), ("city", "city"), ("district", "district"),
        ("tags", "tags"), ("note", "note"), ("changednote", "note"), ("external_id", "external_id"),
        ("file", "file"), ("relation", "relation"), ("relationnote", "relation"), ("fact", "organisation"),
        ("zqtext", "zqtext"), ("zqnumber", "zqnumber"), ("zqday", "zqday"), ("past", "grade"),
        ("wechat", "social"), ("street", "address"), ("monetary", "monetary"), ("birthday", "birthday"),
    ):  # fmt: skip
        yield Canary(made, governing, cells[cell])
    yield Canary(made, "name", party.name_pinyin)
    for cell in ("name", "oldname"):
        yield Canary(made, "name", cells[cell][1:])
    for cell in ("phone", "second", "oldphone"):
        yield Canary(made, "phone", cells[cell])
        yield Canary(made, "phone", f"{cells[cell][:3]}****{cells[cell][-4:]}", 1)
    mail, _at, domain = cells["email"].partition("@")
    yield from (Canary(made, "email", mail), Canary(made, "email", domain, 1))
    number = cells["certificate"]
    yield Canary(made, "certificate", number, NEVER)
    yield Canary(made, "certificate", f"{number[:4]}**********{number[-4:]}", 1)


def _places(world: World) -> Iterator[tuple[User | None, Unit]]:
    """Every owner in every unit, where it makes a difference to somebody."""
    for unit in (world.shanghai, world.hangzhou, world.shenzhen, world.company):
        for owner in (None, world.rep, world.colleague, world.stranger, world.manager):
            yield owner, unit
    yield world.agent, world.company


def _shares(world: World) -> Iterator[tuple[Unit, UUID, bool]]:
    """Rows shared with people and units that would not see them otherwise."""
    yield world.shenzhen, world.rep.id, False
    yield world.shenzhen, world.rep.id, True
    yield world.shanghai, world.stranger.id, False
    yield world.shanghai, world.stranger.id, True
    yield world.hangzhou, world.shanghai.id, False
    yield world.shenzhen, world.east.id, True
    yield world.hangzhou, world.south.id, False


def _relate(company: Company, ids: list[UUID]) -> None:
    """A web of relations and doubtful pairs across all borders."""
    system = company.world.context()
    for at, one in enumerate(ids):
        other = ids[(at + 7) % len(ids)]
        cells = company.texts[one]
        do.relate(
            system, one, other, RelationType.REFERRER, title=cells["relation"], note=cells["relationnote"]
        )
        company.relations.append((one, other))
        left, right = sorted([one, ids[(at + 5) % len(ids)]])
        DuplicatePair.objects.create(
            left_id=left, right_id=right, probability=0.9, found_at=NOW,
            reasons=[{"field": name, "level": "same", "weight": 5.0} for name in ("phone", "name")],
        )  # fmt: skip


def make_company() -> Company:
    """Write everything into the database."""
    world = make_world()
    people = world.people() | {
        "both": make_user("both", "双角色", world.hangzhou, "sales_rep", "analyst"),
        "keeper": make_user("keeper", "第二经理", world.south, "sales_manager"),
        "homeless": make_user("homeless", "无部门", None, "sales_rep"),
    }
    company = Company(world, people)
    _define(world)
    plans: list[tuple[User | None, Unit, dict[UUID, bool]]] = [(*place, {}) for place in _places(world)]
    plans += [(None, unit, {who: may}) for unit, who, may in _shares(world)]
    plans.append((people["homeless"], world.shenzhen, {}))
    for index, (owner, unit, shares) in enumerate(plans):
        _add(company, index, owner, unit, shares)
    _relate(company, list(company.rows))
    for gone in (len(plans), len(plans) + 1):
        made = _add(company, gone, world.rep, world.shanghai, {})
        company.rows[made] = Sight(world.rep.id, world.shanghai.id, {}, gone=True)
        do.delete(world.context(), made)
    for made in company.rows:
        company.canaries += _watch(company, made, company.texts[made])
    _unlike(company)
    return company


def _add(company: Company, index: int, owner: User | None, unit: Unit, shares: dict[UUID, bool]) -> UUID:
    cells = _cells(index)
    made = _make(company.world, index, owner, unit, cells)
    company.rows[made] = Sight(owner.id if owner else None, unit.id, shares)
    company.texts[made] = cells
    company.numbers[made] = Party.objects.values_list("number", flat=True).get(pk=made)
    for grantee, may in shares.items():
        Share.objects.create(
            resource="customers", record_id=made, grantee_id=grantee, may_write=may, created_at=NOW
        )
    return made


def _unlike(company: Company) -> None:
    """A canary that lies inside another record's would prove nothing. Raises AssertionError naming both."""
    for one in company.canaries:
        for other in company.canaries:
            assert one.record == other.record or one.text not in other.text, (one, other)


def leaves(answer: Any) -> Iterator[str]:
    """Every single value of an answer, and every key, as text."""
    if isinstance(answer, Mapping):
        for key, value in answer.items():
            yield str(key)
            yield from leaves(value)
    elif isinstance(answer, list | tuple | set | frozenset):
        for value in answer:
            yield from leaves(value)
    elif isinstance(answer, float) and answer.is_integer():
        yield str(int(answer))
    elif answer is not None:
        yield str(answer)
