"""Roles: the policy as it stands in the file that the program obeys."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhike.kernel.rights import roles as all_roles
from zhike.web.context import context_of
from zhike.web.settings.choices import role_pairs, staff_choices
from zhike.web.settings.policy import explained, matrix


def roles(request: HttpRequest) -> HttpResponse:
    """All roles side by side, and one of them (`?role=`) in words."""
    context = context_of(request)
    context.require("staff.read")
    chosen = request.GET.get("role", "")
    values = {
        "roles": role_pairs(),
        "chosen": chosen if chosen in all_roles() else "",
        "rights": explained(all_roles()[chosen].rights) if chosen in all_roles() else None,
        "matrix": matrix() if chosen not in all_roles() else [],
        "people": staff_choices(context),
    }
    return render(request, "settings/roles.html", values)
