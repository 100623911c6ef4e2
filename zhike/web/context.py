"""The circumstances of a screen's request, as actions and queries want them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest

from zhike.kernel.actor import Actor, Context
from zhike.kernel.errors import NotSignedIn
from zhike.kernel.staff import actor_of

_KEY_FIELD = "idempotency_key"


def actor_behind(request: HttpRequest) -> Actor:
    """Who is signed in, read once per request. Raises NotSignedIn."""
    known: Actor | None = getattr(request, "zhike_actor", None)
    if known is None:
        if not request.user.is_authenticated:
            raise NotSignedIn()
        known = actor_of(request.user)
        request.zhike_actor = known  # type: ignore[attr-defined]
    return known


def context_of(request: HttpRequest, *, reason: str = "") -> Context:
    """Who, when, through the screen, and under which idempotency key (header, or hidden field without scripts).

    Raises NotSignedIn.
    """
    key = request.headers.get("Idempotency-Key") or request.POST.get(_KEY_FIELD) or None
    return Context(
        actor=actor_behind(request), now=datetime.now(UTC), channel="screen", key=key, reason=reason
    )
