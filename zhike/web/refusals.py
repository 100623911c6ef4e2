"""Refusals as screens: a whole page for a visit, a message in place for a part of a page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.views import defaults

from zhike.kernel.errors import Invalid, NoRoom, NotSignedIn, Refusal, TooLarge, disk_full

Answer = Callable[[HttpRequest], HttpResponse]


class RefusalMiddleware:
    """Turns a Refusal that a view did not handle into the right page or message. It must stand last."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a Refusal and a full disk; anything else stays an error of the program."""
        if isinstance(error, OSError | DatabaseError) and disk_full(error):
            error = NoRoom()
        return refused(request, error) if isinstance(error, Refusal) else None


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer to what no view handled. A body that is too large, or for which the disk has no room, is told so."""
    error = sys.exc_info()[1]
    if isinstance(error, OSError | DatabaseError) and disk_full(error):
        error = NoRoom()
    if isinstance(error, NoRoom | TooLarge):
        _drop_upload(request)
        return _plainly(error)
    return defaults.server_error(request)


def _drop_upload(request: HttpRequest) -> None:
    """Give back the room that an upload took which did not fit."""
    for handler in request.upload_handlers:
        with suppress(OSError):
            if file := getattr(handler, "file", None):
                file.close()


def _plainly(said: Refusal) -> HttpResponse:
    """Without a look at the request, which was never read to its end, and without the database."""
    page = render_to_string("refused_plainly.html", {"said": said})
    return HttpResponse(page, status=said.status)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a refused request: sign-in for strangers, else a page or (HTMX) a message with its status."""
    if isinstance(refusal, NotSignedIn):
        return _to_sign_in(request)
    values = {"refusal": refusal, "fields": refusal.fields if isinstance(refusal, Invalid) else {}}
    template = "refusal_part.html" if request.headers.get("HX-Request") else "refusal_page.html"
    return render(request, template, values, status=refusal.status)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    url = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return redirect(url)
