"""What customers are found by, for making the search index anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from zhike.customers.derive import entry_of
from zhike.customers.models import Certificate, ContactPoint, Party
from zhike.customers.resource import CUSTOMERS
from zhike.customers.secrecy import open_number
from zhike.kernel.search import Entry, entries_from


def entries(ids: Sequence[UUID]) -> Mapping[UUID, Entry]:
    """The search entries of some customers, in three statements."""
    contacts: dict[UUID, list[ContactPoint]] = {}
    for row in ContactPoint.objects.filter(party__in=ids):
        contacts.setdefault(row.party_id, []).append(row)
    numbers: dict[UUID, list[str]] = {}
    papers = Certificate.objects.filter(party__in=ids)
    for party, sealed in papers.values_list("party_id", "sealed_number"):
        numbers.setdefault(party, []).append(open_number(sealed))
    parties = Party.objects.filter(pk__in=ids).values(
        "pk", "name", "legal_name", "english_name", "number", "kind"
    )
    return {
        row["pk"]: entry_of(row, contacts.get(row["pk"], []), numbers.get(row["pk"], [])) for row in parties
    }


entries_from(CUSTOMERS.name, entries)
