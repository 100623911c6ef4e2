"""The recycle bin: customers that were deleted, with everything that hangs on them, until they are restored."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from zhike.customers.actions.classify import Changed, Customers, Told
from zhike.customers.actions.contacts import Customer
from zhike.customers.models import Party
from zhike.customers.records import conclude, conclude_many, derive, open_parties, open_party, wanted_ids
from zhike.customers.resource import CUSTOMERS
from zhike.kernel import search
from zhike.kernel.actions import action
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotFound
from zhike.kernel.rows import row_filter
from zhike.kernel.saved import Saved


@action("customers.delete", resource="customers", label=gettext_lazy("Delete customer"), danger=True)
def delete(context: Context, customer: Customer) -> Saved:
    """Put a customer with all that belongs to it into the recycle bin."""
    party = open_party(context, customer)
    party.deleted_at = context.now
    search.remove([party.pk])
    return conclude(context, party, "customers.deleted")


@action(
    "customers.delete_many", resource="customers", label=gettext_lazy("Delete customers"),
    permission="customers.delete", danger=True, bulk=True,
)  # fmt: skip
def delete_many(context: Context, customers: Customers) -> Changed:
    """Put customers into the recycle bin."""
    parties = open_parties(context, customers)
    for party in parties:
        party.deleted_at = context.now
    search.remove([party.pk for party in parties])
    told: Told = [(party, {}) for party in parties]
    return Changed(conclude_many(context, told, "customers.deleted", ["deleted_at"]))


@action(
    "customers.restore",
    resource="customers",
    label=gettext_lazy("Restore customers"),
    permission="customers.delete",
)
def restore(context: Context, customers: Customers) -> Changed:
    """Take customers out of the recycle bin, as they were."""
    wanted = wanted_ids(customers)
    rows = Party.objects.filter(row_filter(context.actor, CUSTOMERS, "write"), deleted_at__isnull=False)
    rows = rows.filter(erasure=None)
    parties = list(rows.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",)))
    if len(parties) < len(wanted):
        raise NotFound(resource=CUSTOMERS.name)
    for party in parties:
        party.deleted_at = None
        derive(context, party)
    told: Told = [(party, {}) for party in parties]
    return Changed(conclude_many(context, told, "customers.restored", ["deleted_at", "quality"]))
