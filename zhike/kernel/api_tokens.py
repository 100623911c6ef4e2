"""Tokens for programs: shown once, kept as a hash, narrowed by scopes, with an end and a last use."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field as Bound
from pydantic import StringConstraints

from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Actor, ActorKind, Context
from zhike.kernel.errors import Invalid, NotFound, NotSignedIn
from zhike.kernel.events import News, announce
from zhike.kernel.models import ApiToken, User
from zhike.kernel.staff import actor_of

PREFIX = "zk_"
LONGEST_DAYS = 730
_SHOWN = 11
_USE_NOTED_EVERY = timedelta(minutes=1)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z_]*\*?(\.[a-z_]*\*?)?$", min_length=1, max_length=80)]


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its secret. The secret is shown once: a repeated request gets it empty."""

    id: UUID
    secret: str
    expires_at: datetime

    def to_keep(self) -> NewToken:
        """The same without the secret, as kept under the idempotency key."""
        return replace(self, secret="")


@dataclass(frozen=True, slots=True)
class TokenRead:
    """A token as its owner sees it: never the secret, only how it begins."""

    id: UUID
    name: str
    begins: str
    owner: UUID
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _visible(context: Context) -> QuerySet[ApiToken]:
    """One's own tokens; everybody's for who manages staff."""
    everything = ApiToken.objects.all()
    if context.actor.may("staff.manage"):
        return everything
    return everything.filter(user_id=context.actor.id)


@action("tokens.create", label=gettext_lazy("Create a token"))
def create(
    context: Context,
    name: Annotated[Name, about(gettext_lazy("Name"))],
    scopes: Annotated[list[Scope], Bound(min_length=1, max_length=50), about(gettext_lazy("May do"))],
    days: Annotated[int, Bound(ge=1, le=LONGEST_DAYS), about(gettext_lazy("Days until it expires"))] = 90,
) -> NewToken:
    """Make a token that acts as you, within its scopes and until it expires. Its secret is shown once."""
    if context.actor.kind not in (ActorKind.STAFF, ActorKind.INTEGRATION):
        raise Invalid({"__all__": _("Only staff have tokens.")})
    beyond = [scope for scope in scopes if not context.actor.may(scope)]
    if beyond:
        raise Invalid(
            {"scopes": _("You may not do this yourself: %(names)s.") % {"names": ", ".join(beyond)}}
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user_id=context.actor.id, name=name, prefix=secret[:_SHOWN], digest=_digest(secret),
        scopes=sorted(set(scopes)), created_at=context.now, expires_at=context.now + timedelta(days=days),
    )  # fmt: skip
    data = {"scopes": token.scopes, "expires_at": token.expires_at, "owner": context.actor.id}
    announce(context, News("tokens.created", "tokens", token.id, name, data=data))
    assert token.expires_at is not None
    return NewToken(token.id, secret, token.expires_at)


@action("tokens.revoke", label=gettext_lazy("Revoke a token"), danger=True)
def revoke(context: Context, token: Annotated[UUID, about(gettext_lazy("Token"))]) -> None:
    """End a token at once."""
    found = _visible(context).select_for_update(of=("self",)).filter(pk=token).first()
    if found is None:
        raise NotFound(resource="tokens")
    if found.revoked_at is None:
        found.revoked_at = context.now
        found.save(update_fields=["revoked_at"])
        announce(context, News("tokens.revoked", "tokens", found.id, found.name))


@query("tokens.list", label=gettext_lazy("Tokens"))
def list_tokens(context: Context) -> list[TokenRead]:
    """Your tokens, newest first; everybody's if you manage staff."""
    return [
        TokenRead(
            token.id, token.name, token.prefix, token.user_id, list(token.scopes), token.created_at,
            token.expires_at, token.last_used_at, token.revoked_at,
        )
        for token in _visible(context).order_by("-created_at", "-id")
    ]  # fmt: skip


# Asked by every request of a program: written out, as building it took longer than running it.
_TOKEN, _USER = ApiToken._meta.db_table, User._meta.db_table
_WHOSE = (
    "SELECT token.id, token.name, token.scopes, token.last_used_at IS NULL OR token.last_used_at <= %s, "  # noqa: S608
    "whose.id, whose.is_active, whose.name, whose.username, whose.roles, whose.unit_id, whose.locale "
    f"FROM {_TOKEN} AS token JOIN {_USER} AS whose ON whose.id = token.user_id "
    "WHERE token.digest = %s AND token.revoked_at IS NULL AND (token.expires_at IS NULL OR token.expires_at > %s)"
)


def actor_of_token(secret: str, now: datetime) -> Actor:
    """The actor behind a token: its user's rights narrowed by its scopes. One statement, a second when the user is in
    a unit, and once a minute a third.

    Raises NotSignedIn when the token is unknown, expired or revoked, or its user disabled.
    """
    row = _found(secret, now) if secret.startswith(PREFIX) else None
    if row is None:
        raise NotSignedIn(_("This token is unknown, expired or revoked"))
    token, name, scopes, unnoted, user, active, shown, username, roles, unit, locale = row
    actor = actor_of(
        User(
            id=_uuid(user), is_active=active, name=shown, username=username, roles=orjson.loads(roles),
            unit_id=_uuid(unit) if unit else None, locale=locale,
        )
    )  # fmt: skip
    if unnoted:
        noted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _USE_NOTED_EVERY)
        ApiToken.objects.filter(noted, pk=token).update(last_used_at=now)
    return replace(
        actor,
        kind=ActorKind.INTEGRATION,
        name=f"{actor.name} · {name}"[:120],
        scopes=frozenset(orjson.loads(scopes)),
        token=_uuid(token),
    )


def _found(secret: str, now: datetime) -> tuple[Any, ...] | None:
    stored = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE, [stored(now - _USE_NOTED_EVERY), _digest(secret), stored(now)])
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _uuid(stored: UUID | str) -> UUID:
    return stored if isinstance(stored, UUID) else UUID(stored)
