"""The steps before an import: upload, how the file is read, its columns, the check. Each has an address of its own."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid, Refusal
from zhike.kernel.intake import stage
from zhike.web.context import context_of
from zhike.web.imports.shown import BY, load, steps

_SHOWN = 8
ENCODINGS = (
    ("utf-8", "UTF-8"), ("gb18030", "GB18030 (GBK, GB2312)"), ("big5", "Big5"), ("utf-16", "UTF-16"),
    ("cp1252", "Windows-1252"),
)  # fmt: skip


def _problem(refusal: Invalid) -> str:
    return " ".join(str(text) for texts in refusal.fields.values() for text in texts)


def upload(request: HttpRequest) -> HttpResponse:
    """The first step: choose a file or drop it."""
    context = context_of(request)
    context.require("feeds.import")
    problem = ""
    if request.method == "POST":
        try:
            sent = request.FILES.get("file")
            if sent is None:
                raise Invalid({"file": _("Choose a file.")})
            values = {
                "name": sent.name or "file",
                "staged_file": stage(sent.chunks()),
                "source": request.POST.get("source", ""),
            }
            made = run("feeds.upload", context, values).result
            return redirect("import_file", made["id"])
        except Invalid as refusal:
            problem = _problem(refusal)
    values = {"problem": problem, **steps(None, 1)}
    return render(request, "imports/upload.html", values, status=422 if problem else 200)


def file(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The second step: how the file is read, with its first rows as they are read so."""
    context = context_of(request)
    problem = ""
    if request.method == "POST":
        try:
            run("feeds.set_options", context, {"batch": str(batch), **_asked(request)})
            return redirect("import_columns" if "next" in request.POST else "import_file", batch)
        except Refusal as refusal:
            problem = _problem(refusal) if isinstance(refusal, Invalid) else str(refusal)
    shown, _job = load(context, batch)
    sample = run("feeds.import_sample", context, {"batch": str(batch), "limit": _SHOWN}).result
    delimiter = {"\t": "tab"}.get(shown.options.get("delimiter", ","), shown.options.get("delimiter", ","))
    values = {
        "batch": shown, "sample": sample, "problem": problem, "encodings": ENCODINGS, "delimiter": delimiter,
        "delimiters": ((",", _("Comma")), (";", _("Semicolon")), ("tab", _("Tab")), ("|", _("Bar"))),
        "header_row": shown.options.get("header_row") or 0, **steps(shown, 2),
    }  # fmt: skip
    return render(request, "imports/file.html", values, status=422 if problem else 200)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What was changed on the form: what is as it was is not said, so that the rest is not found anew."""
    asked: dict[str, Any] = {}
    for name in ("encoding", "delimiter", "sheet"):
        value = request.POST.get(name, "")
        if value and value != request.POST.get(f"was_{name}", ""):
            asked[name] = value
    row = request.POST.get("header_row", "").strip()
    if row and row != request.POST.get("was_header_row", ""):
        if not row.isdigit():
            raise Invalid({"header_row": _("Enter a whole number.")})
        asked["header_row"] = int(row)
    return asked


def columns(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The third step: which column is which field, and what happens to customers who are known."""
    context = context_of(request)
    shown, _job = load(context, batch)
    problem = ""
    if request.method == "POST":
        mapping = {
            column["name"]: request.POST.get(f"column_{at}") or None
            for at, column in enumerate(shown.columns)
        }
        try:
            given = {"batch": str(batch), "mapping": mapping, "rule": request.POST.get("rule") or "skip"}
            run("feeds.map", context, given)
            run("feeds.check", context, {"batch": str(batch)})
            return redirect("import_check", batch)
        except Invalid as refusal:
            problem = _problem(refusal)
            shown.columns = [{**column, "target": mapping[column["name"]]} for column in shown.columns]
    sample = run("feeds.import_sample", context, {"batch": str(batch), "limit": 5}).result
    values = {
        "batch": shown, "problem": problem, "targets": run("feeds.import_targets", context, {}).result,
        "columns": [
            {**column, "at": at, "percent": round(column["score"] * 100), "sure": column["score"] >= 0.75,
             "values": [row["cells"][at] for row in sample["rows"] if row["cells"][at]][:3]}
            for at, column in enumerate(shown.columns)
        ],
        "rules": _rules(), **steps(shown, 3),
    }  # fmt: skip
    return render(request, "imports/columns.html", values, status=422 if problem else 200)


def _rules() -> tuple[tuple[str, str, str], ...]:
    """What may happen to known customers: value, label, hint."""
    gaps = _("What is on file stays; gaps are filled, further phones and e-mails added.")
    return (
        ("skip", _("Leave the known customer as it is"), _("Only new customers come in.")),
        ("merge", _("Only fill in what is missing"), gaps),
        ("update", _("Overwrite with what the file says"), _("What the file says replaces what is on file.")),
    )


def check(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The fourth step: what would become of each row, before anything is written."""
    context = context_of(request)
    if request.method == "POST":
        run("feeds.check", context, {"batch": str(batch)})
        return redirect("import_check", batch)
    shown, job = load(context, batch)
    if shown.state not in ("checking", "previewed", "uploaded", "failed"):
        return redirect("import", batch)
    counts = shown.preview.get("counts") or {}
    verdict = request.GET.get("verdict") or ("refused" if counts.get("refused") else "new")
    verdict = verdict if verdict in ("new", "known", "refused") else "new"
    labels = (("new", _("New customers")), ("known", _("Known already")), ("refused", _("Refused rows")))
    rows = (shown.preview.get("samples") or {}).get(verdict, [])
    values = {
        "batch": shown, "job": job, "counts": counts, "verdict": verdict,
        "rows": [{**row, "by_label": BY.get(row.get("by", ""), "")} for row in rows],
        "tabs": [
            {"label": label, "url": f"?verdict={name}", "active": name == verdict, "count": f"{counts.get(name, 0):,}"}
            for name, label in labels
        ], **steps(shown, 4),
    }  # fmt: skip
    return render(request, "imports/check.html", values)


@require_safe
def example(request: HttpRequest) -> HttpResponse:
    """A small file that shows what may stand in one, in the language of the page."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    head = (
        _("Name"), _("Phone"), _("E-mail"), _("Gender"), _("Birthday"), _("Address"), _("State"), _("Grade"),
        _("Source"), _("Tags"), _("Note"),
    )  # fmt: skip
    writer.writerow(head)
    writer.writerow(
        (_("Li Ming"), "13800138000", "liming@example.com", _("Male"), "1988-03-05", _("1 Century Avenue, Shanghai"),
         _("Potential customer"), _("Grade A"), _("Web"), _("new; exhibition"), "")
    )  # fmt: skip
    writer.writerow(
        (_("Shanghai Sample Trading Co., Ltd."), "021-55558888", "info@example.cn", "", "",
         _("1 Century Avenue, Shanghai"), _("Actual customer"), _("Key account"), _("Referral"), "", "")
    )  # fmt: skip
    answer = HttpResponse(("\ufeff" + text.getvalue()).encode(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, _("customers-example.csv")) or ""
    return answer


__all__ = ["check", "columns", "example", "file", "upload"]
