"""Knowing customers: a library of pure analysis, usable without the rest of Zhike.

Arrow or DuckDB relations in, frozen dataclasses and Arrow out. No clock, no hidden state, no Django, no print.
`zhike.insight.warehouse` keeps the tables, `zhike.insight.models` holds the models. Importing this package alone is
light: the engines are loaded when a part is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

_PARTS = ("duplicates", "models", "warehouse")

__all__ = ["duplicates", "models", "warehouse"]


def __getattr__(name: str) -> ModuleType:
    if name in _PARTS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
