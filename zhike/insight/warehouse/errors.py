"""What can go wrong in the warehouse, told so that an entrance can translate it by `reason`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from deltalake.exceptions import CommitFailedError, DeltaError

_FULL = (
    "No space left on device",
    "os error 28",
    "File too large",
    "os error 27",
    "Disk quota exceeded",
    "os error 122",
)


class WarehouseError(Exception):
    """Something the warehouse refuses or could not do; the table concerned is unchanged."""

    reason = "warehouse"


class WarehouseFull(WarehouseError):
    """The disk has no room for the write."""

    reason = "disk_full"


class WarehouseBusy(WarehouseError):
    """Another writer changed the table at the same time; repeat the call."""

    reason = "busy"


class WrongRows(WarehouseError):
    """The rows given do not fit the table; the message names the column."""

    reason = "wrong_rows"


class Source(Protocol):
    """Rows that remember what stopped them."""

    problem: Exception | None


@contextmanager
def writing(table: str, source: Source | None = None) -> Iterator[None]:
    """Turns the engine's errors into ours. Every write is one Delta commit, so an error means nothing changed.

    An error raised by the rows themselves (`source.problem`) is passed on as it was.
    """
    try:
        yield
    except WarehouseError:
        raise
    except CommitFailedError as error:
        raise WarehouseBusy(f"{table}: another writer came first, repeat the call") from error
    except (OSError, DeltaError, RuntimeError) as error:
        if source is not None and source.problem is not None:
            raise source.problem from None
        if any(sign in str(error) for sign in _FULL):
            raise WarehouseFull(f"{table}: the disk is full, the table is unchanged") from error
        raise WarehouseError(f"{table}: the write failed, the table is unchanged: {error}") from error
