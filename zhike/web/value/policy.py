"""How customers are scored: bands, period and tiers, decided by people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid
from zhike.web.context import context_of

_TIERS = ("platinum", "gold", "iron", "lead")


class PolicyForm(forms.Form):
    """The decisions as a form."""

    days = forms.IntegerField(label=_("Period in days"), min_value=1, max_value=3660)
    bands = forms.IntegerField(
        label=_("Bands"), min_value=2, max_value=9, help_text=_("Into how many parts R, F and M are cut.")
    )
    frequency = forms.ChoiceField(
        label=_("What counts as a purchase"),
        choices=(("documents", _("each document")), ("days", _("each day")), ("lines", _("each line"))),
    )
    by = forms.ChoiceField(
        label=_("Tiers take shares of"), choices=(("number", _("the customers")), ("value", _("the amount")))
    )
    platinum = forms.FloatField(label=_("Platinum, percent"), min_value=0.01, max_value=99.9)
    gold = forms.FloatField(label=_("Gold, percent"), min_value=0.01, max_value=99.9)
    iron = forms.FloatField(label=_("Iron, percent"), min_value=0.01, max_value=99.9)
    lead = forms.FloatField(label=_("Lead, percent"), min_value=0.01, max_value=99.9)
    compare_days = forms.IntegerField(
        label=_("Compare with how many days before"), min_value=1, max_value=3660
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        help_text=_("Empty: the one most purchases are in."),
    )


def policy(request: HttpRequest) -> HttpResponse:
    """The form; saving it is an audited decision."""
    context = context_of(request)
    context.require("insight.score")
    known: dict[str, Any] = run("insight.policy", context, {}).result
    first = known | dict(zip(_TIERS, known["shares"], strict=True))
    form = PolicyForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        wanted = {name: given[name] for name in ("days", "bands", "frequency", "by", "compare_days")}
        wanted |= {"shares": [given[name] for name in _TIERS], "currency": given["currency"].upper()}
        # Fixed ends of bands are set through the API; here they stay as long as the number of bands does.
        wanted["cuts"] = known["cuts"] if given["bands"] == known["bands"] else None
        try:
            run("insight.set_policy", context, wanted)
            return redirect("value")
        except Invalid as problem:
            for name, texts in problem.fields.items():
                form.add_error(name if name in form.fields else None, [str(text) for text in texts])
    status = 422 if form.is_bound else 200
    return render(request, "value/policy.html", {"form": form}, status=status)
