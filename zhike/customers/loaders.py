"""Values that a customer has several of, read for many customers at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

# By field: whose, the value, and two columns by which the values of one customer stand in order. Written out, as they
# travel in one statement.
_WAYS = {
    "roles": "SELECT 'roles', party_id, name, id, '' FROM customers_role WHERE party_id",
    "certificate": "SELECT 'certificate', party_id, masked, 0, CAST(id AS TEXT) FROM customers_certificate "
    "WHERE party_id",
    "address": "SELECT 'address', party_id, text, 0, '' FROM customers_address WHERE is_primary AND party_id",
    "tags": "SELECT 'tags', party_id, name, 0, name FROM customers_partytag AS mark "
    "JOIN customers_tag AS tag ON tag.id = mark.tag_id WHERE party_id",
    "note": "SELECT 'note', party_id, text, 0, CAST(created_at AS TEXT) || CAST(id AS TEXT) FROM customers_note "
    "WHERE party_id",
}
# Of these the last value counts, of the others all do.
_ONE = frozenset(("address", "note"))


def load(names: Collection[str], ids: Sequence[UUID]) -> Mapping[str, Mapping[UUID, Any]]:
    """By field and customer, in one statement: tags, roles and masked certificates as lists, the primary address and
    the newest note as texts. Certificate numbers themselves are never in lists."""
    found: dict[str, dict[UUID, Any]] = {name: {} for name in names}
    if not ids or not names:
        return found
    marks = ", ".join(["%s"] * len(ids))
    sql = " UNION ALL ".join(f"{_WAYS[name]} IN ({marks})" for name in names)
    uids = [each.hex for each in ids] if connection.vendor == "sqlite" else list(ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, uids * len(names))
        rows = sorted(cursor.fetchall(), key=lambda row: row[3:])
    for name, party, value, *_order in rows:
        whose = party if isinstance(party, UUID) else UUID(party)
        if name in _ONE:
            found[name][whose] = value
        else:
            found[name].setdefault(whose, []).append(value)
    return found
