"""The one view of the API: authenticate, find the deed, run it, answer in JSON."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from zhike.api.dispatch import Call, dispatch
from zhike.api.openapi import document
from zhike.kernel.actor import Actor, Context
from zhike.kernel.api_tokens import actor_of_token
from zhike.kernel.doors import problem
from zhike.kernel.errors import Invalid, NoRoom, NotAllowed, NotSignedIn, Refusal, TooLarge, disk_full
from zhike.kernel.staff import actor_of

log = logging.getLogger(__name__)
_csrf = CsrfViewMiddleware(lambda request: HttpResponse())


class Unsupported(Refusal):
    """The body is of a type that is not taken here."""

    status = 415
    code = "unsupported_media_type"
    title = translation.gettext_lazy("Send the body as application/json")


def _json(body: Any, status: int = 200, kind: str = "application/json") -> HttpResponse:
    return HttpResponse(orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS), status=status, content_type=kind)


def _actor(request: HttpRequest, now: datetime) -> Actor:
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _space, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise NotSignedIn()
        return actor_of_token(secret.strip(), now)
    if not request.user.is_authenticated:
        raise NotSignedIn()
    if request.method not in ("GET", "HEAD") and _csrf.process_view(request, _answer, (), {}) is not None:
        raise NotAllowed(_("The form has expired; reload the page and try again."))
    return actor_of(request.user)


def _body(request: HttpRequest) -> Mapping[str, Any]:
    length = int(request.headers.get("Content-Length") or 0)
    # A file within JSON is a third longer than by itself, and is not all that is said.
    if length > settings.ZHIKE_LARGEST_FILE * 4 // 3 + settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise TooLarge()
    if not length:
        return {}
    if request.content_type != "application/json":
        raise Unsupported()
    try:
        body = orjson.loads(request.read())
    except orjson.JSONDecodeError:
        raise Invalid({"body": _("This is not JSON.")}) from None
    if not isinstance(body, dict):
        raise Invalid({"body": _("Enter an object.")})
    return body


def _answer(request: HttpRequest, path: str) -> HttpResponse:
    if path == "/openapi.json":
        return _json(document())
    now = datetime.now(UTC)
    method = "GET" if request.method == "HEAD" else str(request.method)
    actor = _actor(request, now)
    key = request.headers.get("Idempotency-Key")
    context = Context(actor=actor, now=now, channel="api", key=key)
    body = _body(request) if method in ("POST", "PATCH", "PUT", "DELETE") else {}
    reply = dispatch(context, Call(method, path, request.GET.dict(), body))
    response = _json(reply.body, reply.status)
    if reply.replayed:
        response["Idempotent-Replayed"] = "true"
    if reply.allow:
        response["Allow"] = reply.allow
    return response


@csrf_exempt
def entrance(request: HttpRequest, path: str | None = None) -> HttpResponse:
    """Every request of the API. Refusals become problem documents in the caller's language."""
    language = translation.get_language_from_request(request)
    with translation.override(language):
        try:
            return _answer(request, (path or "/").rstrip("/") or "/")
        except Refusal as refusal:
            return _refused(refusal)
        except (OSError, DatabaseError) as error:
            if not disk_full(error):
                raise
            return _refused(NoRoom())


def _refused(refusal: Refusal) -> HttpResponse:
    response = _json(problem(refusal), refusal.status, "application/problem+json")
    if refusal.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if "allow" in refusal.details:
        response["Allow"] = refusal.details["allow"]
    return response
