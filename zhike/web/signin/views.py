"""The few pages of signing in that are our own: the language switch, sessions, and the closed door of sign-up."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as switch

from zhike.kernel.own_account import end_own_session, keep_preferences
from zhike.web.signin.devices import device_name


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language of this browser, and of the person where somebody is signed in."""
    response: HttpResponse = switch(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        keep_preferences(request.user.pk, locale=chosen)
    return response


def closed(request: HttpRequest) -> HttpResponse:
    """Nobody makes an account for themselves."""
    return render(request, "account/signup_closed.html", status=403)


@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Where I am signed in; POST ends one session (`session`) or all others."""
    if request.method == "POST":
        _end(request)
        return redirect("usersessions_list")
    rows: list[dict[str, Any]] = [
        {"row": each, "device": device_name(each.user_agent), "mine": each.is_current()}
        for each in UserSession.objects.purge_and_list(request.user)
    ]
    rows.sort(key=lambda each: (each["mine"], each["row"].last_seen_at), reverse=True)
    return render(request, "usersessions/usersession_list.html", {"rows": rows})


def _end(request: HttpRequest) -> None:
    wanted = request.POST.get("session", "")
    if wanted.isdecimal():
        end_own_session(request.user.pk, int(wanted))  # type: ignore[arg-type]
        messages.success(request, _("The session has ended."))
        return
    for each in UserSession.objects.filter(user=request.user):
        if each.session_key != request.session.session_key:
            each.end()
    messages.success(request, _("All other sessions have ended."))
