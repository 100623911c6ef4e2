"""Refusals as screens: a whole page for a visit, a message in place for a part of a page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode

from zhike.kernel.errors import Invalid, NotSignedIn, Refusal

Answer = Callable[[HttpRequest], HttpResponse]


class RefusalMiddleware:
    """Turns a Refusal that a view did not handle into the right page or message. It must stand last."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a Refusal; anything else stays an error of the program."""
        return refused(request, error) if isinstance(error, Refusal) else None


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
