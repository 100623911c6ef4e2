"""Presets: known purchase files, described as data in `zhike/feeds/presets/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.purchase_mapping import PurchaseMapping
from zhike.feeds.files.reasons import refuse

_FOLDER = Path(__file__).resolve().parent.parent / "presets"


@dataclass(frozen=True, slots=True)
class Preset:
    """How a known purchase file is read. `title` is by language ("zh", "en")."""

    name: str
    title: Mapping[str, str]
    options: TableOptions
    mapping: PurchaseMapping


def preset_names() -> list[str]:
    """The names of all presets."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_preset(name: str) -> Preset:
    """The preset of this name. Raises `FileRefused` if there is none or it is broken."""
    if name not in preset_names():
        raise refuse("preset_unknown", name=name)
    raw = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    try:
        return Preset(name, raw["title"], TableOptions.from_json(raw["file"]), PurchaseMapping.from_json(raw))
    except (KeyError, TypeError, ValueError) as error:
        raise refuse("preset_broken", name=name, detail=str(error)) from error
