"""Search over everything by a few characters: names, pinyin, initials, numbers, ends of phone numbers.

Every record has one entry of tokens (`put`), made from its texts by `zhike.kernel.tokens`. A query is cut into the same tokens; all of
them must be present. Both databases answer from an inverted index: PostgreSQL by GIN over a tsvector, SQLite by FTS5.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from zhike.kernel.actor import Actor
from zhike.kernel.fields import Resource


@dataclass(frozen=True, slots=True)
class Entry:
    """What one record can be found by. `names` get pinyin, `phones` are digits, `words` are found as they are."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def search_filter(actor: Actor, of: Resource, text: str) -> Q:
    """The records of a resource that a search text finds, as a filter."""
    return Q(pk__in=[])
