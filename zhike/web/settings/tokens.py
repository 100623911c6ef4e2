"""API tokens: programs that act as me, within limits I set."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.api_tokens import list_tokens
from zhike.kernel.errors import Invalid
from zhike.kernel.staff import names_of_staff
from zhike.web.context import context_of
from zhike.web.forms import put_problems
from zhike.web.settings.policy import permissions, right_label, room_label

_DAYS = (7, 30, 90, 180, 365, 730)


def _scopes(context: Context) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rights a token of this person may have, by room."""
    rooms: dict[str, list[tuple[str, str]]] = {}
    for name, permission in permissions().items():
        if context.actor.may(name):
            rooms.setdefault(room_label(name.split(".")[0]), []).append((name, permission.label))
    return list(rooms.items())


class TokenForm(forms.Form):
    """Name, scopes and life of a token."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("What uses it, for example “Order import”."),
    )
    days = forms.ChoiceField(label=gettext_lazy("Expires after"), initial="90")
    scopes = forms.MultipleChoiceField(label=gettext_lazy("May do"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, context: Context, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days, scopes = self.fields["days"], self.fields["scopes"]
        assert isinstance(days, forms.ChoiceField)
        assert isinstance(scopes, forms.MultipleChoiceField)
        days.choices = [(str(n), ngettext("%(n)d day", "%(n)d days", n) % {"n": n}) for n in _DAYS]
        scopes.choices = [(name, name) for _room, rights in _scopes(context) for name, _label in rights]


def tokens(request: HttpRequest) -> HttpResponse:
    """My tokens (everybody's for who manages staff), newest first."""
    context = context_of(request)
    rows = list_tokens(context)
    owners = names_of_staff([row.owner for row in rows])
    shown = [
        {
            "row": row,
            "rights": [(name, right_label(name)) for name in row.scopes],
            "owner": owners.get(row.owner, ""),
            "live": row.revoked_at is None and (row.expires_at is None or row.expires_at > context.now),
        }
        for row in rows
    ]
    values = {"tokens": shown, "everybody": context.actor.may("staff.manage"), "now": context.now}
    return render(request, "settings/tokens.html", values)


def token_new(request: HttpRequest) -> HttpResponse:
    """Make a token; the answer shows its secret, once."""
    context = context_of(request)
    context.require("tokens.create")
    form = TokenForm(context, request.POST or None)
    values: dict[str, Any] = {
        "form": form,
        "rooms": _scopes(context),
        "picked": request.POST.getlist("scopes"),
    }
    if request.method == "POST":
        payload = {name: request.POST.get(name, "") for name in ("name", "days")}
        try:
            made = run("tokens.create", context, payload | {"scopes": values["picked"]}).result
        except Invalid as refusal:
            put_problems(form, refusal)
            return render(request, "settings/token_new.html", values, status=422)
        response = render(request, "settings/token_secret.html", {"made": made, "name": payload["name"]})
        response["Cache-Control"] = "no-store"
        return response
    return render(request, "settings/token_new.html", values)


@require_POST
def token_revoke(request: HttpRequest, token: UUID) -> HttpResponse:
    """End a token at once."""
    run("tokens.revoke", context_of(request), {"token": str(token)})
    messages.success(request, _("The token no longer works."))
    return redirect("tokens")
