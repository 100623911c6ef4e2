"""The service password: set for a customer, checked when somebody calls or signs in for the customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import StringConstraints

from zhike.customers.actions.contacts import Customer
from zhike.customers.models import ServicePassword
from zhike.customers.records import conclude, news_of, open_party, see_party
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import LimitReached
from zhike.kernel.events import announce
from zhike.kernel.saved import Saved

Password = Annotated[
    str, StringConstraints(min_length=6, max_length=64), about(gettext_lazy("Service password"))
]
MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)


@action(
    "customers.set_service_password", resource="customers", label=gettext_lazy("Set service password"),
    permission="customers.service_password",
)  # fmt: skip
def set_service_password(context: Context, customer: Customer, password: Password) -> Saved:
    """Set the password by which somebody proves the right to act for a customer. Only its hash is kept."""
    party = open_party(context, customer)
    ServicePassword.objects.update_or_create(
        party=party,
        defaults={
            "hash": make_password(password), "set_at": context.now, "failures": 0, "locked_until_at": None
        },
    )  # fmt: skip
    return conclude(context, party, "customers.service_password_set")


@action(
    "customers.check_service_password", resource="customers", label=gettext_lazy("Check service password"),
    permission="customers.service_password",
)  # fmt: skip
def check_service_password(context: Context, customer: Customer, password: Password) -> bool:
    """Whether this is the customer's service password. Five wrong tries lock it for a quarter of an hour."""
    party = see_party(context, customer)
    row = ServicePassword.objects.select_for_update().filter(party=party).first()
    if row is None:
        return False
    if row.locked_until_at is not None and row.locked_until_at > context.now:
        raise LimitReached(_("Too many wrong tries; the service password is locked for a while."))
    right = check_password(password, row.hash)
    row.failures = 0 if right else row.failures + 1
    row.locked_until_at = context.now + LOCKED_FOR if row.failures >= MOST_FAILURES else None
    if row.locked_until_at is not None:
        row.failures = 0
    row.save()
    announce(context, news_of(party, "customers.service_password_checked", data={"right": right}))
    return right
