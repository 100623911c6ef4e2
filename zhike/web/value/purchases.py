"""Bringing purchases in: a file with a preset or with its columns named, and what became of each import."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.intake import keep
from zhike.kernel.job_doors import read_job
from zhike.web.context import context_of
from zhike.web.downloads import sent
from zhike.web.jobs.shown import shown_job

_COLUMNS = (
    ("document", gettext_lazy("Document")), ("customer", gettext_lazy("Customer's code")),
    ("occurred_at", gettext_lazy("Day or moment")), ("product", gettext_lazy("Product")),
    ("description", gettext_lazy("Description")), ("quantity", gettext_lazy("Quantity")),
    ("unit_price", gettext_lazy("Price of one")), ("amount", gettext_lazy("Amount of the line")),
)  # fmt: skip


class PurchasesForm(forms.Form):
    """A file and how it is read."""

    file = forms.FileField(label=gettext_lazy("File"))
    preset = forms.ChoiceField(label=gettext_lazy("Kind of file"), required=False)
    source = forms.RegexField(
        r"^[\w.-]{0,60}$", label=gettext_lazy("Source system"), required=False,
        help_text=gettext_lazy("Customers are known by this name and their code. Letters, digits, - and _."),
    )  # fmt: skip
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$", label=gettext_lazy("Currency"), required=False, initial="CNY"
    )
    again = forms.BooleanField(label=gettext_lazy("Also if this file was imported before"), required=False)

    def __init__(self, *args: Any, presets: list[dict[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        preset = self.fields["preset"]
        assert isinstance(preset, forms.ChoiceField)
        preset.choices = [
            ("", _("Another: I name the columns")),
            *((item["name"], item[language]) for item in presets),
        ]
        for name, label in _COLUMNS:
            self.fields[f"column_{name}"] = forms.CharField(label=label, required=False, max_length=200)

    def mapping(self) -> dict[str, Any] | None:
        """The columns that were named, as the action takes them; None with a preset."""
        if self.cleaned_data["preset"]:
            return None
        fields: dict[str, Any] = {
            name: {"column": self.cleaned_data[f"column_{name}"]}
            for name, _label in _COLUMNS
            if self.cleaned_data[f"column_{name}"]
        }
        fields["currency"] = {"value": (self.cleaned_data["currency"] or "CNY").upper()}
        if "amount" in fields and "quantity" not in fields:
            fields["quantity"] = {"value": "1"}
        return {"fields": fields}


def imports(request: HttpRequest) -> HttpResponse:
    """The form and the imports so far; POST starts one."""
    context = context_of(request)
    known: list[dict[str, Any]] = run("feeds.purchase_imports", context, {}).result
    presets: list[dict[str, str]] = run("feeds.purchase_presets", context, {}).result
    form = PurchasesForm(request.POST or None, request.FILES or None, presets=presets)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("purchase_import", _started(context, form))
        except Invalid as problem:
            for name, texts in problem.fields.items():
                form.add_error(
                    "file" if name == "upload" else name if name in form.fields else None,
                    [str(text) for text in texts],
                )
    columns = [form[f"column_{name}"] for name, _label in _COLUMNS]
    values = {"form": form, "columns": columns, "imports": known}
    return render(request, "value/purchases.html", values, status=422 if form.is_bound else 200)


def _started(context: Context, form: PurchasesForm) -> str:
    given = form.cleaned_data
    wanted = {
        "upload": keep(given["file"].chunks()), "file_name": given["file"].name[-200:], "preset": given["preset"],
        "mapping": form.mapping(), "source": given["source"], "again": given["again"],
    }  # fmt: skip
    started: str = run("feeds.import_purchases", context, wanted).result["id"]
    return started


def one(request: HttpRequest, purchase_import: UUID) -> HttpResponse:
    """One import: how far it is, and what became of it."""
    context = context_of(request)
    found = run("feeds.purchase_import", context, {"purchase_import": str(purchase_import)}).result
    part = request.headers.get("HX-Request") == "true"
    template = "value/purchase_state.html" if part else "value/purchase_import.html"
    still = found["state"] in ("waiting", "running", "undoing")
    job = shown_job(read_job(context, UUID(str(found["job"])))) if still and found["job"] else None
    return render(request, template, {"found": found, "open": still, "job": job, "now": context.now})


def refused(request: HttpRequest, purchase_import: UUID) -> HttpResponseBase:
    """The rows that were refused, to be corrected and sent again. Raises NotFound."""
    found = run(
        "feeds.purchase_import", context_of(request), {"purchase_import": str(purchase_import)}
    ).result
    if not found["refused_file"]:
        raise NotFound(resource="imports")
    stem = Path(found["file_name"]).name.split(".")[0] or "purchases"
    return sent(found["refused_file"], f"{stem}-refused.csv")


@require_POST
def go_on(request: HttpRequest, purchase_import: UUID) -> HttpResponse:
    """Let an import that stopped continue."""
    run("feeds.continue_purchases", context_of(request), {"purchase_import": str(purchase_import)})
    return redirect("purchase_import", purchase_import)


@require_POST
def undo(request: HttpRequest, purchase_import: UUID) -> HttpResponse:
    """Take an import back."""
    run("feeds.undo_purchases", context_of(request), {"purchase_import": str(purchase_import)})
    return redirect("purchase_import", purchase_import)
