"""Template tags that show one value: icon, badge, avatar, money, moment, count, masked value."""

from __future__ import annotations

import json
import zlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from zhike.kernel.money import Money, minor_digits
from zhike.web.navigation import Group
from zhike.web.navigation import navigation as build_navigation
from zhike.web.preferences import Preferences, preferences
from zhike.web.templatetags.assets import sprite
from zhike.web.words import joined, words

register = template.Library()
register.filter("joined", joined)

_TONES = (
    "blue",
    "teal",
    "purple",
    "orange",
    "green",
    "pink",
    "cyan",
    "indigo",
    "yellow",
    "red",
    "lime",
    "azure",
)
_SYMBOLS = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}
MINUS = "−"


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A drawing of `frontend/icons.txt`. `size`: sm, lg, xl. Without `label` it is hidden from screen readers."""
    css = f"icon icon-{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            css,
            label,
            sprite(),
            name,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, sprite(), name
    )


@register.simple_tag
def badge(
    label: object, tone: str = "grey", dot: bool = False, name: str = "", title: str = ""
) -> SafeString:
    """A short word on a soft ground. Tones: grey primary success warning danger info and the twelve hues."""
    css = f"badge tone-{tone}{' badge-with-dot' if dot else ''}"
    drawing = icon(name) if name else ""
    hint = format_html(' title="{}"', title) if title else ""
    return format_html(
        '<span class="{}"{}>{}<span class="badge-text">{}</span></span>', css, hint, drawing, label
    )


def tone_of(seed: object) -> str:
    """A hue that stays the same for the same seed."""
    return _TONES[zlib.crc32(str(seed).encode()) % len(_TONES)]


def initials(name: str) -> str:
    """Two letters that stand for a name: the last two characters of a Chinese name, first letters of a Latin one."""
    name = name.strip()
    if not name:
        return "?"
    if any("\u3400" <= char <= "\u9fff" or ord(char) >= 0x20000 for char in name):
        return "".join(name.split())[-2:]
    parts = name.split()
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


@register.simple_tag
def initials_avatar(name: object, kind: str = "person", size: str = "", seed: object = "") -> SafeString:
    """A round mark with initials for a person, a square one with a building for an organisation.

    `kind`: person or organisation; `size`: xs, sm, lg; the hue follows `seed`, else the name.
    """
    text = str(name or "")
    css = f"avatar tone-{tone_of(seed or text)}{f' avatar-{size}' if size else ''}"
    if kind == "organisation":
        small = "sm" if size in {"xs", "sm"} else ""
        return format_html(
            '<span class="{} avatar-square" aria-hidden="true">{}</span>', css, icon("building", small)
        )
    short = initials(text)
    two = " avatar-two" if len(short) > 1 else ""
    return format_html(
        '<span class="{}{}" aria-hidden="true">{}</span>', css, two, short[:1] if size == "xs" else short
    )


def money_text(value: Money, *, short: bool = False) -> str:
    """An amount as people write it: ¥1,234.50; short: ¥123.5万 in Chinese, ¥1.2M in English."""
    amount, digits = abs(value.amount), minor_digits(value.currency)
    unit = ""
    if short:
        amount, unit = _scaled(amount)
        digits = (1 if amount < 1000 and amount % 1 else 0) if unit else digits
    text = f"{amount:,.{digits}f}{unit}"
    symbol = _SYMBOLS.get(value.currency)
    text = f"{symbol}{text}" if symbol else f"{text} {value.currency}"
    return f"{MINUS}{text}" if value.minor < 0 else text


def _scaled(amount: Decimal) -> tuple[Decimal, str]:
    chinese = (get_language() or "").startswith("zh")
    steps = ((10**8, "亿"), (10**4, "万")) if chinese else ((10**9, "B"), (10**6, "M"), (10**3, "K"))
    for size, unit in steps:
        if amount >= size:
            return (amount / size).quantize(Decimal("0.1")), unit
    return amount, ""


@register.simple_tag
def money(value: Money | None, short: bool = False) -> SafeString:
    """An amount; its full form is in the title where the text is shortened."""
    if value is None:
        return format_html('<span class="cell-none">{}</span>', "—")
    css = "money money-negative" if value.minor < 0 else "money"
    if short:
        return format_html(
            '<span class="{}" title="{}">{}</span>', css, money_text(value), money_text(value, short=True)
        )
    return format_html('<span class="{}">{}</span>', css, money_text(value))


@register.filter
def grouped(value: Any, digits: int = 0) -> str:
    """A number with its thousands set apart by commas, as both languages write them in tables."""
    return "—" if value is None else f"{value:,.{digits}f}"


@register.simple_tag
def bounded(count: Any) -> str:
    """A bounded count (`number`, `exact`) as text: 312 or 10,000+."""
    return f"{count.number:,}" if count.exact else f"{count.number:,}+"


def _relative(moment: datetime, now: datetime) -> str:
    """How long ago or how soon, for less than an hour; else empty."""
    seconds = (now - moment).total_seconds()
    minutes = int(abs(seconds) // 60)
    if minutes == 0:
        return _("just now") if seconds >= 0 else _("in a moment")
    if minutes >= 60:
        return ""
    if seconds > 0:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    return ngettext("in %(n)d minute", "in %(n)d minutes", minutes) % {"n": minutes}


def day_text(day: date, today: date) -> str:
    """A day as people say it: today, yesterday, tomorrow, March 5, or with its year."""
    near = {0: _("today"), -1: _("yesterday"), 1: _("tomorrow")}.get((day - today).days)
    if near:
        return near
    if day.year == today.year:
        return format_date(day, pgettext("date format", "M j"))
    return format_date(day, pgettext("date format", "M j, Y"))


def moment_text(moment: datetime, now: datetime) -> str:
    """A moment as people say it, in local time."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    close = _relative(moment, now)
    if close:
        return close
    clock = format_date(local, "H:i")
    if local.date() == today.date():
        return clock
    if abs((local.date() - today.date()).days) > 1 and local.year != today.year:
        return day_text(local.date(), today.date())
    return f"{day_text(local.date(), today.date())} {clock}"


