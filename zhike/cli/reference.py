"""`zhike docs reference FOLDER`: the reference, written from the registry so that it cannot lag behind."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from django.utils import translation

from zhike.kernel.actions import Deed, deeds
from zhike.kernel.commands import command, commands
from zhike.kernel.doors import known_resources, parameter_schema, route_of
from zhike.kernel.fields import Resource
from zhike.kernel.rights import Rights, roles

_HEAD = "<!-- Written by `zhike docs reference`; change the program, not this page. -->\n"


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ").strip()


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _type(part: dict[str, Any]) -> str:
    if "$ref" in part:
        return str(part["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(option) for option in part["anyOf"]))
    if part.get("type") == "array":
        return f"list of {_type(part.get('items', {}))}"
    return str(part.get("format") or part.get("type") or "any")


def _deed(item: Deed) -> str:
    schema = parameter_schema(item)
    needed = set(schema.get("required", ()))
    route = route_of(item)
    rows = [
        (f"`{name}`", part.get("title", ""), _type(part), "yes" if name in needed else "")
        for name, part in schema["properties"].items()
    ]
    table = _table(("Parameter", "Label", "Type", "Required"), rows) if rows else "No parameters.\n"
    return (
        f"### `{item.name}` · {item.label}\n\n{item.summary}\n\n"
        f"`{route.method} /api/v1{route.path}` · permission `{item.permission}`\n\n{table}"
    )


def _actions() -> str:
    parts = [_HEAD, "# Actions and queries\n\nEach is found in the API, on the command line and in MCP.\n"]
    for room, group in groupby(deeds(), key=lambda item: item.room):
        parts.append(f"## {room}\n")
        parts += [_deed(item) for item in group]
    return "\n".join(parts)


def _resource(of: Resource) -> str:
    rows = [
        (f"`{name}`", field.label, field.kind.value, "yes" if field.sortable else "", f"`{field.governing}`")
        for name, field in of.fields.items()
    ]
    text = f"## {of.name} · {of.label}\n\n" + _table(("Field", "Label", "Kind", "Sorts", "Right"), rows)
    if of.relations:
        related = [(f"`{name}`", item.label, ", ".join(item.fields)) for name, item in of.relations.items()]
        text += "\nRelated records for “has any/none”:\n\n" + _table(("Relation", "Label", "Fields"), related)
    return text


def _rows_text(rights: Rights) -> str:
    return "; ".join(
        f"{name}: read {right.read.name.lower()}, write {right.write.name.lower()}"
        for name, right in sorted(rights.rows.items())
    )


def _roles() -> str:
    rows = [
        (
            f"`{role.name}`",
            role.label_zh,
            role.label_en,
            ", ".join(sorted(role.rights.actions)),
            _rows_text(role.rights),
        )
        for role in roles().values()
    ]
    return f"{_HEAD}\n# Roles\n\n" + _table(("Role", "中文", "English", "May do", "Rows"), rows)


def _commands() -> str:
    rows: list[tuple[str, str]] = [(f"`zhike {' '.join(item.words)}`", item.summary) for item in commands()]
    for of in known_resources():
        rows.append((f"`zhike {of.name} list`", f"List {of.name} by condition, sort, fields, page by page"))
        rows.append((f"`zhike {of.name} show ID`", f"Read one of {of.name}"))
    for item in deeds():
        words = f"zhike {item.room} {item.verb.replace('_', '-')}"
        rows.append((f"`{words}`", item.summary.partition("\n")[0]))
    return f"{_HEAD}\n# Commands\n\n" + _table(("Command", "What it does"), sorted(dict(rows).items()))


def write(folder: Path) -> None:
    """Write all pages of the reference into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with translation.override("en"):
        pages = {
            "actions.md": _actions(),
            "fields.md": "\n".join([_HEAD, "# Fields\n", *map(_resource, known_resources())]),
            "roles.md": _roles(),
            "commands.md": _commands(),
        }
    for name, text in pages.items():
        (folder / name).write_text(text.rstrip() + "\n", encoding="utf-8")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)


@command("docs reference", "Write the reference of actions, fields, roles and commands", _arguments)
def work(options: Namespace) -> int:
    """Write the pages."""
    write(options.folder)
    return 0
