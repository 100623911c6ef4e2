"""Canonical JSON: one byte form for one value, for hashes and for stored facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from django.utils.functional import Promise

from zhike.kernel.money import Money

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, Decimal | Promise):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")


def canonical(value: Any) -> str:
    """JSON text with sorted keys. Takes dataclasses, pydantic models, Money, Decimal, dates, UUIDs, sets."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS).decode()


def as_json(value: Any) -> Any:
    """The value as plain JSON types (what `canonical` would write, read back)."""
    if value is None or isinstance(value, str | int | bool):
        return value.value if isinstance(value, Enum) else value
    return orjson.loads(canonical(value))


def digest(*parts: str) -> str:
    """SHA-256 of several texts, unambiguous about where one ends, as hex."""
    whole = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        whole.update(len(raw).to_bytes(8, "big"))
        whole.update(raw)
    return whole.hexdigest()


def moment(value: datetime | date) -> str:
    """ISO text of a moment or day, the same on every database (UTC, microseconds)."""
    return str(orjson.loads(orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)))


def as_uuid(value: object) -> UUID | None:
    """The UUID that a value writes; None where it writes none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def is_uuid(value: object) -> bool:
    """Whether a value writes a UUID."""
    return as_uuid(value) is not None
