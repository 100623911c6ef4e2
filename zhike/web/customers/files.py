"""Files of a customer: up and down."""

from __future__ import annotations

from base64 import b64encode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.customers.actions.files import largest_file
from zhike.customers.queries import open_file
from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid
from zhike.web.context import context_of
from zhike.web.customers.page import done
from zhike.web.lists.table import problem_text


@require_POST
def upload(request: HttpRequest, customer: UUID) -> HttpResponse:
    """Keep the file that was sent; what is wrong with it is said beside the control."""
    context = context_of(request)
    sent = request.FILES.get("content")
    try:
        if sent is None:
            raise Invalid({"content": _("Choose a file.")})
        # One byte more than may be: enough to be refused by, however much was sent.
        given = {
            "customer": customer,
            "name": sent.name,
            "content": b64encode(sent.read(largest_file() + 1)).decode(),
        }
        run("customers.add_file", context, given)
    except Invalid as refusal:
        return render(request, "customers/check.html", {"problem": problem_text(refusal)}, status=422)
    return done(request, context, customer, _("File saved."))


@require_safe
def download(request: HttpRequest, customer: UUID, file: UUID) -> HttpResponse:
    """The file as a download: never shown in the page, whatever it claims to be."""
    found = open_file(context_of(request), customer, file)
    answer = HttpResponse(found.content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
