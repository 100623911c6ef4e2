"""Half-open periods of days or moments: the start belongs to it, the end does not; None is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

Point = TypeVar("Point", date, datetime)


@dataclass(frozen=True, slots=True)
class Period(Generic[Point]):
    """From `start` (included) to `end` (excluded). Raises ValueError when it would be empty."""

    start: Point | None = None
    end: Point | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("a period must end after it starts")

    def __contains__(self, point: Point) -> bool:
        return (self.start is None or self.start <= point) and (self.end is None or point < self.end)

    def overlaps(self, other: Period[Point]) -> bool:
        """Whether some point lies in both."""
        begins = other.end is None or self.start is None or self.start < other.end
        ends = self.end is None or other.start is None or other.start < self.end
        return begins and ends
