"""Units: the tree of the organisation, which decides who sees whose records."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from zhike.kernel.actions import run
from zhike.kernel.actor import Context
from zhike.kernel.errors import Conflict, Invalid
from zhike.kernel.reading import ListRequest, get_record, list_records
from zhike.kernel.staff import STAFF, UNITS, names_of_units, staff_in_units
from zhike.web.context import context_of
from zhike.web.forms import differing, put_problems
from zhike.web.settings.choices import Place, unit_choices, unit_tree


class UnitForm(forms.Form):
    """Name and region of a unit, and where it belongs."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    parent = forms.ChoiceField(label=gettext_lazy("Unit above"), required=False)
    region = forms.CharField(label=gettext_lazy("Region"), max_length=60, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, context: Context, *args: Any, own: UUID | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ChoiceField)
        parent.choices = [("", _("(at the top)")), *unit_choices(context, without=own)]


def _tree(context: Context) -> list[Place]:
    places, people = unit_tree(context), staff_in_units()
    for place in places:
        place.people = people.get(place.id, 0)
    return places


def units(request: HttpRequest) -> HttpResponse:
    """The tree of units with the people in each."""
    context = context_of(request)
    values = {"places": _tree(context), "may_manage": context.actor.may("units.manage")}
    return render(request, "settings/units.html", values)


def unit_new(request: HttpRequest) -> HttpResponse:
    """Add a unit, under `?parent=` if that is given."""
    context = context_of(request)
    context.require("units.manage")
    form = UnitForm(context, request.POST or None, initial={"parent": request.GET.get("parent", "")})
    if request.method == "POST":
        payload = {name: request.POST.get(name, "") for name in ("name", "region")}
        try:
            run("units.create", context, payload | {"parent": request.POST.get("parent") or None})
        except Invalid as refusal:
            put_problems(form, refusal)
            return render(request, "settings/unit_new.html", {"form": form}, status=422)
        messages.success(request, _("The unit was added."))
        return redirect("units")
    return render(request, "settings/unit_new.html", {"form": form})


def unit(request: HttpRequest, unit: UUID) -> HttpResponse:
    """One unit: name, region, where it belongs, who belongs to it."""
    return _page(request, context_of(request), unit)


def _page(
    request: HttpRequest, context: Context, unit: UUID, form: UnitForm | None = None, status: int = 200
) -> HttpResponse:
    facts = get_record(context, UNITS, unit).values
    start = {**facts, "parent": str(facts["parent"] or "")}
    if form is not None and status == 409:
        form.data = {**request.POST.dict(), "version": str(facts["version"])}
    wanted = ListRequest(
        condition={"field": "unit", "op": "eq", "value": str(unit)}, sort="name", fields=("name", "username", "active"),
        size=100,
    )  # fmt: skip
    people = list_records(context, STAFF, wanted)
    places = _tree(context)
    manages = context.actor.may("units.manage")
    values = {
        "id": unit,
        "facts": facts,
        "parent": names_of_units([facts["parent"]]).get(facts["parent"], "") if facts["parent"] else "",
        "form": (form or UnitForm(context, initial=start, own=unit)) if manages else None,
        "people": people.rows,
        "count": people.count,
        "below": [place for place in places if place.parent == unit],
        "may_manage": manages,
        "conflict": differing(form, start) if form is not None and status == 409 else [],
    }
    return render(request, "settings/unit.html", values, status=status)


@require_POST
def unit_change(request: HttpRequest, unit: UUID) -> HttpResponse:
    """Rename a unit and move it where the form says, both or neither."""
    context = context_of(request)
    form = UnitForm(context, request.POST, own=unit)
    name = {"unit": str(unit), "name": request.POST.get("name", ""), "region": request.POST.get("region", "")}
    try:
        _save(context, unit, name, request.POST.get("parent") or None, request.POST.get("version") or None)
    except Invalid as refusal:
        put_problems(form, refusal)
        return _page(request, context, unit, form, status=422)
    except Conflict:
        return _page(request, context, unit, form, status=409)
    messages.success(request, _("Saved."))
    return redirect("unit", unit)


def _save(
    context: Context, unit: UUID, name: dict[str, str], parent: str | None, version: str | None
) -> None:
    with transaction.atomic():
        saved = run("units.rename", context, name | ({"version": version} if version else {})).result
        run("units.move", context, {"unit": str(unit), "parent": parent, "version": saved["version"]})


@require_POST
def unit_remove(request: HttpRequest, unit: UUID) -> HttpResponse:
    """Remove a unit that nothing belongs to."""
    run("units.remove", context_of(request), {"unit": str(unit)})
    messages.success(request, _("The unit was removed."))
    return redirect("units")
