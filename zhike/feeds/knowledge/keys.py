"""Customers' ids and the keys they have in the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from zhike.feeds.knowledge.models import CustomerKey
from zhike.kernel.slices import slices

_AT_ONCE = 5_000


def ensure_keys(ids: Iterable[UUID], *, import_id: UUID | None = None) -> dict[UUID, int]:
    """The keys of these customers, made where there are none. `import_id`: the import that made the customers."""
    wanted = list(dict.fromkeys(ids))
    found = keys_of(wanted)
    missing = [each for each in wanted if each not in found]
    for some in slices(missing, _AT_ONCE):
        rows = [CustomerKey(party_id=each, import_id=import_id) for each in some]
        CustomerKey.objects.bulk_create(rows, ignore_conflicts=True)
    return found | keys_of(missing)


def keys_of(ids: Iterable[UUID]) -> dict[UUID, int]:
    """The keys of those of the customers that have one."""
    found: dict[UUID, int] = {}
    for some in slices(ids, _AT_ONCE):
        found.update(CustomerKey.objects.filter(party_id__in=some).values_list("party_id", "key"))
    return found


def ids_of(keys: Iterable[int]) -> dict[int, UUID]:
    """The customers behind keys."""
    wanted = list(keys)
    if len(wanted) > 20 * _AT_ONCE:
        asked = set(wanted)
        return {key: party for key, party in _everybody() if key in asked}
    found: dict[int, UUID] = {}
    for some in slices(wanted, _AT_ONCE):
        found.update(CustomerKey.objects.filter(key__in=some).values_list("key", "party_id"))
    return found


def made_by(import_id: UUID) -> list[UUID]:
    """The customers that an import made, in the order of their keys."""
    rows = CustomerKey.objects.filter(import_id=import_id).order_by("key")
    return list(rows.values_list("party_id", flat=True))


def _everybody() -> Iterator[tuple[int, UUID]]:
    return CustomerKey.objects.order_by().values_list("key", "party_id").iterator(chunk_size=20_000)
