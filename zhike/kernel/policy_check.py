"""Whether the policy file speaks of what there is: a misspelt action or field gives nobody anything, silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase

from django.utils.translation import gettext as _

from zhike.kernel.actions import deeds
from zhike.kernel.errors import Refusal
from zhike.kernel.fields import resources
from zhike.kernel.rights import Role, Unread, policy

_ELSEWHERE = {"jobs.manage"}


def declare_permissions(*names: str) -> None:
    """Make permissions known that no action or resource is named by."""
    _ELSEWHERE.update(names)


def permissions() -> list[str]:
    """All permissions there are, sorted."""
    named = {item.permission for item in deeds()} | {of.read for of in resources().values()}
    return sorted(named | _ELSEWHERE)


def _fields_of(name: str) -> set[str]:
    """The lines that roles.yaml may have for the fields of a resource; of all resources for `*`."""
    if name == "*":
        return {line for each in resources() for line in _fields_of(each)}
    of = resources()[name]
    lines = {item.governing for item in of.all_fields().values()} | {*of.governed, "*"}
    return lines | {item.right or item.name for item in of.relations.values()}


def _actions(role: Role, known: Iterable[str]) -> Iterator[Unread]:
    every = list(known)
    patterns = [
        *every,
        *{f"{name.split('.')[0]}.*" for name in every},
        *{f"*.{name.split('.')[1]}" for name in every},
    ]
    for pattern in sorted(role.rights.actions):
        if not any(fnmatchcase(name, pattern) for name in every):
            yield Unread(f"{role.name}.actions", pattern, tuple(patterns))


def _lines(role: Role) -> Iterator[Unread]:
    known = (*resources(), "*")
    for part, named in (("rows", [*role.rights.rows]), ("fields", [*role.rights.fields])):
        yield from (Unread(f"{role.name}.{part}", of, known) for of in named if of not in known)
    for of, table in role.rights.fields.items():
        if of in known:
            lines = tuple(sorted(_fields_of(of)))
            yield from (
                Unread(f"{role.name}.fields.{of}", name, lines) for name in table if name not in lines
            )


def unknown_in(roles: Mapping[str, Role]) -> list[Unread]:
    """What these roles name and is nowhere: actions that match no permission, resources, fields."""
    known = permissions()
    return [found for role in roles.values() for found in (*_actions(role, known), *_lines(role))]


def sentence(found: Unread) -> str:
    """Where which word stands, and what was probably meant."""
    near = get_close_matches(found.word, found.possible, n=1, cutoff=0.6)
    if near:
        text = _("%(where)s: “%(word)s” is unknown. Did you mean “%(near)s”?")
        return text % {"where": found.where, "word": found.word, "near": near[0]}
    return _("%(where)s: “%(word)s” is unknown.") % {"where": found.where, "word": found.word}


def problems() -> list[str]:
    """What is wrong with the policy file of this installation, in sentences."""
    roles, unread = policy()
    return [sentence(found) for found in (*unread, *unknown_in(roles))]


def require_sound_policy() -> None:
    """Raise Refusal with every problem of the policy file."""
    if found := problems():
        raise Refusal("\n  ".join([_("roles.yaml names what does not exist:"), *found]))
