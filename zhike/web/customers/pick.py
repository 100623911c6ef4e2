"""Finding a customer to name in a form, and the warning that somebody may be on file already."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.customers.queries import (
    NotACertificateError,
    NotAPhoneError,
    normalise_certificate,
    normalise_phone,
    show_phone,
    warn_duplicates,
)
from zhike.customers.types import PartyKind
from zhike.kernel.search import search_everything
from zhike.kernel.text import as_uuid
from zhike.web.context import context_of
from zhike.web.customers import dressed

MOST = 8


@require_safe
def pick(request: HttpRequest) -> HttpResponse:
    """Radio buttons named `name` for the customers that `q` finds, without the one in `not`."""
    context = context_of(request)
    context.require("customers.read")
    text = request.GET.get("q", "")[:200].replace("\x00", "")
    name = request.GET.get("name", "")
    passed = request.GET.get("not", "")
    found = search_everything(context, text, MOST + 1, among=["customers"]) if text.strip() else []
    shown = [each for each in found if str(each.id) != passed][:MOST]
    safe_name = name if name in ("other", "person", "absorbed") else "other"
    return render(request, "customers/picked.html", {"found": shown, "name": safe_name, "text": text.strip()})


@require_POST
def warn(request: HttpRequest) -> HttpResponse:
    """Who on file may be meant by what is typed so far: the visible ones by name, others only counted."""
    context = context_of(request)
    given = request.POST
    kind = given.get("kind", "person")
    found = warn_duplicates(
        context, given.get("name", "")[:200], PartyKind(kind if kind in PartyKind.values else "person"),
        given.get("phone", "")[:60], given.get("email", "")[:254], given.get("certificate_number", "")[:60],
        given.get("address", "")[:300], as_uuid(given.get("customer", "")),
    )  # fmt: skip
    values = {
        "twins": [dressed.twin(each) for each in found if each.other],
        "hidden": sum(1 for each in found if not each.other),
    }
    return render(request, "customers/warning.html", values)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """What one value says while it is typed: how a phone is read, whether a certificate number can be right."""
    context_of(request)
    field = request.GET.get("field", "")
    values: dict[str, Any] = {"field": field}
    if field == "phone" and (text := request.POST.get("phone", "").strip()):
        try:
            values["fine"] = show_phone(normalise_phone(text[:60], settings.ZHIKE_REGION))
        except NotAPhoneError as problem:
            values["problem"] = getattr(problem, "reason", "") or _("This is not a phone number.")
    if field == "certificate_number" and (text := request.POST.get("certificate_number", "").strip()):
        try:
            normalise_certificate(request.POST.get("certificate_type", "id_card"), text[:60])
            values["fine"] = _("The number can be right.")
        except NotACertificateError as problem:
            values["problem"] = problem.reason
    return render(request, "customers/check.html", values)
