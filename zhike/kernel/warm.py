"""What takes long the first time is done beside the requests, once somebody who may ask for it has come.

A room or an entrance says what may be prepared (`prepare`); a screen says who is there (`warm`). Only a server is armed
(`arm`), so that commands and tests start no threads, and one that nobody visits stays small.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock, Thread

from django.db import connections

from zhike.kernel.actor import Context

Loader = Callable[[Context], object]

_log = logging.getLogger(__name__)
_loaders: dict[str, Loader] = {}
_begun: set[str] = set()
_lock = Lock()
_armed = False


def prepare(permission: str, load: Loader) -> None:
    """Let `load` be called once for the first who has a permission."""
    _loaders[permission] = load


def arm() -> None:
    """From now on this process prepares."""
    global _armed
    _armed = True


def warm(context: Context) -> Thread | None:
    """Begin what the actor may need soon and nobody has prepared in this process yet."""
    if not _armed:
        return None
    with _lock:
        due = [name for name in _loaders if name not in _begun and context.actor.may(name)]
        _begun.update(due)
    if not due:
        return None
    thread = Thread(target=_load, args=(context, due), name="warm", daemon=True)
    thread.start()
    return thread


def _load(context: Context, due: list[str]) -> None:
    try:
        for name in due:
            _loaders[name](context)
    except Exception:
        # Whoever asks for it is told what is wrong; nobody asked yet.
        _log.exception("Could not prepare %s", due)
    finally:
        connections.close_all()
