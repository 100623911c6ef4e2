"""Identifiers: UUID version 7 (RFC 9562), ordered by the time they were made."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID, SafeUUID

_lock = threading.Lock()
_last = 0
_POOL = 4096
_random = b""
_used = 0
_make, _set = UUID.__new__, object.__setattr__


def _forget_random() -> None:
    """A child of fork must not give out the random bytes of its parent."""
    global _random, _used
    _random, _used = b"", 0


os.register_at_fork(after_in_child=_forget_random)


def uuid7() -> UUID:
    """A new UUIDv7. Within one process each is greater than the one before, also within a millisecond."""
    global _last, _random, _used
    with _lock:
        # 48 bits of milliseconds and 12 bits of sub-millisecond fraction form one rising counter.
        tick = (time.time_ns() << 12) // 1_000_000
        _last = tick if tick > _last else _last + 1
        tick = _last
        # Random bytes come from the system by the page: one call for each id would cost more than all the rest.
        if _used >= len(_random):
            _random, _used = os.urandom(_POOL), 0
        tail = int.from_bytes(_random[_used : _used + 8], "big")
        _used += 8
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64
    made = _make(UUID)
    # What UUID(int=…) does, without its checks of what cannot be wrong here.
    _set(made, "int", value | 0b10 << 62 | tail >> 2)
    _set(made, "is_safe", SafeUUID.unknown)
    return made
