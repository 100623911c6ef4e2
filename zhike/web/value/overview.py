"""The value page: pyramid, map and types of the customers one may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhike.kernel.actions import run
from zhike.kernel.errors import Invalid, NotAllowed, NotFound, Refusal
from zhike.web.context import context_of
from zhike.web.value import figures
from zhike.web.value.asked import answer, asked, period_text, periods, query_of
from zhike.web.value.links import link
from zhike.web.value.shown import advice, amount, sentences, share, tier_label, type_label


def value(request: HttpRequest) -> HttpResponse:
    """Who carries the business."""
    given = asked(request, "as_of", "days", "currency", "unit")
    try:
        view = answer(request, "insight.value", given)
    except Refusal as refusal:
        return nothing(request, refusal, given)
    values = {
        **frame(request, view, given, "value"),
        "view": view,
        "sentences": sentences(view),
        "layers": figures.layers(view, given),
        "pyramid_height": len(view["tiers"]) * figures.LAYER,
        "shares": figures.shares(view, given),
        "tiers": [_tier(view, tier, given) for tier in view["tiers"]],
        "heat": figures.heat(view, given),
        "heat_rows": figures.heat_rows(view, given),
        "heat_columns": [f"F{number}" for number in range(view["bands"], 0, -1)],
        "types": [_type(view, kind, given) for kind in view["types"]],
        "bands": _bands(view),
        "total": amount(view["value"], view["scope"]["currency"], short=True),
    }
    return render(request, "value/value.html", values)


def nothing(request: HttpRequest, refusal: Refusal, given: dict[str, str]) -> HttpResponse:
    """Why there is nothing to show, and how to begin. Raises what is no matter of data."""
    if isinstance(refusal, NotAllowed | NotFound | Invalid):
        raise refusal
    may = context_of(request).actor.may
    return render(
        request, "value/nothing.html",
        {"refusal": refusal, "given": given, "may_import": may("feeds.purchases")},
    )  # fmt: skip


def frame(request: HttpRequest, view: dict[str, Any], given: dict[str, str], here: str) -> dict[str, Any]:
    """What both pages share: tabs, selectors, what may be done."""
    scope = view["scope"]
    may = context_of(request).actor.may
    kept = {name: text for name, text in given.items() if name in ("days", "currency", "unit")}
    return {
        "scope": scope, "given": given, "here": here,
        "value_url": reverse("value") + query_of(kept), "moves_url": reverse("value_moves") + query_of(kept),
        "periods": periods(scope["days"]), "period": period_text(scope["days"]),
        "may_score": may("insight.score"), "may_import": may("feeds.purchases"),
    }  # fmt: skip


def _tier(view: dict[str, Any], tier: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    currency = view["scope"]["currency"]
    return {
        "label": tier_label(tier["code"]), "count": tier["customers"],
        "url": link(view, given, value_tier=tier["code"]),
        "people": share(tier["share_of_customers"]), "worth": share(tier["share_of_value"]),
        "amount": amount(tier["value"], currency), "low": amount(tier["low"], currency),
        "high": amount(tier["high"], currency),
    }  # fmt: skip


def _type(view: dict[str, Any], kind: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    return {
        "label": type_label(kind["code"]), "advice": advice(kind["code"]), "count": kind["customers"],
        "people": share(kind["customers"] / view["customers"] if view["customers"] else 0),
        "amount": amount(kind["value"], view["scope"]["currency"]),
        "url": link(view, given, rfm_type=kind["code"]),
    }  # fmt: skip


def _bands(view: dict[str, Any]) -> list[dict[str, Any]]:
    """What each band means, best first."""

    def text(band: dict[str, Any], *, money: bool = False) -> str:
        if band["low"] is None:
            return "—"
        if money:
            currency = view["scope"]["currency"]
            ends = [amount(band[end], currency, short=True) for end in ("low", "high")]
        else:
            ends = [f"{band[end]:,.0f}" for end in ("low", "high")]
        return ends[0] if ends[0] == ends[1] else " – ".join(ends)

    return [
        {
            "number": r["number"], "recency": text(r), "frequency": text(f),
            "money": text(m, money=True) if m else "",
        }
        for r, f, m in zip(
            view["recency"], view["frequency"], view["money"] or [None] * view["bands"], strict=True
        )
    ]  # fmt: skip


@require_POST
def score(request: HttpRequest) -> HttpResponse:
    """Score everybody on the basis that is shown, in the background."""
    wanted = {name: request.POST[name] for name in ("as_of", "days", "currency") if request.POST.get(name)}
    job = run("insight.score", context_of(request), wanted).result
    return redirect("job", job)
