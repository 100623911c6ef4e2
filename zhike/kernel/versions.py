"""Optimistic versions: a stale save is refused and shows both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from zhike.kernel.errors import Conflict


class Versioned(Protocol):
    """A record with a version."""

    version: int


def check_version(
    record: Versioned, expected: int | None, *, yours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> None:
    """Raise Conflict when the caller saw an older version and the fields it wants to set differ by now.

    `expected` None means the caller did not look before (an import, an automation) and takes what is there.
    """
    if expected is None or expected == record.version:
        return
    raise Conflict(
        theirs={name: theirs.get(name) for name in yours}, yours=dict(yours), version=record.version
    )
