"""Files of the file store on their way to a browser."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from zhike.kernel.errors import NotFound
from zhike.kernel.intake import blocks_of

_WHOLE = 8 << 20


def _blocks(path: str) -> Iterator[bytes]:
    with default_storage.open(path) as handle:
        yield from blocks_of(handle)


def sent(path: str, name: str) -> HttpResponseBase:
    """A file of the file store as a download, small ones read whole. Raises NotFound when it is gone."""
    try:
        size = default_storage.size(path)
    except FileNotFoundError:
        raise NotFound() from None
    answer: HttpResponseBase
    if size <= _WHOLE:
        with default_storage.open(path) as handle:
            answer = HttpResponse(handle.read(), content_type="application/octet-stream")
    else:
        answer = StreamingHttpResponse(_blocks(path), content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
