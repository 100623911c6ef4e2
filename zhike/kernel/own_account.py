"""What people do with their own account, and the sessions they are signed in with.

These are not deeds of the registry: everybody may do them, for themselves alone, and sign-in is no API call. What is
worth knowing later (a sign-in, a new password, ended sessions) is a fact like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Count, F, Max
from django.utils.translation import gettext_lazy

from zhike.kernel.actions import about, action, query
from zhike.kernel.actor import Context
from zhike.kernel.events import News, announce
from zhike.kernel.models import User
from zhike.kernel.rows import load
from zhike.kernel.staff import STAFF, actor_of


@dataclass(frozen=True, slots=True)
class SessionRead:
    """One browser that somebody is signed in with. `agent` is what the browser says of itself."""

    id: int
    ip: str
    agent: str
    began_at: datetime
    seen_at: datetime


def keep_preferences(user: UUID, *, locale: str = "", theme: str = "", density: str = "") -> None:
    """Keep how somebody wants the screens; what is empty stays."""
    given = {"locale": locale, "theme": theme, "density": density}
    User.objects.filter(pk=user).update(**{name: value for name, value in given.items() if value})


def keep_list(user: UUID, name: str, part: str, value: Any) -> None:
    """Keep one part of how somebody wants a list (`view`, `widths`); an empty value forgets it."""
    with transaction.atomic():
        row = User.objects.select_for_update(of=("self",)).get(pk=user)
        kept = {**row.lists.get(name, {}), part: value}
        kept = {key: each for key, each in kept.items() if each}
        row.lists = {
            **{key: each for key, each in row.lists.items() if key != name},
            **({name: kept} if kept else {}),
        }
        row.save(update_fields=["lists"])


def choose_password(user: User, password: str, now: datetime) -> None:
    """Give somebody the password they chose themselves. It is no longer a one-time password."""
    with transaction.atomic():
        user.set_password(password)
        user.must_change_password = False
        user.version += 1
        user.save(update_fields=["password", "must_change_password", "version"])
        context = Context(actor_of(user), now, channel="screen")
        announce(context, News("staff.password_chosen", "staff", user.id, user.name))


def share_password(users: Collection[UUID], password: str, context: Context) -> None:
    """Give several people one password that is not a one-time password: for an installation people only try out."""
    encoded = make_password(password)
    with transaction.atomic():
        User.objects.filter(pk__in=users).update(
            password=encoded, must_change_password=False, version=F("version") + 1
        )
        announce(context, *(News("staff.password_chosen", "staff", user, "") for user in users))


def note_sign_in(user: User, now: datetime, *, address: str = "") -> None:
    """Put a sign-in into the stream of facts, with the network address it came from."""
    context = Context(actor_of(user), now, channel="screen")
    with transaction.atomic():
        announce(context, News("staff.signed_in", "staff", user.id, user.name, data={"address": address}))


def note_seen(session_key: str, now: datetime, address: str) -> None:
    """Remember when a session was last used, and from where."""
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=now, ip=address)


def _open_keys(users: Collection[UUID], now: datetime) -> dict[str, UserSession]:
    found = UserSession.objects.filter(user_id__in=users)
    keys = {each.session_key: each for each in found}
    live = Session.objects.filter(session_key__in=list(keys), expire_date__gt=now)
    return {key: keys[key] for key in live.values_list("session_key", flat=True)}


@query("staff.sessions", label=gettext_lazy("Sessions"), permission="staff.manage")
def sessions(
    context: Context, staff: Annotated[UUID, about(gettext_lazy("Member of staff"))]
) -> list[SessionRead]:
    """Where somebody is signed in, latest first."""
    user: User = load(context.actor, STAFF, staff, access="read", lock=False)
    rows = sorted(
        _open_keys([user.id], context.now).values(), key=lambda each: each.last_seen_at, reverse=True
    )
    return [SessionRead(row.pk, row.ip, row.user_agent, row.created_at, row.last_seen_at) for row in rows]


def log_out(rows: Iterable[UserSession]) -> int:
    """End these sessions at once; returns how many."""
    found = list(rows)
    Session.objects.filter(session_key__in=[row.session_key for row in found]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in found]).delete()
    return len(found)


@action(
    "staff.end_sessions",
    resource="staff",
    label=gettext_lazy("End all sessions"),
    permission="staff.manage",
    danger=True,
)
def end_sessions(context: Context, staff: Annotated[UUID, about(gettext_lazy("Member of staff"))]) -> int:
    """Sign somebody out everywhere, at once. Answers with the number of sessions that ended."""
    user: User = load(context.actor, STAFF, staff)
    ended = log_out(UserSession.objects.filter(user=user))
    if ended:
        announce(context, News("staff.sessions_ended", "staff", user.id, user.name, data={"sessions": ended}))
    return ended


def end_own_session(user: UUID, session: int) -> bool:
    """End one of somebody's own sessions. False when there is none of that id."""
    return bool(log_out(UserSession.objects.filter(user_id=user, pk=session)))


def last_seen(users: Collection[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """How many sessions people have and when they were last used, by id of the person, in one statement."""
    rows = UserSession.objects.filter(user_id__in=users).values("user_id").order_by()
    found = rows.annotate(number=Count("pk"), seen=Max("last_seen_at"))
    return {row["user_id"]: (row["number"], row["seen"]) for row in found}
