"""Opening, changing and concluding: the beats that all actions on a customer share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.customers.derive import CertificateTold, entry_of, known_of, primary_of
from zhike.customers.models import Address, Certificate, ContactPoint, OrganisationFact, Party, Relation
from zhike.customers.prepare import Setting
from zhike.customers.quality import score
from zhike.customers.resource import CUSTOMERS
from zhike.customers.secrecy import told_by_certificate
from zhike.customers.types.words import KEY_PERSON_TYPES, ContactKind
from zhike.kernel import search
from zhike.kernel.actor import Context
from zhike.kernel.custom import validate_custom
from zhike.kernel.errors import FieldHidden, Invalid, NotAllowed, NotFound
from zhike.kernel.events import News, announce, changes_between
from zhike.kernel.fields import check_writable
from zhike.kernel.rights import FieldRight
from zhike.kernel.rows import load, visible
from zhike.kernel.saved import Saved

# Field of the resource → column of the table, where they differ.
COLUMNS = {"owner": "owner_id", "unit": "unit_id", "phone": "primary_phone", "email": "primary_email"}
_PLACE = ("province", "city", "district")
MOST_AT_ONCE = 1000
Part = TypeVar("Part", bound=Model)
_NAMES = tuple(field.attname for field in Party._meta.concrete_fields)


def today_of(now: datetime) -> date:
    """The day of a moment where the installation is."""
    return timezone.localtime(now).date()


def setting_of(context: Context) -> Setting:
    """The circumstances in which drafts are prepared."""

    def check(values: Mapping[str, Any], record_id: UUID, record: Mapping[str, Any]) -> dict[str, Any]:
        return validate_custom(
            CUSTOMERS, values, before=None, record_id=record_id, context=context, record=record
        )

    return Setting(context.now, today_of(context.now), settings.ZHIKE_REGION, check)


def columns_of(party: Party) -> dict[str, Any]:
    """All columns of a party."""
    return {name: getattr(party, name) for name in _NAMES}


def open_party(context: Context, customer: UUID) -> Party:
    """The customer, locked for change. Raises NotFound, NotAllowed."""
    found: Party = load(context.actor, CUSTOMERS, customer)
    return found


def part_of(party: Party, model: type[Part], item: UUID) -> Part:
    """A row that hangs on the customer. Raises NotFound."""
    found = model._default_manager.filter(pk=item, party=party).first()
    if found is None:
        raise NotFound()
    return found


def wanted_ids(customers: Iterable[UUID]) -> list[UUID]:
    """The ids in their order, each once. Raises Invalid for none and for too many."""
    wanted = sorted(set(customers))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise Invalid({"customers": _("Choose 1 to %(most)s customers.") % {"most": MOST_AT_ONCE}})
    return wanted


def open_parties(context: Context, customers: Iterable[UUID]) -> list[Party]:
    """Several customers, locked for change in the order of their ids. Raises NotFound, NotAllowed, Invalid."""
    wanted = wanted_ids(customers)
    rows = visible(context.actor, CUSTOMERS, "write").filter(pk__in=wanted).order_by("pk")
    found = list(rows.select_for_update(of=("self",)))
    if len(found) < len(wanted):
        missing = set(wanted) - {party.pk for party in found}
        readable = visible(context.actor, CUSTOMERS).filter(pk__in=missing).count() == len(missing)
        raise (NotAllowed if readable else NotFound)(resource=CUSTOMERS.name)
    return found


def see_party(context: Context, customer: UUID) -> Party:
    """The customer, only to be read. Raises NotFound."""
    found: Party = load(context.actor, CUSTOMERS, customer, access="read", lock=False)
    return found


def require_seen(context: Context, *names: str) -> None:
    """Raise FieldHidden unless none of these lines of roles.yaml is hidden from the actor.

    What hangs on a customer (contact points, certificates, notes …) is written by whoever has the permission of
    its action; the line of the field says how much of it is seen, and what is hidden cannot be written either.
    """
    for name in names:
        if context.actor.rights.field(CUSTOMERS.name, name) == FieldRight.HIDDEN:
            raise FieldHidden(field=name)


def require_writable(context: Context, names: Iterable[str]) -> None:
    """Raise FieldHidden unless the actor may write all these fields."""
    check_writable(context.actor, CUSTOMERS, names)


def derive(context: Context, party: Party) -> None:
    """Bring what a party repeats of its contact points and addresses, its quality and its search entry up to date."""
    contacts = list(ContactPoint.objects.filter(party=party))
    home = Address.objects.filter(party=party, is_primary=True).first()
    certificates = list(Certificate.objects.filter(party=party))
    party.primary_phone = primary_of(contacts, ContactKind.PHONE.value)
    party.primary_email = primary_of(contacts, ContactKind.EMAIL.value)
    party.province, party.city, party.district = (
        (home.province, home.city, home.district) if home else ("", "", "")
    )
    opened = [told_by_certificate(each) for each in certificates]
    party.quality = _quality(party, contacts, home, [told for _number, told in opened], today_of(context.now))
    if party.deleted_at is None and party.merged_into_id is None:
        entry = entry_of(columns_of(party), contacts, [number for number, _told in opened])
        search.put(CUSTOMERS.name, party.pk, entry)


def _quality(
    party: Party,
    contacts: list[ContactPoint],
    home: Address | None,
    certificates: list[CertificateTold],
    today: date,
) -> int:
    firm = party.kind == "organisation"
    facts = firm and OrganisationFact.objects.filter(party=party, replaced_at=None).exists()
    people = firm and Relation.objects.filter(target=party, type__in=KEY_PERSON_TYPES).exists()
    known = known_of(
        columns_of(party), contacts, address=home is not None, certificates=certificates, today=today,
        facts=facts, people=people,
    )  # fmt: skip
    return score(known)


def touch(context: Context, party: Party) -> None:
    """One version further, changed now."""
    party.version += 1
    party.updated_at = context.now


def conclude(
    context: Context,
    party: Party,
    kind: str,
    *,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    data: Mapping[str, Any] | None = None,
    derived: bool = False,
) -> Saved:
    """Save the party one version further and announce what happened to it. `derived` renews what it repeats."""
    told = dict(changes or {})
    if derived:
        before = {name: getattr(party, name) for name in _PLACE}
        derive(context, party)
        # Where a customer is follows from its addresses; whoever reads the stream need not know how.
        told |= changes_between(before, {name: getattr(party, name) for name in _PLACE})
    touch(context, party)
    party.save()
    announce(context, news_of(party, kind, changes=told, data=data))
    return Saved(party.pk, party.version)


def conclude_many(
    context: Context,
    told: Sequence[tuple[Party, Mapping[str, tuple[Any, Any]]]],
    kind: str,
    columns: Iterable[str],
    *,
    alike: bool = False,
) -> int:
    """Save some columns of many parties one version further and announce each change. Returns how many.

    `alike`: the columns hold the same values in all of them, so that one statement is enough.
    """
    for party, _changes in told:
        touch(context, party)
    parties = [party for party, _changes in told]
    if alike and parties:
        values = {name: getattr(parties[0], name) for name in columns}
        rows = Party.objects.filter(pk__in=[party.pk for party in parties])
        rows.update(**values, version=F("version") + 1, updated_at=context.now)
    else:
        Party.objects.bulk_update(parties, [*columns, "version", "updated_at"], batch_size=200)
    announce(context, *(news_of(party, kind, changes=changes) for party, changes in told))
    return len(told)


def news_of(
    party: Party,
    kind: str,
    *,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    data: Mapping[str, Any] | None = None,
) -> News:
    """A piece of news about a customer. The title is the number: it tells nobody more than the record's place."""
    return News(kind, CUSTOMERS.name, party.pk, party.number, changes or {}, data or {})
