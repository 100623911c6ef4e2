"""Commands written by hand, and those that other parts of the house registered."""

from __future__ import annotations

from argparse import Namespace

from zhike.cli import reference  # noqa: F401 (registers its command)
from zhike.cli.generated import Tree, show
from zhike.kernel.actions import deeds
from zhike.kernel.commands import commands
from zhike.kernel.rights import roles


def _roles(options: Namespace) -> int:
    show(
        {
            "roles": {
                name: {"zh": role.label_zh, "en": role.label_en, "actions": sorted(role.rights.actions)}
                for name, role in roles().items()
            },
            "permissions": sorted({item.permission for item in deeds()}),
        }
    )
    return 0


def add(tree: Tree) -> None:
    """Add them to the tree."""
    parser = tree.words("roles", summary="The roles of the policy file and all permissions there are")
    parser.set_defaults(work=_roles)
    for item in commands():
        made = tree.words(*item.words, summary=item.summary)
        item.arguments(made)
        made.set_defaults(work=item.work)
