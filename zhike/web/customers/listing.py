"""The list of customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.customers.queries import CUSTOMERS
from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.fields import Field, right_on
from zhike.kernel.rights import FieldRight
from zhike.web.customers.choices import for_filter, vocabulary
from zhike.web.customers.sections import CHANGEABLE
from zhike.web.lists.screen import EmptyWords, Screen


def page_of(customer: UUID) -> str:
    """The address of a customer's page."""
    return reverse("customer", args=[customer])


def preview_of(customer: UUID) -> str:
    """The address of a customer's preview beside the list."""
    return reverse("customer_preview", args=[customer])


def editable(context: Context) -> frozenset[str]:
    """The fields of the list that the actor may change in their cells."""
    actor = context.actor
    named: set[str] = set()
    for name, item in CUSTOMERS.all_fields().items():
        if right_on(actor, CUSTOMERS, item) < FieldRight.WRITE:
            continue
        if (item.custom or name in CHANGEABLE) and actor.may("customers.update"):
            named.add(name)
        if name in ("owner", "unit") and actor.may("customers.assign"):
            named.add(name)
    return frozenset(named)


def save_cell(context: Context, customer: UUID, item: Field, value: Any, version: int | None) -> None:
    """Change one field of one customer. Raises Invalid, Conflict and other refusals."""
    if item.name in ("owner", "unit"):
        release = item.name == "owner" and value in ("", None)
        run(
            "customers.assign",
            context,
            {"customers": [customer], item.name: value or None, "release": release},
        )
        return
    changes = {"custom": {item.name: value}} if item.custom else {item.name: value}
    run("customers.update", context, {"customer": customer, "changes": changes, "version": version})


SCREEN = Screen(
    name="customers",
    resource=CUSTOMERS,
    empty=EmptyWords(
        _("No customers yet"),
        _(
            "Bring them in from Excel, CSV or an address book, or start with one. "
            "Rows with mistakes are kept aside, none is lost."
        ),
        "users",
    ),
    page=page_of,
    preview=preview_of,
    editable=editable,
    save_cell=save_cell,
    references=for_filter,
    vocabulary=vocabulary,
    head="customers/list_head.html",
    extras=lambda context: {
        "may_create": context.actor.may("customers.create"),
        "may_delete": context.actor.may("customers.delete"),
    },
    always=("kind", "number"),
    grouping=("country", "province", "city"),
    icons={"assign": "user-check", "tag": "tag", "untag": "tags", "classify": "adjustments", "delete_many": "trash"},
)  # fmt: skip
