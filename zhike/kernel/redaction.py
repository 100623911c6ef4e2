"""Erasing what facts say about a person, while the sealed chain of facts stays whole.

A block is sealed over the macs of its facts, not over their content. So the content can go and the mac stay: a keyed
note beside the fact says that it was erased, by which deed. Verification takes such a fact for sound, and any other
that does not fit its mac for changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q

from zhike.kernel.events import keyed, mac_of
from zhike.kernel.models import Fact, Redaction
from zhike.kernel.text import canonical, is_uuid

_AT_ONCE = 500


def _without_content(body: str) -> str:
    """The body with nothing but ids left: which fields changed, from what to what, and why, is gone."""
    data: Mapping[str, Any] = orjson.loads(body)["data"]
    ids = {name: value for name, value in data.items() if is_uuid(value)}
    return canonical({"changes": {}, "data": {**ids, "redacted": True}, "reason": ""})


def note_of(fact: Fact, by: UUID) -> str:
    """The keyed hash of a redaction: over the fact as it is left, its first mac, and the deed."""
    return keyed(f"redaction|{fact.id}|{fact.mac}|{mac_of(fact)}|{by}")


def redact(facts: Q, by: UUID) -> int:
    """Erase the content of the facts that meet a condition, in the caller's transaction; returns how many.

    `by` is the uid of the fact that says who did it and why; that one stays as it is. Safe to repeat.
    """
    done, last = 0, 0
    while rows := list(Fact.objects.filter(facts, id__gt=last).exclude(uid=by).order_by("id")[:_AT_ONCE]):
        fresh = [fact for fact in rows if fact.body != _without_content(fact.body)]
        for fact in fresh:
            fact.body = _without_content(fact.body)
        Fact.objects.bulk_update(fresh, ["body"])
        notes = [Redaction(fact=fact, by=by, mac=note_of(fact, by)) for fact in fresh]
        Redaction.objects.bulk_create(
            notes, update_conflicts=True, unique_fields=["fact"], update_fields=["by", "mac"]
        )
        done, last = done + len(fresh), rows[-1].id
    return done


def properly_redacted(facts: Iterable[Fact]) -> set[int]:
    """Those of some facts whose content was erased by a deed that is on record."""
    asked = {fact.id: fact for fact in facts}
    notes = list(Redaction.objects.filter(fact__in=list(asked)))
    deeds = set(Fact.objects.filter(uid__in={note.by for note in notes}).values_list("uid", flat=True))
    return {
        note.fact_id
        for note in notes
        if note.by in deeds and note.mac == note_of(asked[note.fact_id], note.by)
    }
