"""A long run of things, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def slices(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The things in their order, at most `size` at a time; nothing is read ahead."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
