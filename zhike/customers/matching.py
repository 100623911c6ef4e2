"""Customers as the finder of duplicates sees them, and who may be meant by what somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from zhike.customers.derive import name_columns
from zhike.customers.models import Address, Certificate, ContactPoint, DuplicateRun, Party
from zhike.customers.models.party import LIVE
from zhike.customers.resource import CUSTOMERS
from zhike.insight.duplicates import Model, Pair, Record, score_candidates
from zhike.kernel.actor import Actor
from zhike.kernel.rights import FieldRight
from zhike.kernel.together import Asked, ask

# As many as are compared with a draft; more share a switchboard or a very common name.
MOST_CANDIDATES = 50
LIKELY = 0.5
_PARTS = (
    "pk", "kind", "name", "name_pinyin", "name_initials", "province", "city", "district", "birthday",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """What is known of somebody who may be on file already; contact values are normalised, `lookups` hashed."""

    name: str = ""
    kind: str = "person"
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    lookups: tuple[str, ...] = ()
    province: str = ""
    city: str = ""
    district: str = ""
    address: str = ""
    birthday: str = ""

    def record(self) -> Record:
        """The same for the finder."""
        pinyin, initials, _sort = name_columns(self.name, self.kind) if self.name else ("", "", "")
        return Record(
            "typed", self.kind, self.name or None, pinyin or None, initials or None, None, None, self.phones,
            self.emails, self.lookups, self.province or None, self.city or None, self.district or None,
            self.address or None, self.birthday or None,
        )  # fmt: skip


def parts_of(parties: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    """The columns of the finder for some parties, in their order: four statements, however many."""
    rows = list(parties.values_list(*_PARTS))
    ids = [row[0] for row in rows]
    contacts: dict[tuple[UUID, str], list[str]] = {}
    points = ContactPoint.objects.filter(party__in=ids, kind__in=("phone", "email"))
    for party, kind, value in points.values_list("party_id", "kind", "normalised"):
        contacts.setdefault((party, kind), []).append(value)
    hashes: dict[UUID, list[str]] = {}
    for party, lookup in Certificate.objects.filter(party__in=ids).values_list("party_id", "lookup"):
        hashes.setdefault(party, []).append(lookup)
    homes = dict(Address.objects.filter(party__in=ids, is_primary=True).values_list("party_id", "text"))
    for pk, kind, name, pinyin, initials, province, city, district, birthday in rows:
        yield {
            "id": str(pk), "kind": kind, "name": name, "name_pinyin": pinyin, "name_initials": initials,
            "phones": contacts.get((pk, "phone"), []), "emails": contacts.get((pk, "email"), []),
            "certificate_hashes": hashes.get(pk, []), "province": province or None, "city": city or None,
            "district": district or None, "address": homes.get(pk),
            "birth_date": birthday.isoformat() if birthday else None,
        }  # fmt: skip


def records_of(ids: Iterable[UUID]) -> list[Record]:
    """Some live customers as records of the finder."""
    found = []
    for part in parts_of(Party.objects.filter(LIVE, pk__in=list(ids))):
        part |= {name: tuple(part[name]) for name in ("phones", "emails", "certificate_hashes")}
        found.append(Record(**part))
    return found


def usable(actor: Actor, typed: Typed) -> Typed:
    """What is typed, less what the actor may not know of others: a hidden field never finds anybody."""
    right = actor.rights.field
    shown = {
        name: right(CUSTOMERS.name, name) > FieldRight.HIDDEN for name in ("phone", "email", "certificate")
    }
    return Typed(
        typed.name if right(CUSTOMERS.name, "name") >= FieldRight.READ else "", typed.kind,
        typed.phones if shown["phone"] else (), typed.emails if shown["email"] else (),
        typed.lookups if shown["certificate"] else (), typed.province, typed.city, typed.district,
        typed.address if right(CUSTOMERS.name, "address") >= FieldRight.READ else "", typed.birthday,
    )  # fmt: skip


# One statement for all ways of being found, each bounded by itself; written out, as building it took longer than
# running it. Names come from the models.
_WAYS = (
    f"SELECT party_id FROM {ContactPoint._meta.db_table} WHERE kind IN ('phone', 'email') AND normalised IN ",  # noqa: S608
    f"SELECT party_id FROM {Certificate._meta.db_table} WHERE lookup IN ",  # noqa: S608
    f"SELECT id FROM {Party._meta.db_table} WHERE deleted_at IS NULL AND merged_into_id IS NULL AND name_pinyin IN ",  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Sought:
    """Somebody who may be on file already, and the question who shares something with them."""

    typed: Typed
    answer: Asked


def seek(typed: Typed) -> Sought:
    """Ask for the live customers that share a phone, an e-mail, a certificate or the reading of the name, by indexes.

    Within `together` the question travels with what is written there.
    """
    pinyin = [name_columns(typed.name, typed.kind)[0]] if len(typed.name) > 1 else []
    sought = ([*typed.phones, *typed.emails], list(typed.lookups), pinyin)
    asked = [(way, values) for way, values in zip(_WAYS, sought, strict=True) if values]
    if not asked:
        return Sought(typed, Asked())
    parts = (
        f"SELECT * FROM ({way}({', '.join(['%s'] * len(values))}) LIMIT {MOST_CANDIDATES}) AS part"  # noqa: S608
        for way, values in asked
    )
    return Sought(typed, ask(" UNION ".join(parts), [each for _, values in asked for each in values]))


def likely(sought: Sought, *, excluding: Iterable[UUID] = (), threshold: float = LIKELY) -> list[Pair]:
    """Who on file may be meant, the likeliest first, by the weights that the last run over all records learnt."""
    rows = sought.answer.rows
    ids = {row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in rows} - set(excluding)
    if not ids:
        return []
    return score_candidates(
        sought.typed.record(), records_of(ids), model=current_model(), threshold=threshold
    )


def current_model() -> Model:
    """The weights of the last run, or those that came with the program."""
    last = DuplicateRun.objects.order_by("-id").values_list("pk", flat=True).first()
    return _model(last) if last else Model()


@lru_cache(maxsize=2)
def _model(run: UUID) -> Model:
    return Model.from_json(DuplicateRun.objects.values_list("model", flat=True).get(pk=run))


def reasons_json(pair: Pair) -> list[Mapping[str, Any]]:
    """The reasons of a pair as they are kept."""
    return [
        {"field": reason.field, "level": reason.level, "weight": round(reason.weight, 3)}
        for reason in pair.reasons
    ]


def typed_of(
    values: Mapping[str, Any], contacts: Sequence[Any], lookups: Sequence[str], address: str
) -> Typed:
    """From the rows of a prepared customer."""
    birthday = values["birthday"]
    return Typed(
        values["name"], values["kind"], tuple(row.normalised for row in contacts if row.kind == "phone"),
        tuple(row.normalised for row in contacts if row.kind == "email"), tuple(lookups), values["province"],
        values["city"], values["district"], address, birthday.isoformat() if birthday else "",
    )  # fmt: skip
