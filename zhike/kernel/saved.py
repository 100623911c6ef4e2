"""What actions that write one record give back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Saved:
    """The record that was written and its version from now on."""

    id: UUID
    version: int
