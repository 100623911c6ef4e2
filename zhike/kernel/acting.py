"""In whose name a command acts: the named user, or the system (whoever can run it owns the database)."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime

from zhike.kernel.actor import Context, system
from zhike.kernel.staff import actor_by_username


def context_of(options: Namespace) -> Context:
    """The circumstances of this command. Raises NotSignedIn for an unknown or disabled user."""
    actor = actor_by_username(options.acting) if options.acting else system("cli")
    return Context(actor=actor, now=datetime.now(UTC), channel="cli", key=options.key)
