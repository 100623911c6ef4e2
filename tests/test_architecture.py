"""The drawing of the house holds: what import-linter checks, and what it cannot see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli

from tests.test_conventions import expect_none

PACKAGE = Path(__file__).resolve().parent.parent / "zhike"
ROOT = PACKAGE.parent
ENTRANCES = {"web", "portal", "api", "cli", "mcp", "automation", "feeds", "wiring"}
NO_ROOMS = ENTRANCES | {"config", "kernel", "insight", "packs", "locale", "locale_build", "__pycache__"}
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name not in NO_ROOMS)
_SIGNALS = {
    "django.db.models.signals",
    "django.core.signals",
    "django.dispatch",
    "django.contrib.auth.signals",
}
_DOOR = {"types", "queries", "actions", "events"}


def _sources(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Parsed files of a package, or of the one module of that name."""
    for path in sorted([*folder.rglob("*.py"), *folder.parent.glob(f"{folder.name}.py")]):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_the_drawing_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(config_filename=".importlinter", no_cache=True) == cli.EXIT_STATUS_SUCCESS


def test_rooms_hear_no_signals() -> None:
    """News between rooms is a fact in the same transaction, never a signal of Django's at a distance."""
    heard = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path, tree in _sources(PACKAGE)
        for line, name in _imports(tree)
        if name in _SIGNALS and "migrations" not in path.parts
    ]
    expect_none(heard)


def test_no_relative_imports() -> None:
    """A reader sees from each import which room it reaches into."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in _sources(PACKAGE)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    expect_none(found)


@pytest.mark.parametrize("entrance", sorted(ENTRANCES))
def test_entrances_come_in_through_the_door(entrance: str) -> None:
    """Of a room an entrance imports types, queries, actions and events alone; wiring also its handlers."""
    door = _DOOR | ({"handlers"} if entrance == "wiring" else set())
    passed_by = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path, tree in _sources(PACKAGE / entrance)
        for line, name in _imports(tree)
        if (parts := name.split("."))[0] == "zhike"
        and len(parts) > 2
        and parts[1] in ROOMS
        and parts[2] not in door
    ]
    expect_none(passed_by)


@pytest.mark.parametrize("room", ROOMS)
def test_foreign_keys_point_down_without_a_way_back(room: str) -> None:
    """A relation to another room has `related_name="+"`: the lower one never learns of the upper."""
    named = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in _sources(PACKAGE / room)
        if "models" in path.relative_to(PACKAGE).parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in {"ForeignKey", "OneToOneField", "ManyToManyField"}
        and _points_elsewhere(node, room)
        and not any(
            keyword.arg == "related_name" and getattr(keyword.value, "value", "") == "+"
            for keyword in node.keywords
        )
    ]
    expect_none(named)


def _points_elsewhere(call: ast.Call, room: str) -> bool:
    """Whether the first argument names a model of another app, as `"kernel.User"` does."""
    target = call.args[0] if call.args else None
    name = target.value if isinstance(target, ast.Constant) and isinstance(target.value, str) else ""
    return "." in name and name.split(".")[0] != room


def test_only_wiring_subscribes_to_facts() -> None:
    """Every upward arrow stands on one page."""
    subscribers = {
        str(path.relative_to(PACKAGE))
        for path, tree in _sources(PACKAGE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and "subscribe" in {getattr(node.func, "attr", ""), getattr(node.func, "id", "")}
    }
    assert subscribers <= {"wiring.py"}
