"""Decisions about pairs that may be one customer, and the search for them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.jobs import FIND_DUPLICATES
from zhike.customers.models import DuplicatePair, Party
from zhike.customers.records import news_of
from zhike.customers.resource import CUSTOMERS
from zhike.customers.types.words import DuplicateState
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.events import announce
from zhike.kernel.jobs import enqueue
from zhike.kernel.rows import visible


@action(
    "customers.not_duplicate", resource="customers", label=gettext_lazy("Two different customers"),
    permission="customers.duplicates",
)  # fmt: skip
def not_duplicate(
    context: Context,
    left: Annotated[UUID, about(gettext_lazy("Customer"))],
    right: Annotated[UUID, about(gettext_lazy("The other"))],
) -> None:
    """Say that two customers are not one; the pair is not proposed again."""
    if left == right:
        raise Invalid({"right": _("These are one record already.")})
    low, high = sorted((left, right))
    parties: list[Party] = list(visible(context.actor, CUSTOMERS).filter(pk__in=[low, high]).order_by("pk"))
    if len(parties) < 2:
        raise NotFound(resource=CUSTOMERS.name)
    decided = {
        "state": DuplicateState.NOT_DUPLICATE.value, "decided_by_id": context.actor.id,
        "decided_by_name": context.actor.name[:120], "decided_at": context.now,
    }  # fmt: skip
    DuplicatePair.objects.update_or_create(
        left_id=low, right_id=high, defaults=decided,
        create_defaults={**decided, "probability": 0.0, "found_at": context.now},
    )  # fmt: skip
    one, other = parties
    announce(
        context,
        news_of(one, "customers.not_duplicate", data={"other": other.pk, "other_number": other.number}),
        news_of(other, "customers.not_duplicate", data={"other": one.pk, "other_number": one.number}),
    )


@action(
    "customers.find_duplicates",
    resource="customers",
    label=gettext_lazy("Find duplicates"),
    permission="customers.merge",
)
def find_duplicates(context: Context) -> UUID:
    """Look for duplicates among all customers in the background. Returns the job."""
    return enqueue(context, FIND_DUPLICATES, {})
