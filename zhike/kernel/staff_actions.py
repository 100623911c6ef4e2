"""What administrators do with staff: create, change, disable, enable, roles, a new password."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import StringConstraints

from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, Refusal
from zhike.kernel.events import News, announce, changes_between
from zhike.kernel.models import ApiToken, Unit, User
from zhike.kernel.own_account import log_out
from zhike.kernel.rights import roles
from zhike.kernel.rows import load
from zhike.kernel.saved import Saved
from zhike.kernel.staff import STAFF
from zhike.kernel.staff_search import keep_staff
from zhike.kernel.versions import check_version

# Without the characters that are mistaken for one another when read from paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_PASSWORD_LENGTH = 16

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
UserName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=150, pattern=r"^[\w.@+-]+$"),
]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$")
]


@dataclass(frozen=True, slots=True)
class StaffPassword:
    """A member of staff with a one-time password. It is shown once: a repeated request gets it empty."""

    id: UUID
    version: int
    password: str

    def to_keep(self) -> StaffPassword:
        """The same without the password, as kept under the idempotency key."""
        return replace(self, password="")


def one_time_password() -> str:
    """A random password that its receiver has to replace at the first sign-in."""
    return "".join(secrets.choice(_LETTERS) for _letter in range(_PASSWORD_LENGTH))


def _facts(user: User) -> dict[str, Any]:
    """What of a user may stand in the stream of facts: never a password."""
    return {
        "name": user.name,
        "username": user.username,
        "email": user.email,
        "unit": user.unit_id,
        "roles": list(user.roles),
        "locale": user.locale,
        "active": user.is_active,
    }


def _checked_roles(names: Sequence[str]) -> list[str]:
    unknown = sorted(set(names) - set(roles()))
    if unknown:
        raise Invalid({"roles": _("Unknown role: %(names)s.") % {"names": ", ".join(unknown)}})
    return sorted(set(names))


def _checked_unit(unit: UUID | None) -> UUID | None:
    if unit is not None and not Unit.objects.filter(pk=unit).exists():
        raise Invalid({"unit": _("There is no such unit.")})
    return unit


def _checked_locale(locale: str) -> str:
    known = [code for code, _label in settings.LANGUAGES]
    if locale not in known:
        raise Invalid({"locale": _("Choose one of: %(expected)s.") % {"expected": ", ".join(known)}})
    return locale


def _keep_an_administrator(user: User) -> None:
    """Raise Refusal when nobody but this user could manage staff. Locks all who could."""
    managing = {name for name, role in roles().items() if role.rights.allows("staff.manage")}
    if not managing.intersection(user.roles):
        return
    active = User.objects.filter(is_active=True).order_by("id").select_for_update(of=("self",))
    if not any(managing.intersection(other.roles) for other in active if other.pk != user.pk):
        raise Refusal(_("The last administrator cannot be disabled or lose the role"))


def _end_access(user: User, context: Context) -> None:
    """End every session and token of a user at once."""
    log_out(UserSession.objects.filter(user=user))
    ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=context.now)


def _save(context: Context, user: User, kind: str, before: dict[str, Any]) -> Saved:
    """Save a changed user, announce what changed, and nothing when nothing did."""
    changes = changes_between(before, _facts(user))
    if changes:
        user.version += 1
        user.save()
        keep_staff(user)
        announce(context, News(kind, "staff", user.id, user.name, changes))
    return Saved(user.id, user.version)


def _load(context: Context, staff: UUID, version: int | None, yours: dict[str, Any]) -> User:
    user: User = load(context.actor, STAFF, staff)
    check_version(user, version, yours=yours, theirs=_facts(user))
    return user


@action(
    "staff.create", resource="staff", label=gettext_lazy("Add a member of staff"), permission="staff.manage"
)
def create(
    context: Context,
    username: Annotated[UserName, about(gettext_lazy("User name"))],
    name: Annotated[Name, about(gettext_lazy("Name"))],
    roles: Annotated[list[str], about(gettext_lazy("Roles"))],
    unit: Annotated[UUID | None, about(gettext_lazy("Unit"))] = None,
    email: Annotated[Email, about(gettext_lazy("E-mail"))] = "",
    locale: Annotated[str, about(gettext_lazy("Language"))] = "zh-hans",
) -> StaffPassword:
    """Add somebody who signs in. Answers with a password for the first sign-in, shown once."""
    password = one_time_password()
    user = User(
        username=username, name=name, email=email, unit_id=_checked_unit(unit), roles=_checked_roles(roles),
        locale=_checked_locale(locale), must_change_password=True, created_at=context.now,
    )  # fmt: skip
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise Invalid({"username": _("This user name is taken.")}) from None
    keep_staff(user)
    changes = {key: (None, value) for key, value in _facts(user).items()}
    announce(context, News("staff.created", "staff", user.id, user.name, changes))
    return StaffPassword(user.id, user.version, password)


@action(
    "staff.change",
    resource="staff",
    label=gettext_lazy("Change a member of staff"),
    permission="staff.manage",
)
def change(
    context: Context,
    staff: Annotated[UUID, about(gettext_lazy("Member of staff"))],
    name: Annotated[Name | None, about(gettext_lazy("Name"))] = None,
    email: Annotated[Email | None, about(gettext_lazy("E-mail"))] = None,
    unit: Annotated[UUID | None, about(gettext_lazy("Unit"))] = None,
    locale: Annotated[str | None, about(gettext_lazy("Language"))] = None,
    version: int | None = None,
) -> Saved:
    """Change name, e-mail, unit or language; what is not given stays."""
    given = {"name": name, "email": email, "unit": unit, "locale": locale}
    yours = {key: value for key, value in given.items() if value is not None}
    user = _load(context, staff, version, yours)
    before = _facts(user)
    user.name = user.name if name is None else name
    user.email = user.email if email is None else email
    user.unit_id = user.unit_id if unit is None else _checked_unit(unit)
    user.locale = user.locale if locale is None else _checked_locale(locale)
    return _save(context, user, "staff.changed", before)


@action(
    "staff.disable",
    resource="staff",
    label=gettext_lazy("Disable a member of staff"),
    permission="staff.manage",
    danger=True,
)
def disable(
    context: Context,
    staff: Annotated[UUID, about(gettext_lazy("Member of staff"))],
    version: int | None = None,
) -> Saved:
    """Shut somebody out: sessions and tokens end at once. Records stay as they are."""
    user = _load(context, staff, version, {"active": False})
    _keep_an_administrator(user)
    before = _facts(user)
    user.is_active = False
    _end_access(user, context)
    return _save(context, user, "staff.disabled", before)


@action(
    "staff.enable",
    resource="staff",
    label=gettext_lazy("Enable a member of staff"),
    permission="staff.manage",
)
def enable(
    context: Context,
    staff: Annotated[UUID, about(gettext_lazy("Member of staff"))],
    version: int | None = None,
) -> Saved:
    """Let somebody in again. Tokens that ended stay ended."""
    user = _load(context, staff, version, {"active": True})
    before = _facts(user)
    user.is_active = True
    return _save(context, user, "staff.enabled", before)


@action("staff.set_roles", resource="staff", label=gettext_lazy("Set roles"), permission="staff.manage")
def set_roles(
    context: Context,
    staff: Annotated[UUID, about(gettext_lazy("Member of staff"))],
    roles: Annotated[list[str], about(gettext_lazy("Roles"))],
    version: int | None = None,
) -> Saved:
    """Give somebody exactly these roles. They hold from the next request on."""
    wanted = _checked_roles(roles)
    user = _load(context, staff, version, {"roles": wanted})
    before = _facts(user)
    if not _may_manage(wanted):
        _keep_an_administrator(user)
    user.roles = wanted
    return _save(context, user, "staff.roles_set", before)


def _may_manage(names: Sequence[str]) -> bool:
    return any(roles()[name].rights.allows("staff.manage") for name in names)


@action(
    "staff.reset_password",
    resource="staff",
    label=gettext_lazy("Reset the password"),
    permission="staff.manage",
    danger=True,
)
def reset_password(
    context: Context, staff: Annotated[UUID, about(gettext_lazy("Member of staff"))]
) -> StaffPassword:
    """Replace a forgotten password by a one-time password, shown once. Sessions and tokens end at once."""
    user: User = load(context.actor, STAFF, staff)
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.version += 1
    user.save()
    _end_access(user, context)
    announce(context, News("staff.password_reset", "staff", user.id, user.name))
    return StaffPassword(user.id, user.version, password)