def full_text(moment: datetime) -> str:
    """A moment in full, in local time."""
    return format_date(timezone.localtime(moment), pgettext("date format", "M j, Y H:i:s"))


@register.simple_tag(takes_context=True)
def when(context: dict[str, Any], value: datetime | date | None, style: str = "near") -> SafeString:
    """A moment or a day. `near` speaks relatively with the full form in the title; `full` writes everything.

    The present is `now` of the context where the view gives one.
    """
    if value is None:
        return format_html('<span class="cell-none">{}</span>', "—")
    now = context.get("now") or timezone.now()
    if not isinstance(value, datetime):
        full = format_date(value, pgettext("date format", "M j, Y"))
        near = day_text(value, timezone.localtime(now).date())
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            value.isoformat(),
            full,
            full if style == "full" else near,
        )
    full = full_text(value)
    text = full if style == "full" else moment_text(value, now)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full, text)


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """A span of time in its two largest units."""
    if seconds is None:
        return "—"
    left = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    if left < 60:
        return _("%(n)d s") % {"n": left}
    if left < 3600:
        return _("%(m)d min %(s)d s") % {"m": left // 60, "s": left % 60}
    return _("%(h)d h %(m)d min") % {"h": left // 3600, "m": left % 3600 // 60}


@register.simple_tag
def idempotency() -> SafeString:
    """A hidden key that makes sending the same form twice have one effect."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', str(uuid4()))


@register.simple_tag(takes_context=True)
def shell_preferences(context: dict[str, Any]) -> Preferences:
    """Theme, density and sidebar of this browser."""
    return preferences(context.get("request"))


@register.simple_tag(takes_context=True)
def shell_navigation(context: dict[str, Any]) -> tuple[Group, ...]:
    """The navigation that the view or a context processor gave, else what anybody may see."""
    given = context.get("navigation")
    if given is not None:
        return tuple(given)
    request = context.get("request")
    return build_navigation(request) if request is not None else ()


@register.simple_tag
def words_json() -> SafeString:
    """The words of the browser side as a JSON block."""
    text = json.dumps(words(), ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return format_html('<script type="application/json" id="words">{}</script>', SafeString(text))


@register.simple_tag
def language_code() -> str:
    """The language of the page for the `lang` attribute: zh-Hans or en."""
    return "zh-Hans" if (get_language() or "").startswith("zh") else (get_language() or "en")
