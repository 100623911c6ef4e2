"""What staff and units are found by. Their actions keep the entries; those that are missing are made at each start."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from zhike.kernel import search
from zhike.kernel.commands import command
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import Resource, resources
from zhike.kernel.models import SearchEntry, Unit, User
from zhike.kernel.search import Entry, entries_from
from zhike.kernel.staff import STAFF, UNITS


def of_staff(ids: Sequence[UUID]) -> Mapping[UUID, Entry]:
    """The entries of some members of staff, disabled ones too, in one statement."""
    rows = User.objects.filter(pk__in=ids).order_by().values_list("pk", "name", "username", "email")
    return {
        user: Entry(names=(name,), words=(username,), emails=(email,) if email else (), person=True)
        for user, name, username, email in rows
    }


def of_units(ids: Sequence[UUID]) -> Mapping[UUID, Entry]:
    """The entries of some units in one statement."""
    rows = Unit.objects.filter(pk__in=ids).order_by().values_list("pk", "name")
    return {unit: Entry(names=(name,)) for unit, name in rows}


_KINDS: tuple[tuple[Resource, Callable[[Sequence[UUID]], Mapping[UUID, Entry]]], ...] = (
    (STAFF, of_staff), (UNITS, of_units),
)  # fmt: skip
for _of, _maker in _KINDS:
    entries_from(_of.name, _maker)


def keep_staff(user: User) -> None:
    """Set what a member of staff is found by, in the transaction of the change."""
    search.put_many(STAFF.name, of_staff([user.pk]))


def keep_unit(unit: Unit) -> None:
    """Set what a unit is found by, in the transaction of the change."""
    search.put_many(UNITS.name, of_units([unit.pk]))


def index_missing() -> int:
    """Make the entries of all staff and units that have none yet, of an older version say. Returns how many."""
    made = 0
    for of, maker in _KINDS:
        there = SearchEntry.objects.filter(resource=of.name, record_id=OuterRef("pk"))
        ids = list(of.model._default_manager.filter(~Exists(there)).order_by().values_list("pk", flat=True))
        search.put_many(of.name, maker(ids))
        made += len(ids)
    return made


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("resource", nargs="*", help="customers, staff, units (all of them)")


@command(
    "search rebuild", "Make the search index of all records, or of those of some kinds, anew", _arguments
)
def rebuild(options: Namespace) -> int:
    """Make entries anew and say how many. Raises Invalid for a kind that has none."""
    known = {name: of for name, of in sorted(resources().items()) if search.can_rebuild(name)}
    for name in options.resource:
        if name not in known:
            raise Invalid({"resource": _("Choose one of: %(expected)s.") % {"expected": ", ".join(known)}})
    for name in options.resource or known:
        print(f"{name}: {search.rebuild(known[name])}")
    search.tidy()
    return 0
