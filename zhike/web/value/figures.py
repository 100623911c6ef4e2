"""The pictures of customer value: what the chart island draws, and the pyramid as plain shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.web.value.links import link
from zhike.web.value.shown import amount, share, tier_label

# The width of the pyramid, the height of one layer with the gap below it.
_WIDTH, LAYER, _GAP = 300, 58, 4
# One colour for each tier, in the pyramid as in the streams; the last is of who bought nothing.
_HUES = ("#8f3fb3", "#a8650a", "#3f66b3", "#626b7a", "#a3553f")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the pyramid: its shape, where its text stands, and what it says."""

    points: str
    middle: int
    hue: str
    label: str
    count: int
    people: str
    worth: str
    url: str


def layers(view: Mapping[str, Any], given: Mapping[str, str]) -> list[Layer]:
    """The pyramid from top to bottom. Its shape is a sign; the figures stand beside it."""
    found = []
    tiers = view["tiers"]
    height = len(tiers) * LAYER
    for place, tier in enumerate(tiers):
        top, bottom = place * LAYER, (place + 1) * LAYER - _GAP
        left = [round(_WIDTH / 2 * (1 - y / height), 1) for y in (top, bottom)]
        right = [round(_WIDTH - x, 1) for x in left]
        found.append(
            Layer(
                f"{left[0]},{top} {right[0]},{top} {right[1]},{bottom} {left[1]},{bottom}",
                bottom - (12 if place == 0 else 20), _HUES[place], tier_label(tier["code"]), tier["customers"],
                share(tier["share_of_customers"]), share(tier["share_of_value"]),
                link(view, given, value_tier=tier["code"]),
            )
        )  # fmt: skip
    return found


def shares(view: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Customers against value, tier by tier."""
    tiers = view["tiers"]

    def series(name: str, part: str) -> dict[str, Any]:
        data = [{"value": tier[part], "href": link(view, given, value_tier=tier["code"])} for tier in tiers]
        return {"name": name, "data": data}

    shown = [series(_("Share of customers"), "share_of_customers")]
    if view["scope"]["money"]:
        shown.append(series(_("Share of the amount"), "share_of_value"))
    return {
        "kind": "bar", "horizontal": True, "format": "percent",
        "categories": [tier_label(tier["code"]) for tier in tiers], "series": shown,
    }  # fmt: skip


def heat(view: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The map of how recently and how often."""
    numbers = range(1, view["bands"] + 1)
    return {
        "kind": "heatmap", "format": "number",
        "x": [f"F{number}" for number in numbers], "y": [f"R{number}" for number in numbers],
        "xLabel": _("How often (F)"), "yLabel": _("How recently (R)"),
        "cells": [
            {
                "x": cell["frequency"] - 1, "y": cell["recency"] - 1, "value": cell["customers"],
                "href": link(view, given, r=cell["recency"], f=cell["frequency"]),
            }
            for cell in view["cells"]
        ],
    }  # fmt: skip


def heat_rows(view: Mapping[str, Any], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """The same map as rows of a table, the most recent first."""
    cells = {(cell["recency"], cell["frequency"]): cell for cell in view["cells"]}
    numbers = range(view["bands"], 0, -1)
    return [
        {
            "label": f"R{r}",
            "cells": [
                {
                    "count": cells[r, f]["customers"],
                    "worth": amount(cells[r, f]["value"], view["scope"]["currency"], short=True),
                    "url": link(view, given, r=r, f=f),
                }
                for f in numbers
            ],
        }
        for r in numbers
    ]


def flows(view: Mapping[str, Any], urls: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The moves between tiers as streams from left to right."""
    groups = view["groups"]

    def node(group: str, side: str) -> str:
        # A name stands once on each side: an invisible mark tells the sides apart.
        return tier_label(group) + ("" if side == "before" else "\u200b")

    links = [
        {
            "from": node(groups[i], "before"), "to": node(groups[j], "after"), "value": count,
            "href": urls[i][j],
        }
        for i, row in enumerate(view["matrix"])
        for j, count in enumerate(row)
        if count
    ]  # fmt: skip
    used = {end for each in links for end in (each["from"], each["to"])}
    nodes = {
        node(group, side): hue
        for side in ("before", "after")
        for group, hue in zip(groups, _HUES, strict=True)
    }
    shown = {name: hue for name, hue in nodes.items() if name in used}
    return {"kind": "sankey", "nodes": list(shown), "hues": list(shown.values()), "links": links}
