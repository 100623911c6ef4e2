"""Commands generated from the registry: `zhike customers list`, `zhike customers create --name …`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from zhike.kernel.acting import context_of
from zhike.kernel.actions import Deed, deeds, run
from zhike.kernel.doors import known_resources, list_request, listing_json, parameter_schema, row_json
from zhike.kernel.errors import Invalid
from zhike.kernel.fields import Resource
from zhike.kernel.reading import get_record, list_records


class Tree:
    """The tree of subcommands: `words("audit", "verify")` gives the parser at that place, made once."""

    def __init__(self, top: Any) -> None:
        self._branches: dict[tuple[str, ...], Any] = {(): top}
        self._parsers: dict[tuple[str, ...], ArgumentParser] = {}

    def words(self, *words: str, summary: str = "") -> ArgumentParser:
        """The parser of some words, made on the way down where it does not stand yet."""
        if words in self._parsers:
            return self._parsers[words]
        above = words[:-1]
        if above not in self._branches:
            parser = self.words(*above)
            self._branches[above] = parser.add_subparsers(metavar="COMMAND", required=True)
        made: ArgumentParser = self._branches[above].add_parser(words[-1], help=summary, description=summary)
        self._parsers[words] = made
        return made

    def taken(self, *words: str) -> bool:
        """Whether these words already have a parser."""
        return words in self._parsers


def show(value: Any) -> None:
    """Print a value as indented JSON."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.flush()


def _kinds(schema: dict[str, Any]) -> set[str]:
    options = [schema, *schema.get("anyOf", ())]
    return {str(option.get("type") or ("object" if "$ref" in option else "")) for option in options}


def _add_deed(tree: Tree, item: Deed) -> None:
    parser = tree.words(item.room, item.verb.replace("_", "-"), summary=item.summary.partition("\n")[0])
    schema = parameter_schema(item)
    needed = set(schema.get("required", ()))
    structured: set[str] = set()
    for name, part in schema["properties"].items():
        label = str(part.get("title", name))
        if _kinds(part) & {"object", "array"} and not _is_enum(part, schema):
            structured.add(name)
            label += " (JSON)"
        if name == item.target:
            parser.add_argument(name, help=label.replace("%", "%%"))
        else:
            flag = f"--{name.replace('_', '-')}"
            parser.add_argument(
                flag, dest=f"p_{name}", required=name in needed, help=label.replace("%", "%%")
            )

    def work(options: Namespace) -> int:
        payload = {name: getattr(options, f"p_{name}", None) for name in schema["properties"]}
        if item.target:
            payload[item.target] = getattr(options, item.target)
        given = {name: _value(name, text, structured) for name, text in payload.items() if text is not None}
        show(run(item.name, context_of(options), given).result)
        return 0

    parser.set_defaults(work=work)


def _is_enum(part: dict[str, Any], schema: dict[str, Any]) -> bool:
    reference = part.get("$ref") or next((o["$ref"] for o in part.get("anyOf", ()) if "$ref" in o), None)
    return bool(reference) and "enum" in schema.get("$defs", {}).get(str(reference).rsplit("/", 1)[1], {})


def _value(name: str, text: str, structured: set[str]) -> Any:
    if name not in structured:
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Invalid({name: _("This is not JSON.")}) from None


def _add_resource(tree: Tree, of: Resource) -> None:
    listing = tree.words(of.name, "list", summary=f"List {of.name} by condition, sort, fields, page by page")
    for flag, about in (
        ("--where", "condition as JSON"),
        ("--sort", "field name, with - for descending"),
        ("--fields", "field names separated by commas"),
        ("--cursor", "`next` or `previous` of a page"),
        ("--size", "records per page"),
        ("--q", "search text"),
    ):
        listing.add_argument(flag, help=about)

    def list_work(options: Namespace) -> int:
        names = ("where", "sort", "fields", "cursor", "size", "q")
        raw = {name: getattr(options, name) for name in names if getattr(options, name)}
        show(listing_json(list_records(context_of(options), of, list_request(raw))))
        return 0

    listing.set_defaults(work=list_work)
    reader = tree.words(of.name, "show", summary=f"Read one of {of.name}")
    reader.add_argument("id")
    reader.add_argument("--fields", default="", help="field names separated by commas")

    def read_work(options: Namespace) -> int:
        try:
            record = UUID(options.id)
        except ValueError:
            raise Invalid({"id": _("This is not an identifier.")}) from None
        names = [name for name in options.fields.split(",") if name]
        show(row_json(get_record(context_of(options), of, record, names)))
        return 0

    reader.set_defaults(work=read_work)


def add(tree: Tree) -> None:
    """Add a command for every resource and every deed that has none of its own yet."""
    for of in known_resources():
        _add_resource(tree, of)
    for item in deeds():
        if not tree.taken(item.room, item.verb.replace("_", "-")):
            _add_deed(tree, item)
