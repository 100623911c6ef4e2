"""How one browser wants the screens: theme, density, width of the sidebar. Kept in cookies, so no flash at load."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
SIDEBARS = ("wide", "narrow")


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices in force; the first of each list is the default."""

    theme: str = THEMES[0]
    density: str = DENSITIES[0]
    sidebar: str = SIDEBARS[0]


def preferences(request: HttpRequest | None) -> Preferences:
    """Read the choices of the request's browser; anything unknown counts as the default."""
    cookies = request.COOKIES if request is not None else {}

    def pick(name: str, known: tuple[str, ...]) -> str:
        value = cookies.get(f"zhike_{name}", "")
        return value if value in known else known[0]

    return Preferences(pick("theme", THEMES), pick("density", DENSITIES), pick("sidebar", SIDEBARS))
