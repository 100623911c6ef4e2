"""What holds for everybody signed in: a session ends, a one-time password is replaced first, the look follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.kernel.own_account import note_seen
from zhike.web.signin.taste import bring, follow_taste

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=1)
_BEGAN, _SEEN = "began_at", "seen_at"
_WITHOUT_NEW_PASSWORD = {"account_change_password", "account_logout", "set_language"}

Answer = Callable[[HttpRequest], HttpResponse]
View = TypeVar("View", bound=Callable[..., HttpResponse])


def quiet(view: View) -> View:
    """Mark a view that pages ask by themselves: it does not keep a session alive."""
    view.quiet = True  # type: ignore[attr-defined]
    return view


class SignedInMiddleware:
    """Ends sessions after 30 minutes without use or after 12 hours, and asks for a password of one's own."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Check the session before the page, set cookies after it."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = datetime.now(UTC)
        if _ended(request, now):
            logout(request)
            messages.info(request, _("You were signed out because the session was not used for a while."))
            return self.get_response(request)
        cookies = follow_taste(request, request.user)
        response = self.get_response(request)
        bring(response, cookies)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Note the use of the session; send those with a one-time password to choose their own."""
        if not request.user.is_authenticated:
            return None
        if not getattr(view, "quiet", False):
            _note_use(request, datetime.now(UTC))
        name = request.resolver_match.url_name if request.resolver_match else ""
        if not request.user.must_change_password or name in _WITHOUT_NEW_PASSWORD:
            return None
        address = reverse("account_change_password")
        if request.path.startswith("/api/"):
            return JsonResponse(
                {"title": _("Choose a password of your own first."), "status": 403}, status=403
            )
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403, headers={"HX-Redirect": address})
        request.session["first_password"] = True
        return redirect(address)


def _moment(request: HttpRequest, name: str) -> datetime | None:
    text = request.session.get(name)
    return datetime.fromisoformat(text) if text else None


def _ended(request: HttpRequest, now: datetime) -> bool:
    began, seen = _moment(request, _BEGAN), _moment(request, _SEEN)
    return bool((began and now - began >= LONGEST) or (seen and now - seen >= IDLE))


def _note_use(request: HttpRequest, now: datetime) -> None:
    """Remember the use, at most once a minute, so that reading pages does not write each time."""
    if _BEGAN not in request.session:
        request.session[_BEGAN] = now.isoformat()
    seen = _moment(request, _SEEN)
    if seen is None or now - seen >= _NOTED_EVERY:
        request.session[_SEEN] = now.isoformat()
        note_seen(request.session.session_key or "", now, get_adapter().get_client_ip(request))
