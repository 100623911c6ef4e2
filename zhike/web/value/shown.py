"""Figures of customer value in words: tiers, types, amounts, shares."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from zhike.customers.queries import SCORE_DEFINITIONS
from zhike.kernel.money import Money
from zhike.web.templatetags.ui import money_text

ABSENT = "absent"
_CHOICES = {item.name: {choice.value: choice.label for choice in item.choices} for item in SCORE_DEFINITIONS}
# What to do with each type, in plain words.
_ADVICE: dict[str, str | Promise] = {
    "important_value": gettext_lazy("Bought lately, often and much: keep close, thank, ask for referrals."),
    "important_develop": gettext_lazy("Bought much and lately, but seldom: give reasons to come again."),
    "important_keep": gettext_lazy(
        "Bought much and often, but not lately: get in touch before they are gone."
    ),
    "important_win_back": gettext_lazy("Bought much, seldom and long ago: find out why and win them back."),
    "general_value": gettext_lazy("Come often and lately, spend little: offer what goes with it."),
    "general_develop": gettext_lazy("New or small: make the second purchase easy."),
    "general_keep": gettext_lazy("Came often, spend little, not lately: a friendly reminder is enough."),
    "general_win_back": gettext_lazy("Seldom, little, long ago: do not spend much on them."),
}


def tier_label(code: str) -> str:
    """The name of a tier."""
    if code == ABSENT:
        return pgettext("tier", "No purchases")
    return str(_CHOICES["value_tier"].get(code, code))


def type_label(code: str) -> str:
    """The name of an RFM type."""
    return str(_CHOICES["rfm_type"].get(code, code))


def advice(code: str) -> str:
    """What to do with customers of a type."""
    return str(_ADVICE.get(code, ""))


def amount(value: float | None, currency: str, *, short: bool = False) -> str:
    """An amount as people write it; a dash where it is hidden or there is none."""
    if value is None:
        return "—"
    return money_text(Money.of(Decimal(str(value)).quantize(Decimal("0.01")), currency), short=short)


def share(part: float | None) -> str:
    """A share in percent, with a place where it is small."""
    if part is None:
        return "—"
    return f"{part:.1%}" if abs(part) < 0.995 else f"{part:.0%}"


def sentences(view: Mapping[str, Any]) -> list[str]:
    """What the pyramid says, in plain words."""
    found: list[str] = []
    tiers = view["tiers"]
    if not view["customers"]:
        return found
    for count in (1, 3):
        part = tiers[:count]
        people = sum(tier["share_of_customers"] for tier in part)
        if not any(tier["customers"] for tier in part):
            continue
        if view["scope"]["money"]:
            worth = sum(tier["share_of_value"] for tier in part)
            found.append(
                _("%(people)s of customers bring %(worth)s of the amount.")
                % {"people": share(people), "worth": share(worth)}
            )
    return found
