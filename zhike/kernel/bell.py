"""A bell between threads of one process: whoever waits is woken when it rings."""

from __future__ import annotations

import threading


class Bell:
    """Rings are counted, so that one that comes between a look and a wait is not missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0

    @property
    def rings(self) -> int:
        """How often it has rung."""
        return self._rings

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until it has rung more often than `seen`, at most so many seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings != seen, seconds)
