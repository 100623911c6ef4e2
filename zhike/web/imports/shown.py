"""An import in the words and shapes of the screens."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhike.kernel.actions import run
from zhike.kernel.actor import Context

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
    counts = _counts(raw)
    return SimpleNamespace(
        **values,
        state_label=label,
        tone=tone,
        busy=raw["state"] in BUSY,
        url=address(raw),
        taken=raw["created"] + raw["updated"],
        figures=counts,
    )


def _counts(raw: Mapping[str, Any]) -> dict[str, int | None]:
    """The figures of a list of imports: what came of the file, or what would while it was only checked."""
    if raw["state"] in ("uploaded", "checking"):
        return dict.fromkeys(("rows", "created", "updated", "matched", "refused"))
    if raw["state"] == "previewed":
        found = (raw.get("preview") or {}).get("counts") or {}
        return {
            "rows": found.get("rows"), "created": None, "updated": None, "matched": found.get("known"),
            "refused": found.get("refused"),
        }  # fmt: skip
    return {name: raw[name] for name in ("rows", "created", "updated", "matched", "refused")}


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
