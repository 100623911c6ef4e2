"""An import in the words and shapes of the screens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import NotFound

STATES: Mapping[str, tuple[Any, str]] = {
    "uploaded": (pgettext_lazy("import", "uploaded"), "grey"),
    "checking": (pgettext_lazy("import", "being checked"), "info"),
    "previewed": (pgettext_lazy("import", "checked"), "info"),
    "running": (pgettext_lazy("import", "running"), "info"),
    "done": (pgettext_lazy("import", "done"), "success"),
    "cancelled": (pgettext_lazy("import", "cancelled"), "warning"),
    "failed": (pgettext_lazy("import", "failed"), "danger"),
    "undoing": (pgettext_lazy("import", "being undone"), "info"),
    "undone": (pgettext_lazy("import", "undone"), "grey"),
}
BY: Mapping[str, Any] = {
    "external_id": gettext_lazy("Id in another system"), "number": gettext_lazy("Customer number"),
    "certificate": gettext_lazy("Certificate"), "phone": gettext_lazy("Phone and name"),
    "email": gettext_lazy("E-mail and name"), "name": gettext_lazy("Name and birthday or city"),
    "file": gettext_lazy("Stands in the file already"),
}  # fmt: skip
_MOMENTS = ("created_at", "started_at", "ended_at")
BUSY = ("checking", "running", "undoing")


def shown(raw: Mapping[str, Any]) -> Any:
    """An import for the templates: its values, the word and the colour of its state, its address."""
    values = {**raw, **{name: parse_datetime(raw[name]) if raw.get(name) else None for name in _MOMENTS}}
    label, tone = STATES[raw["state"]]
    return SimpleNamespace(
        **values,
        state_label=label,
        tone=tone,
        busy=raw["state"] in BUSY,
        url=address(raw),
        taken=raw["created"] + raw["updated"],
    )


def address(raw: Mapping[str, Any]) -> str:
    """Where an import goes on: the step it stands at, or its result."""
    step = {"uploaded": "import_columns", "checking": "import_check", "previewed": "import_check"}
    return reverse(step.get(raw["state"], "import"), args=[raw["id"]])


def load(context: Context, batch: UUID) -> tuple[Any, Any]:
    """An import and the job that works on it (or None). Raises NotFound."""
    page = run("feeds.import_read", context, {"batch": str(batch)}).result
    return shown(page["batch"]), bar(page["job"]) if page["job"] else None


def bar(job: Mapping[str, Any]) -> Any:
    """A job as the part `progress` shows it."""
    return SimpleNamespace(
        id=job["id"], label=job["title"], state=job["state"], done=job["done"], total=job["total"],
        rate=round(job["rate"]) if job["rate"] else None, seconds_left=job["remaining"], note=job["note"],
        error=job["error"], ended=job["ended_at"] is not None, cancelling=job["cancelling"],
    )  # fmt: skip


def steps(batch: Any, current: int) -> dict[str, Any]:
    """The steps of the wizard; those behind lead back while nothing has been brought in."""
    names = (
        (_("File"), "import_file"), (_("Mapping"), "import_columns"), (_("Check"), "import_check"),
        (_("Result"), "import"),
    )  # fmt: skip
    open_still = batch is not None and batch.state in ("uploaded", "previewed")
    entries = [{"label": _("Upload"), "url": ""}]
    entries += [
        {"label": label, "url": reverse(name, args=[batch.id]) if open_still else ""} for label, name in names
    ]
    return {"steps": entries, "step": current}


_BLOCK = 1 << 20
_WHOLE = 8 * _BLOCK


async def _blocks(path: str) -> AsyncIterator[bytes]:
    """A file block by block, read in threads so that the server goes on meanwhile."""
    handle = await sync_to_async(default_storage.open)(path)
    try:
        while block := await sync_to_async(handle.read)(_BLOCK):
            yield block
    finally:
        await sync_to_async(handle.close)()


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
