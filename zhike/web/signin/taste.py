"""Language, theme and density belong to the person and follow them from browser to browser.

Theme and density live in cookies, so that a page never flashes. The session remembers what was last in force: a
cookie that differs from it was changed in this browser and is kept with the person; a person's choice that differs
from it was made elsewhere and is brought to this browser.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from zhike.kernel.own_account import keep_preferences
from zhike.web.preferences import DENSITIES, THEMES

_KNOWN = {"theme": THEMES, "density": DENSITIES}
_YEAR = 365 * 24 * 3600
_SESSION = "look"


def _set_cookie(response: HttpResponse, name: str, value: str) -> None:
    # Scripts change these two at once when somebody picks another look: they hold nothing secret.
    response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def give_taste(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Set a browser to the choices of the person who signs in with it."""
    for name in _KNOWN:
        _set_cookie(response, f"zhike_{name}", getattr(user, name))
    request.session[_SESSION] = {name: getattr(user, name) for name in _KNOWN}
    set_language_cookie(response, user.locale)


def set_language_cookie(response: HttpResponse, locale: str) -> None:
    """Keep the language in this browser too, for the pages before sign-in."""
    _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, locale)


def follow_taste(request: HttpRequest, user: Any) -> dict[str, str]:
    """Bring person and browser in line before the page is made; returns the cookies to set with the answer."""
    known = [code for code, _label in settings.LANGUAGES]
    if user.locale in known and translation.get_language() != user.locale:
        translation.activate(user.locale)
    request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
    last: dict[str, str] = request.session.get(_SESSION) or {name: getattr(user, name) for name in _KNOWN}
    chosen, brought = {}, {}
    for name, allowed in _KNOWN.items():
        cookie, own = request.COOKIES.get(f"zhike_{name}", ""), getattr(user, name)
        if cookie in allowed and cookie != last.get(name):
            chosen[name] = cookie
        elif own != cookie and own in allowed and (own != last.get(name) or not cookie):
            brought[f"zhike_{name}"] = request.COOKIES[f"zhike_{name}"] = own
    if chosen:
        keep_preferences(user.pk, **chosen)
    now = {name: chosen.get(name, getattr(user, name)) for name in _KNOWN}
    if request.session.get(_SESSION) != now:
        request.session[_SESSION] = now
    return brought


def bring(response: HttpResponse, cookies: dict[str, str]) -> None:
    """Set the cookies that `follow_taste` asked for."""
    for name, value in cookies.items():
        _set_cookie(response, name, value)
