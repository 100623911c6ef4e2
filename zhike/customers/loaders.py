"""Values that a customer has several of, read for many customers at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from zhike.customers.scores import BY_NAME

# By field: whose, the value, two columns by which the values of one customer stand in order, and the figure of a score.
# Written out, as they travel in one statement.
_WAYS = {
    "roles": "SELECT 'roles', party_id, name, id, '', NULL FROM customers_role WHERE party_id",
    "certificate": "SELECT 'certificate', party_id, masked, 0, CAST(id AS TEXT), NULL FROM customers_certificate "
    "WHERE party_id",
    "address": "SELECT 'address', party_id, text, 0, '', NULL FROM customers_address WHERE is_primary AND party_id",
    "tags": "SELECT 'tags', party_id, name, 0, name, NULL FROM customers_partytag AS mark "
    "JOIN customers_tag AS tag ON tag.id = mark.tag_id WHERE party_id",
    "note": "SELECT 'note', party_id, text, 0, CAST(created_at AS TEXT) || CAST(id AS TEXT), NULL "
    "FROM customers_note WHERE party_id",
}
# All scores at once, and first: the type of their figures is that of the column.
_SCORES = "SELECT name, party_id, label, 0, '', value FROM customers_score WHERE party_id"
# Of these the last value counts, of the others all do.
_ONE = frozenset(("address", "note"))


def load(names: Collection[str], ids: Sequence[UUID]) -> Mapping[str, Mapping[UUID, Any]]:
    """By field and customer, in one statement: tags, roles and masked certificates as lists, the primary address and
    the newest note as texts, scores as figures or labels. Certificate numbers themselves are never in lists."""
    found: dict[str, dict[UUID, Any]] = {name: {} for name in names}
    if not ids or not names:
        return found
    ways = [_WAYS[name] for name in names if name in _WAYS]
    if len(ways) < len(found):
        ways.insert(0, _SCORES)
    marks = ", ".join(["%s"] * len(ids))
    uids = [each.hex for each in ids] if connection.vendor == "sqlite" else list(ids)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"{way} IN ({marks})" for way in ways), uids * len(ways))
        rows = sorted(cursor.fetchall(), key=lambda row: row[3:5])
    for name, party, value, _first, _then, figure in rows:
        whose = party if isinstance(party, UUID) else UUID(party)
        if name in _ONE:
            found[name][whose] = value
        elif name in _WAYS:
            found[name].setdefault(whose, []).append(value)
        elif name in found:
            found[name][whose] = value if BY_NAME[name].column == "label" else figure
    return found
