"""Django in threads that stay: bodies of any length and kind arrive whole, answers leave whole or part by part."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.installation import small_disk
from zhike.config.threads import Threads
from zhike.kernel.errors import NoRoom, TooLarge

Wsgi = Callable[[dict[str, Any], Callable[..., None]], Iterable[bytes]]


class _Whole(list[bytes]):
    streaming = False


def _call(
    wsgi: Wsgi,
    folder: Path,
    parts: list[bytes],
    headers: list[tuple[bytes, bytes]] | None = None,
    most: int = 1 << 30,
) -> list[dict[str, Any]]:
    """What an ASGI server is told when it passes a request with this body on."""
    told: list[dict[str, Any]] = []
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    coming[-1]["more_body"] = False
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/文件",
        "query_string": b"a=1", "client": ("127.0.0.1", 1), "server": ("localhost", 80), "headers": headers or [],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def send(message: Any) -> None:
        told.append(message)

    asyncio.run(Threads(wsgi, 2, folder, most)(scope, receive, send))
    return told


def _echo(environ: dict[str, Any], begin: Callable[..., None]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    begin("200 OK", [("Length", environ["CONTENT_LENGTH"]), ("Path", environ["PATH_INFO"])])
    return _Whole([body[:5], str(len(body)).encode()])


@pytest.mark.parametrize("parts", [[b"short"], [b"sh", b"ort"], [b"long!" * 100_000] * 7])
def test_a_body_arrives_whole_however_long_and_in_however_many_parts(
    tmp_path: Path, parts: list[bytes]
) -> None:
    """Without a length announced (sent in chunks) it is counted."""
    start, body = _call(_echo, tmp_path, parts)
    whole = b"".join(parts)
    assert dict(start["headers"])[b"length"] == str(len(whole)).encode()
    assert dict(start["headers"])[b"path"].decode("latin-1").encode("latin-1").decode() == "/文件"
    assert body == {"type": "http.response.body", "body": whole[:5] + str(len(whole)).encode()}
    assert list(tmp_path.iterdir()) == []


def test_an_answer_in_parts_leaves_as_it_is_made(tmp_path: Path) -> None:
    class Answer:
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            yield b"one"
            yield b"two"

        def close(self) -> None:
            self.closed = True

    answer = Answer()

    def make(_environ: dict[str, Any], begin: Callable[..., None]) -> Iterable[bytes]:
        begin("206 Partial Content", [])
        return answer

    start, *parts = _call(make, tmp_path, [b""])
    assert start["status"] == 206
    assert [(part["body"], part.get("more_body", False)) for part in parts] == [
        (b"one", True), (b"two", True), (b"", False),
    ]  # fmt: skip
    assert answer.closed


def test_whoever_reads_a_body_that_did_not_fit_on_the_disk_is_told(tmp_path: Path) -> None:
    def read(environ: dict[str, Any], begin: Callable[..., None]) -> Iterable[bytes]:
        with pytest.raises(NoRoom) as told:
            environ["wsgi.input"].read(10)
        begin(f"{told.value.status} Insufficient Storage", [])
        return _Whole([b"told"])

    part = b"x" * 1_000_000
    with small_disk(tmp_path / "disk", 2_000_000) as folder:
        start, body = _call(read, folder, [part] * 4, [(b"content-length", b"4000000")])
        assert (start["status"], body["body"]) == (507, b"told")
        assert list(folder.iterdir()) == []


def test_a_body_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    def read(environ: dict[str, Any], begin: Callable[..., None]) -> Iterable[bytes]:
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(TooLarge) as told:
            environ["wsgi.input"].read(10)
        begin(f"{told.value.status} Content Too Large", [])
        return _Whole([b"told"])

    start, body = _call(read, tmp_path, [b"x" * 1_000_000] * 4, most=2_500_000)
    assert (start["status"], body["body"]) == (413, b"told")


def test_headers_come_under_their_own_names(tmp_path: Path) -> None:
    def names(environ: dict[str, Any], begin: Callable[..., None]) -> Iterable[bytes]:
        begin("200 OK", [])
        return _Whole([environ.get("HTTP_X_KEY", "").encode(), environ["CONTENT_TYPE"].encode()])

    headers = [(b"x_key", b"forged"), (b"content-type", b"text/csv"), (b"x-key", b"a"), (b"x-key", b"b")]
    _start, body = _call(names, tmp_path, [b""], headers)
    assert body["body"] == b"a,btext/csv"
