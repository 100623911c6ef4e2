"""Staff and units as every room sees them: the actor behind a user, names for many ids, and both as resources.

What changes them stands in `staff_actions.py` and `unit_actions.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Subquery
from django.utils.functional import lazystr
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.kernel.actor import Actor, ActorKind
from zhike.kernel.errors import NotSignedIn
from zhike.kernel.fields import Choice, Field, Kind, Resource, register_resource
from zhike.kernel.masks import mask_email
from zhike.kernel.models import Unit, User
from zhike.kernel.rights import rights_of, roles


class _RoleLabel:
    """The label of a role in the language that is active when it is shown."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        role = roles().get(self.name)
        return role.label(get_language() or "zh-hans") if role else self.name


def role_choices() -> tuple[Choice, ...]:
    """The roles of the policy file as choices."""
    return tuple(Choice(name, lazystr(_RoleLabel(name))) for name in roles())


UNITS = register_resource(
    Resource(
        name="units",
        label=_("Units"),
        model=Unit,
        read="staff.read",
        owner_path=None,
        unit_path="id",
        default_sort="name",
        default_columns=("name", "parent", "region"),
        subtitle=("region",),
        page_url="/settings/units/{id}/",
        fields={
            "name": Field("name", _("Name"), Kind.TEXT, "name", sortable=True, nullable=False),
            "parent": Field("parent", _("Unit above"), Kind.REFERENCE, "parent_id", reference="units"),
            "region": Field("region", _("Region"), Kind.TEXT, "region", sortable=True, nullable=False),
            "version": Field("version", _("Version"), Kind.NUMBER, "version", nullable=False),
        },
    )
)

STAFF = register_resource(
    Resource(
        name="staff",
        label=_("Staff"),
        model=User,
        read="staff.read",
        owner_path="id",
        unit_path="unit_id",
        default_sort="name",
        default_columns=("name", "username", "unit", "roles", "active"),
        subtitle=("username",),
        words=("username",),
        page_url="/settings/staff/{id}/",
        fields={
            "name": Field("name", _("Name"), Kind.TEXT, "name", sortable=True, nullable=False),
            "username": Field(
                "username", _("User name"), Kind.TEXT, "username", sortable=True, nullable=False
            ),
            "email": Field("email", _("E-mail"), Kind.EMAIL, "email", nullable=False, mask=mask_email),
            "unit": Field("unit", _("Unit"), Kind.REFERENCE, "unit_id", reference="units"),
            "roles": Field("roles", _("Roles"), Kind.CHOICES, "roles", choices=role_choices()),
            "locale": Field("locale", _("Language"), Kind.TEXT, "locale", nullable=False),
            "active": Field("active", _("Active"), Kind.YES_NO, "is_active", nullable=False),
            "created_at": Field(
                "created_at", _("Created"), Kind.MOMENT, "created_at", sortable=True, nullable=False
            ),
            "last_login": Field("last_login", _("Last sign-in"), Kind.MOMENT, "last_login", sortable=True),
            "version": Field("version", _("Version"), Kind.NUMBER, "version", nullable=False),
        },
    )
)


def path_of(parent: Unit | None, unit_id: UUID) -> str:
    """The path of a unit: the ids of all above and its own as hex, each closed by a slash."""
    return f"{parent.path if parent else ''}{unit_id.hex}/"


def ids_in(path: str) -> frozenset[UUID]:
    """The ids in a path: the unit and all above it."""
    return frozenset(UUID(part) for part in path.split("/") if part)


def _units_around(unit_id: UUID | None) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """The ids below (with the own) and above (with the own), in one statement; both empty without a unit."""
    if unit_id is None:
        return frozenset(), frozenset()
    own = Unit.objects.filter(pk=unit_id).values("path")
    paths = dict(Unit.objects.filter(path__startswith=Subquery(own)).order_by().values_list("id", "path"))
    return frozenset(paths), ids_in(paths[unit_id])


def actor_of(user: User) -> Actor:
    """The actor behind a user, with the rights of all roles. One statement; none without a unit.

    Raises NotSignedIn for a disabled user.
    """
    if not user.is_active:
        raise NotSignedIn(_("This account is disabled"))
    below, above = _units_around(user.unit_id)
    return Actor(
        kind=ActorKind.STAFF,
        id=user.id,
        name=user.name or user.username,
        rights=rights_of(user.roles),
        unit_id=user.unit_id,
        unit_ids_below=below,
        unit_ids_above=above,
        roles=tuple(user.roles),
        locale=user.locale,
    )


def actor_by_id(user_id: UUID) -> Actor:
    """The actor behind the id of a user, in two statements. Raises NotSignedIn for an unknown or disabled one."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotSignedIn(_("This account does not exist"))
    return actor_of(user)


def actor_by_username(username: str) -> Actor:
    """The actor behind a user name, in two statements. Raises NotSignedIn for an unknown or disabled one."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotSignedIn(_("This account does not exist"))
    return actor_of(user)


def names_of_staff(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The shown names of many members of staff, disabled ones too, in one statement. Unknown ids are left out."""
    wanted = set(ids)
    rows = User.objects.filter(pk__in=wanted).order_by().values_list("id", "name", "username")
    return {user: name or username for user, name, username in rows} if wanted else {}


def names_of_units(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of many units in one statement. Unknown ids are left out."""
    if not (wanted := set(ids)):
        return {}
    return dict(Unit.objects.filter(pk__in=wanted).order_by().values_list("id", "name"))


def units_of_staff(ids: Iterable[UUID]) -> dict[UUID, UUID | None]:
    """The units of many active members of staff, in one statement. Unknown and disabled ones are left out."""
    if not (wanted := set(ids)):
        return {}
    return dict(User.objects.filter(pk__in=wanted, is_active=True).order_by().values_list("id", "unit_id"))


def staff_in_units() -> dict[UUID, int]:
    """How many active members of staff belong to each unit itself, in one statement. Empty units are left out."""
    rows = User.objects.filter(is_active=True, unit__isnull=False).order_by().values("unit_id")
    return {row["unit_id"]: row["number"] for row in rows.annotate(number=Count("pk"))}


def staff_by_name(text: str) -> UUID | None:
    """The one active member of staff with this user name or shown name; None when there is none or several."""
    name = text.strip()
    users = User.objects.filter(is_active=True)
    found = list(users.filter(username=name).values_list("id", flat=True)[:1])
    found = found or list(users.filter(name=name).values_list("id", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def units_by_name(text: str) -> UUID | None:
    """The one unit of this name; None when there is none or several."""
    found = list(Unit.objects.filter(name=text.strip()).values_list("id", flat=True)[:2])
    return found[0] if len(found) == 1 else None
