"""First start: somebody has to be able to sign in."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from zhike.kernel.actor import Context, system
from zhike.kernel.errors import Invalid
from zhike.kernel.models import User
from zhike.kernel.staff_actions import create

USERNAME = "admin"


def ensure_administrator(now: datetime) -> str | None:
    """Create the user `admin` when there is no user at all, and return the password to print; else None.

    The password has to be replaced at the first sign-in. Of several processes starting at once one does it.
    """
    if User.objects.exists():
        return None
    context = Context(system(), now, channel="start")
    try:
        return create(context, username=USERNAME, name=_("Administrator"), roles=["administrator"]).password
    except Invalid:  # another process took the name first
        return None
