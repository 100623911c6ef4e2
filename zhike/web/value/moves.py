"""Moves between value tiers from one day to another."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhike.kernel.errors import Refusal
from zhike.web.value import figures
from zhike.web.value.asked import answer, asked
from zhike.web.value.overview import frame, nothing
from zhike.web.value.shown import tier_label


def moves(request: HttpRequest) -> HttpResponse:
    """Who rose, who fell, who came, who stayed away."""
    given = asked(request, "before", "after", "days", "currency", "unit")
    try:
        view = answer(request, "insight.migration", given)
    except Refusal as refusal:
        return nothing(request, refusal, given)
    urls = [[_url(view, given, came, went) for went in view["groups"]] for came in view["groups"]]
    values = {
        **frame(request, view, given, "moves"),
        "view": view,
        "flows": figures.flows(view, urls),
        "heads": [tier_label(group) for group in view["groups"]],
        "rows": [_row(view, urls, place) for place in range(len(view["groups"]))],
        "sums": [sum(row[j] for row in view["matrix"]) for j in range(len(view["groups"]))],
    }
    return render(request, "value/moves.html", values)


def _url(view: dict[str, Any], given: dict[str, str], came: str, went: str) -> str:
    kept = {**given, "before": view["before"], "after": view["after"], "came_from": came, "went_to": went}
    return f"{reverse('value_movers')}?{urlencode(kept)}"


def _row(view: dict[str, Any], urls: list[list[str]], place: int) -> dict[str, Any]:
    last = len(view["groups"]) - 1

    def way(other: int) -> str:
        if place == other or last in (place, other):
            return ""
        return "trend-up" if other < place else "trend-down"

    counts = view["matrix"][place]
    return {
        "label": tier_label(view["groups"][place]),
        "cells": [
            {"count": count, "url": urls[place][other], "way": way(other)}
            for other, count in enumerate(counts)
        ],
        "sum": sum(counts),
    }
