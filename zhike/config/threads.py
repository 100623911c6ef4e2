"""Django as an ASGI application: a WSGI application in threads that stay, one crossing of threads per request.

What takes long stays in the loop: a body is whole before a thread sees it, so that a slow client holds none, and an
answer is sent after its thread is free. Only answers that are made while they are sent keep theirs.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from zhike.kernel.errors import NoRoom, TooLarge, disk_full

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_IN_MEMORY = 1024 * 1024


class _GoneError(Exception):
    """The client went away before its body was whole."""


class _Broken(BytesIO):
    """A body that could not be kept: whoever reads it gets the error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def read(self, _size: int | None = -1, /) -> bytes:
        raise self._error

    def readline(self, _size: int | None = -1, /) -> bytes:
        raise self._error


class Threads:
    """An ASGI application that runs a WSGI one in `workers` threads. Long bodies wait in files in `folder`; of one
    that has more than `most` bytes nothing is kept."""

    def __init__(self, application: Any, workers: int, folder: Path, most: int) -> None:
        self._application = application
        self._folder = folder
        self._most = most
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="web")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request. A client that goes away in the middle of its body gets no answer."""
        try:
            part, more = await _part(receive)
            body = await self._kept(part, receive) if more else BytesIO(part)
        except _GoneError:
            return
        with body:
            loop = asyncio.get_running_loop()
            answer = _Answer(send, loop)
            work = (answer.make, self._application, _environ(scope, body))
            whole = await loop.run_in_executor(self._pool, contextvars.copy_context().run, *work)
        if whole is not None:
            await send(answer.start)
            await send({"type": "http.response.body", "body": whole})

    async def _kept(self, part: bytes, receive: Receive) -> Any:
        """A body that comes in parts, from its beginning; beyond a megabyte in a file."""
        kept: Any = SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(self._folder))  # noqa: SIM115 (closed by the caller)
        more, size = True, len(part)
        try:
            while more:
                await asyncio.to_thread(kept.write, part)
                part, more = await _part(receive)
                size += len(part)
                if size > self._most:
                    kept.close()
                    return _Broken(TooLarge())
            await asyncio.to_thread(kept.write, part)
        except OSError as error:
            kept.close()
            # Django takes an OSError here for a client that went away.
            return _Broken(NoRoom() if disk_full(error) else error)
        except BaseException:
            kept.close()
            raise
        kept.seek(0)
        return kept


async def _part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _GoneError
    return message.get("body", b""), message.get("more_body", False)


class _Answer:
    """What one request is answered with: `start`, and the whole body or its parts as they are made."""

    def __init__(self, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self.start: Message = {}
        self._send, self._loop = send, loop

    def make(self, application: Any, environ: dict[str, Any]) -> bytes | None:
        """In a thread: the whole body, or None when it was sent in parts already."""
        answered = application(environ, self._begin)
        try:
            if not getattr(answered, "streaming", True):
                return b"".join(answered)
            self._pass(self.start)
            for part in answered:
                self._pass({"type": "http.response.body", "body": part, "more_body": True})
            self._pass({"type": "http.response.body", "body": b""})
            return None
        finally:
            if hasattr(answered, "close"):
                answered.close()

    def _begin(self, status: str, headers: Sequence[tuple[str, str]], _error: Any = None) -> None:
        told = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.start = {"type": "http.response.start", "status": int(status[:3]), "headers": told}

    def _pass(self, message: Message) -> None:
        """Send from the thread, and wait: a slow reader slows the maker down."""
        asyncio.run_coroutine_threadsafe(_sent(self._send, message), self._loop).result()


async def _sent(send: Send, message: Message) -> None:
    await send(message)


@lru_cache(maxsize=512)
def _key(name: bytes) -> str | None:
    """The name of a header in the environment; None for one with an underscore, which would pass for a hyphen's."""
    if b"_" in name:
        return None
    upper = name.decode("latin-1").upper().replace("-", "_")
    return upper if upper in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{upper}"


def _environ(scope: Message, body: Any) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of an ASGI scope."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if key := _key(name):
            said = value.decode("latin-1")
            environ[key] = f"{environ[key]},{said}" if key in environ else said
    if "CONTENT_LENGTH" not in environ and not isinstance(body, _Broken):
        environ["CONTENT_LENGTH"] = str(body.seek(0, 2))
        body.seek(0)
    return environ
