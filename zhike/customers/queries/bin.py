"""The recycle bin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound

from zhike.customers.models import Party
from zhike.customers.queries.parts import shown_name
from zhike.customers.resource import CUSTOMERS
from zhike.kernel.actions import about, query
from zhike.kernel.actor import Context
from zhike.kernel.rows import row_filter


@dataclass(frozen=True, slots=True)
class BinnedView:
    """A customer in the recycle bin."""

    id: UUID
    number: str
    name: str
    kind: str
    deleted_at: datetime


@query(
    "customers.bin", resource="customers", label=gettext_lazy("Recycle bin"), permission="customers.delete"
)
def recycle_bin(
    context: Context,
    before: Annotated[datetime | None, about(gettext_lazy("Deleted before"))] = None,
    last: Annotated[UUID | None, about(gettext_lazy("After this customer"))] = None,
    limit: Annotated[int, Bound(ge=1, le=200), about(gettext_lazy("At most"))] = 50,
) -> list[BinnedView]:
    """Deleted customers that the reader may restore, the newest first; `before` and `last` are of the last one seen."""
    rows = Party.objects.filter(row_filter(context.actor, CUSTOMERS, "write"), deleted_at__isnull=False)
    rows = rows.filter(erasure=None)
    if before is not None:
        rows = rows.filter(deleted_at__lte=before)
        rows = (
            rows.filter(Q(deleted_at__lt=before) | Q(pk__lt=last))
            if last
            else rows.filter(deleted_at__lt=before)
        )
    found = rows.order_by("-deleted_at", "-pk").values_list("pk", "number", "name", "kind", "deleted_at")[
        :limit
    ]
    return [
        BinnedView(pk, number, shown_name(context, name), kind, deleted_at)
        for pk, number, name, kind, deleted_at in found
        if deleted_at is not None
    ]
