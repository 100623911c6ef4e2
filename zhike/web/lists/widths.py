"""The widths of a list's columns as their reader drew them, kept with the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.kernel.errors import Invalid
from zhike.kernel.fields import readable_fields
from zhike.kernel.own_account import keep_list
from zhike.web.context import context_of
from zhike.web.lists.screen import Screen

NARROWEST, WIDEST = 64, 900
USUAL = 144


def widths_of(kept: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, int]:
    """The widths in pixels of these columns; none where nobody drew any. One that was never drawn gets the usual."""
    drawn = kept.get("widths")
    if not isinstance(drawn, dict) or not drawn:
        return {}
    return {name: int(drawn.get(name, USUAL)) for name in columns}


@require_POST
def keep_widths(request: HttpRequest, screen: Screen) -> HttpResponse:
    """Keep the widths in `widths`, a JSON object of pixels by field; an empty one lets the table find its own."""
    context = context_of(request)
    context.require(screen.resource.read)
    keep_list(
        context.actor.id,
        screen.name,
        "widths",
        _asked(request, readable_fields(context.actor, screen.resource)),
    )
    return HttpResponse(status=204)


def _asked(request: HttpRequest, known: Mapping[str, Any]) -> dict[str, int]:
    try:
        found = orjson.loads(request.POST.get("widths", ""))
    except orjson.JSONDecodeError:
        raise Invalid({"widths": _("This is not JSON.")}) from None
    if not isinstance(found, dict) or not all(isinstance(each, int | float) for each in found.values()):
        raise Invalid({"widths": _("Enter a whole number.")})
    return {name: max(NARROWEST, min(WIDEST, round(each))) for name, each in found.items() if name in known}
