"""Keeping, changing, sharing and removing saved views."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid, NotFound
from zhike.kernel.own_account import keep_list
from zhike.kernel.views import ViewShown
from zhike.web.context import context_of
from zhike.web.forms import put_problems
from zhike.web.lists import saved
from zhike.web.lists.screen import Screen
from zhike.web.lists.state import condition_of, read_state


def _shown(request: HttpRequest, context: Context, screen: Screen) -> dict[str, Any]:
    """What the list in the address shows, as parts of a view."""
    state = saved.read_views(request, context, screen).applied
    return {
        "condition": condition_of(state.where), "columns": list(state.columns or ()), "sort": state.sort or "",
        "grouping": state.group or "",
    }  # fmt: skip


def _form(request: HttpRequest, context: Context, screen: Screen, view: ViewShown | None) -> forms.Form:
    first = view is not None and saved.kept(request, screen).get("view") == str(view.id)
    initial = {"name": view.name if view else "", "audience": _audience(view), "default": first}
    form = forms.Form(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["name"] = forms.CharField(label=_("Name"), max_length=80)
    if context.actor.may("views.share"):
        audiences = [("me", _("Only me")), ("all", _("Everybody"))]
        if context.actor.unit_id:
            audiences.insert(1, ("unit", _("My unit and below")))
        form.fields["audience"] = forms.ChoiceField(
            label=_("Who may use it"), choices=audiences, widget=forms.RadioSelect
        )
    form.fields["default"] = forms.BooleanField(label=_("The list opens with it"), required=False)
    return form


def _audience(view: ViewShown | None) -> str:
    if view is None or not (view.shared_with_all or view.shared_unit):
        return "me"
    return "all" if view.shared_with_all else "unit"


def _share(context: Context, form: forms.Form, view: UUID, was: str) -> None:
    audience = form["audience"].value() if "audience" in form.fields else was
    if audience != was:
        unit = context.actor.unit_id if audience == "unit" else None
        given = {"view": view, "with_all": audience == "all", "unit": unit}
        run("views.share", _again(context, "share"), given)


def _again(context: Context, step: str) -> Context:
    """The same circumstances under a key of its own: a second action of one request."""
    key = f"{context.key}:{step}" if context.key else None
    return Context(context.actor, context.now, context.channel, key, context.request_id, context.reason)


def _gone_to(
    request: HttpRequest, screen: Screen, url: str, form: forms.Form | None, view: UUID
) -> HttpResponse:
    """Go to the list, which opens from now on with this view or no longer does."""
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204, headers={"HX-Redirect": url})
    else:
        answer = redirect(url)
    owner = context_of(request).actor.id
    if form is not None and form["default"].value():
        keep_list(owner, screen.name, "view", str(view))
    elif saved.kept(request, screen).get("view") == str(view):
        keep_list(owner, screen.name, "view", "")
    return answer


def _dialog(
    request: HttpRequest,
    screen: Screen,
    form: forms.Form,
    title: str,
    url: str,
    view: ViewShown | None = None,
) -> HttpResponse:
    values = {"form": form, "title": title, "url": url, "screen": screen, "view": view}
    if view is not None:
        values["remove_url"] = screen.url("view_remove", view=view.id)
    name = "lists/view.html" if request.headers.get("HX-Request") else "lists/view_page.html"
    return render(request, name, values, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def save_view(request: HttpRequest, screen: Screen) -> HttpResponse:
    """Keep the list in the address under a name."""
    context = context_of(request)
    context.require("views.save")
    form = _form(request, context, screen, None)
    url = screen.url("view_new") + read_state(request).query()
    if request.method == "POST":
        shown = _shown(request, context, screen)
        try:
            given = {**shown, "name": request.POST.get("name", ""), "resource": screen.resource.name}
            made = UUID(run("views.save", context, given).result["id"])
            _share(context, form, made, "me")
            return _gone_to(request, screen, f"{screen.url()}?view={made}", form, made)
        except Invalid as refusal:
            put_problems(form, refusal)
    return _dialog(request, screen, form, _("Save as a view"), url)


@require_http_methods(["GET", "POST"])
def change_view(request: HttpRequest, screen: Screen, view: UUID) -> HttpResponse:
    """Rename or share a view; with `keep` in the address it takes over what the list shows."""
    context = context_of(request)
    known = next((each for each in saved.views_of(context, screen) if each.id == view and each.mine), None)
    if known is None:
        raise NotFound(resource="views")
    form = _form(request, context, screen, known)
    here = f"{screen.url()}?view={view}"
    if request.method == "POST":
        kept = {
            "condition": known.condition, "columns": known.columns, "sort": known.sort, "grouping": known.grouping,
        }  # fmt: skip
        try:
            if request.GET.get("keep"):
                shown = _shown(request, context, screen)
                run("views.change", context, {"view": view, "name": known.name, **shown})
                return HttpResponse(status=204, headers={"HX-Redirect": here})
            run("views.change", context, {"view": view, "name": request.POST.get("name", ""), **kept})
            _share(context, form, view, _audience(known))
            return _gone_to(request, screen, here, form, view)
        except Invalid as refusal:
            put_problems(form, refusal)
    return _dialog(request, screen, form, _("Change view"), screen.url("view", view=view), known)


@require_POST
def remove_view(request: HttpRequest, screen: Screen, view: UUID) -> HttpResponse:
    """Remove a view; the list shows all records again."""
    run("views.delete", context_of(request), {"view": view})
    return _gone_to(request, screen, screen.url(), None, view)
