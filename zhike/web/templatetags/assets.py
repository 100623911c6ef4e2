"""Template tags for the built front end: `{% scripts %}`, `{% styles %}` and the address of the icon sprite."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
BUILD = Path(__file__).resolve().parent.parent / "static" / "build"


@dataclass(frozen=True, slots=True)
class Assets:
    """Names of the built files; every name carries a hash of its content."""

    script: str
    modules: tuple[str, ...]
    styles: tuple[str, ...]
    icons: str


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> Assets:
    raw = json.loads(path.read_text())
    return Assets(raw["script"], tuple(raw["modules"]), tuple(raw["styles"]), raw["icons"])


def built_assets() -> Assets:
    """The names written by the last build. Raises ImproperlyConfigured when the front end was never built."""
    path = BUILD / "assets.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ImproperlyConfigured(
            "The front end is not built: run `make install` (or `python frontend/build.py`)."
        ) from None


def address(name: str) -> str:
    """Where a built file is served. Plain names, so that modules find each other at the same address."""
    return f"{settings.STATIC_URL}build/{name}"


@register.simple_tag
def styles() -> SafeString:
    """The stylesheet links of every page."""
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((address(name),) for name in built_assets().styles)
    )


@register.simple_tag(takes_context=True)
def scripts(context: dict[str, Any]) -> SafeString:
    """The module script of every page, and preloads for what it imports at once."""
    names = built_assets()
    nonce = getattr(context.get("request"), "csp_nonce", "")
    preloads = format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((address(name),) for name in names.modules)
    )
    return format_html(
        '{}<script type="module" src="{}" nonce="{}"></script>', preloads, address(names.script), nonce
    )


@register.simple_tag(name="sprite_url")
def sprite() -> str:
    """The address of the icon sprite."""
    return address(built_assets().icons)
