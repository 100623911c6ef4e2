"""Values that every part of insight understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Days:
    """A half-open span of days: `start` belongs to it, `end` does not. Raises ValueError when it would be empty."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a period must end after it starts: {self.start} … {self.end}")


class CannotCarry(ValueError):
    """The data cannot carry the model. `reason` is a stable code, `facts` the figures that show it."""

    def __init__(self, reason: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.reason = reason
        self.facts: Mapping[str, object] = facts


class ArrowStream(Protocol):
    """Anything that hands out Arrow batches through the Arrow C stream interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
