"""Commands written by hand, and those that other parts of the house registered."""

from __future__ import annotations

from argparse import Namespace

from zhike.cli import reference  # noqa: F401 (registers its command)
from zhike.cli.generated import Tree, show
from zhike.kernel.commands import commands
from zhike.kernel.policy_check import permissions, problems
from zhike.kernel.rights import roles


def _roles(options: Namespace) -> int:
    found = problems()
    show(
        {
            "roles": {
                name: {"zh": role.label_zh, "en": role.label_en, "actions": sorted(role.rights.actions)}
                for name, role in roles().items()
            },
            "permissions": permissions(),
            "problems": found,
        }
    )
    return 1 if found else 0


def add(tree: Tree) -> None:
    """Add them to the tree."""
    parser = tree.words(
        "roles", summary="The roles of the policy file, all permissions, and what is misspelt in it"
    )
    parser.set_defaults(work=_roles)
    for item in commands():
        made = tree.words(*item.words, summary=item.summary)
        item.arguments(made)
        made.set_defaults(work=item.work)
