"""The recycle bin: what was deleted, and the way back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from zhike.customers.queries import recycle_bin
from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid
from zhike.kernel.text import as_uuid
from zhike.web.context import context_of
from zhike.web.toasts import toast, trigger

PAGE = 50


@require_safe
def bin_page(request: HttpRequest) -> HttpResponse:
    """The deleted customers, newest first."""
    context = context_of(request)
    found = recycle_bin(
        context, _moment(request.GET.get("before", "")), as_uuid(request.GET.get("last", "")), PAGE + 1
    )
    rows = found[:PAGE]
    more = ""
    if len(found) > PAGE:
        mark = urlencode({"before": rows[-1].deleted_at.isoformat(), "last": str(rows[-1].id)})
        more = f"{reverse('customer_bin')}?{mark}"
    values: dict[str, Any] = {"rows": rows, "next_url": more, "now": context.now, "first": not request.GET}
    return render(request, "customers/bin.html", values)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Take customers out of the bin; also how a toast takes a deletion back (`ids` in the address)."""
    context = context_of(request)
    texts = [*request.POST.getlist("ids"), *request.GET.get("ids", "").split(",")]
    ids = [found for text in texts if (found := as_uuid(text))]
    if not ids:
        raise Invalid({"ids": _("Pick at least one record.")})
    changed = int(run("customers.restore", context, {"customers": ids}).result["changed"])
    text = ngettext("%(n)d customer restored.", "%(n)d customers restored.", changed) % {"n": changed}
    if not request.headers.get("HX-Request"):
        return redirect("customer", ids[0]) if len(ids) == 1 else redirect("customer_bin")
    answer = HttpResponse(status=200)
    trigger(answer, "list:changed")
    return toast(answer, text, link_url=reverse("customer", args=[ids[0]]), link_label=_("Open"))
