"""Who may be the same customer: while typing, for one customer, and over all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.customers.addresses import split_address
from zhike.customers.certificates import NotACertificateError, normalise_certificate
from zhike.customers.derive import clean_name
from zhike.customers.matching import Sought, Typed, likely, reasons_json, seek, typed_of, usable
from zhike.customers.models import DuplicatePair, Party
from zhike.customers.phones import NotAPhoneError, normalise_phone
from zhike.customers.prepare import Prepared
from zhike.customers.queries.parts import duplicate_view, duplicates, right, shown_name
from zhike.customers.records import see_party
from zhike.customers.resource import CUSTOMERS
from zhike.customers.secrecy import lookup_of
from zhike.customers.types.cards import DuplicateView, PairView
from zhike.customers.types.words import CertificateType, DuplicateState, PartyKind
from zhike.insight.duplicates import Pair
from zhike.kernel.actions import about, query
from zhike.kernel.actor import Context
from zhike.kernel.rows import visible

MOST_SHOWN = 8


@query(
    "customers.warn_duplicates", resource="customers", label=gettext_lazy("On file already?"),
    permission="customers.duplicates",
)  # fmt: skip
def warn_duplicates(
    context: Context,
    name: Annotated[str, Bound(max_length=200), about(gettext_lazy("Name"))] = "",
    kind: Annotated[PartyKind, about(gettext_lazy("Person or organisation"))] = PartyKind.PERSON,
    phone: Annotated[str, Bound(max_length=60), about(gettext_lazy("Phone"))] = "",
    email: Annotated[str, Bound(max_length=254), about(gettext_lazy("E-mail"))] = "",
    certificate: Annotated[str, Bound(max_length=60), about(gettext_lazy("Certificate number"))] = "",
    address: Annotated[str, Bound(max_length=300), about(gettext_lazy("Address"))] = "",
    customer: Annotated[UUID | None, about(gettext_lazy("Not this one"))] = None,
) -> list[DuplicateView]:
    """Who on file may be meant by what is typed so far, the likeliest first.

    Of a customer that the reader may not see nothing is told but that there is one: ask an administrator.
    What is not a phone or a certificate yet is passed over.
    """
    place = split_address(address) if address.strip() else None
    typed = Typed(
        clean_name(name), kind.value, _phone(phone), (email.strip().lower(),) if "@" in email else (),
        _lookup(certificate), place.province if place else "", place.city if place else "",
        place.district if place else "", address.strip(),
    )  # fmt: skip
    pairs = likely(seek(usable(context.actor, typed)), excluding=[customer] if customer else ())[:MOST_SHOWN]
    return _views(context, pairs)


def suspect(context: Context, prepared: Prepared) -> Sought:
    """Ask who on file may be a new customer; `note_duplicates` takes the answer when it is there."""
    home = next((row.text for row in prepared.addresses if row.is_primary), "")
    lookups = [lookup_of(row.number) for row in prepared.certificates]
    return seek(usable(context.actor, typed_of(prepared.party, prepared.contacts, lookups, home)))


def note_duplicates(context: Context, prepared: Prepared, sought: Sought) -> tuple[DuplicateView, ...]:
    """Who on file may be a customer that was just stored; each is kept as a pair to decide."""
    pairs = likely(sought, excluding=[prepared.id])[:MOST_SHOWN]
    if not pairs:
        return ()
    rows = []
    for pair in pairs:
        left, right_id = sorted((prepared.id, UUID(pair.right)))
        rows.append(
            DuplicatePair(
                left_id=left, right_id=right_id, probability=pair.probability, reasons=reasons_json(pair),
                found_at=context.now,
            )
        )  # fmt: skip
    DuplicatePair.objects.bulk_create(rows, ignore_conflicts=True)
    return tuple(_views(context, pairs))


def _views(context: Context, pairs: Sequence[Pair]) -> list[DuplicateView]:
    """Pairs as the reader may see them."""
    mine = visible(context.actor, CUSTOMERS) if context.actor.may(CUSTOMERS.read) else Party.objects.none()
    seen: dict[UUID, Party] = mine.in_bulk([UUID(pair.right) for pair in pairs])
    return [
        duplicate_view(
            context, seen.get(UUID(pair.right)), pair.probability, [dict(r) for r in reasons_json(pair)]
        )
        for pair in pairs
    ]


def _phone(text: str) -> tuple[str, ...]:
    try:
        return (normalise_phone(text, settings.ZHIKE_REGION),) if text.strip() else ()
    except NotAPhoneError:
        return ()


def _lookup(text: str) -> tuple[str, ...]:
    try:
        return (lookup_of(normalise_certificate(CertificateType.OTHER.value, text)),) if text.strip() else ()
    except NotACertificateError:
        return ()


@query(
    "customers.duplicates_of", resource="customers", label=gettext_lazy("Possible duplicates"),
    permission="customers.duplicates",
)  # fmt: skip
def duplicates_of(
    context: Context, customer: Annotated[UUID, about(gettext_lazy("Customer"))]
) -> list[DuplicateView]:
    """The open pairs of one customer, the likeliest first."""
    return list(duplicates(context, see_party(context, customer)))


def open_pairs(context: Context) -> QuerySet[DuplicatePair]:
    """The open pairs of which the reader may see both, unordered."""
    # Asked of each pair by its keys: as a set of all that is visible the database would build it for every pair.
    mine = visible(context.actor, CUSTOMERS)
    both = [Exists(mine.filter(pk=OuterRef(side))) for side in ("left_id", "right_id")]
    return DuplicatePair.objects.filter(*both, state=DuplicateState.OPEN.value)


@query(
    "customers.duplicate_pairs", resource="customers", label=gettext_lazy("Pairs to decide"),
    permission="customers.duplicates",
)  # fmt: skip
def duplicate_pairs(
    context: Context,
    after: Annotated[UUID | None, about(gettext_lazy("After this pair"))] = None,
    limit: Annotated[int, Bound(ge=1, le=100), about(gettext_lazy("At most"))] = 20,
) -> list[PairView]:
    """Open pairs of which the reader may see both, the likeliest first; `after` is the id of the last pair seen."""
    rows = open_pairs(context)
    last = DuplicatePair.objects.filter(pk=after).first() if after else None
    if last is not None:
        rows = rows.filter(probability__lte=last.probability)
        rows = rows.filter(Q(probability__lt=last.probability) | Q(pk__lt=last.pk))
    rows = rows.select_related("left", "right").order_by("-probability", "-id")
    return [
        PairView(
            row.pk, row.left_id, row.left.number, shown_name(context, row.left.name), row.right_id, row.right.number,
            shown_name(context, row.right.name), row.probability,
            tuple(each for each in row.reasons if right(context, each["field"])), row.found_at,
        )
        for row in rows[:limit]
    ]  # fmt: skip
