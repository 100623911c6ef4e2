"""One reader at the doors of programs: REST over HTTP, agents (MCP), the command line, and files taken out."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.core.files.storage import default_storage

from tests.rights.bought import Office
from tests.rights.oracle import HIDDEN
from tests.rights.pages import Visitor, readings
from zhike.cli.errors import tell
from zhike.cli.main import _parser
from zhike.customers.queries import CUSTOMERS
from zhike.kernel.actions import Deed, deeds, run
from zhike.kernel.doors import problem, route_of
from zhike.kernel.errors import FieldHidden, Refusal
from zhike.kernel.text import as_json
from zhike.mcp.server import call, tools_for

Payload = dict[str, Any]
_FORMATS = ("csv", "xlsx", "vcard")


def asked_of(office: Office, item: Deed, record: UUID) -> Payload:
    """What a query is asked with about a record, or about what the sales manager has going on."""
    cells = office.company.texts[record]
    known: Payload = {
        "customers": [str(record)], "resource": "customers", "record": str(record), "number": cells["certificate"],
        "came_from": "gold", "went_to": "absent", "batch": str(office.batch), "export": str(office.export),
        "job": str(office.job), "purchase_import": str(office.purchases), "view": str(office.view),
        "staff": str(office.company.world.stranger.id), "field": str(office.definition), "kind": "zq",
    }  # fmt: skip
    needed = [name for name, part in item.parameters.model_fields.items() if part.is_required()]
    more = (
        {"name": cells["name"], "phone": cells["phone"]} if item.name == "customers.warn_duplicates" else {}
    )
    more |= {"record": str(record)} if item.name == "audit.list" else {}
    return {name: known.get(name, str(record)) for name in needed} | more


def _lists(office: Office, visitor: Visitor, record: UUID) -> Iterator[Payload]:
    """Lists in every form: with all that may be shown, by what may not, by what one might type."""
    level, cells = visitor.watch.reader.level, office.company.texts[record]
    shown = [name for name in CUSTOMERS.all_fields() if level(name) > HIDDEN]
    yield {"fields": shown, "size": 500}
    yield {"q": cells["name"]}
    yield {"q": cells["phone"][-4:]}
    for name in ("monetary", "note", "phone", "address", "certificate", "name"):
        yield {"fields": [name]}
        yield {"sort": f"-{name}", "size": 5}
        yield {"where": {"field": name, "op": "eq", "value": cells.get(name, "1")}}


def _chief(visitor: Visitor) -> list[UUID]:
    """Two records that are hidden and two that are seen, where there are such."""
    records, seen = visitor.records(), visitor.watch.visible
    return [
        *[each for each in records if each not in seen][:2],
        *[each for each in records if each in seen][:2],
    ]


def _told(given: Any) -> list[str]:
    return [readings(orjson.dumps(given).decode())]


def rest(visitor: Visitor) -> None:
    """Every list, record and query over HTTP, with headers and errors."""
    for record in _chief(visitor):
        for asked in _lists(visitor.office, visitor, record):
            texts = {
                name: ",".join(value)
                if name == "fields"
                else value
                if isinstance(value, str)
                else _json(value)
                for name, value in asked.items()
            }
            _over_http(visitor, "/customers", texts, asked)
        _over_http(visitor, f"/customers/{record}", {}, str(record))
        for item in deeds():
            if not item.writes:
                given = asked_of(visitor.office, item, record)
                target = given.pop(item.target) if item.target else ""
                texts = {
                    name: value if isinstance(value, str) else _json(value) for name, value in given.items()
                }
                path = route_of(item).path.replace(f"{{{item.target}}}", target)
                status = _over_http(visitor, path, texts, [given, target])
                _permitted(visitor, item, status >= 400)


def _over_http(visitor: Visitor, path: str, query: dict[str, str], told: Any) -> int:
    answer = visitor.client.get(f"/api/v1{path}?{urlencode(query)}")
    visitor.asked += 1
    visitor.look(f"GET {_door(path)} {query}", answer, told=[str(told), *_told(told)])
    return int(answer.status_code)


def _door(path: str) -> str:
    """The name of a query in the words of the watch: it knows who speaks of deleted records."""
    parts = [part for part in path.split("/") if part and len(part) < 36]
    return ".".join(parts)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _permitted(visitor: Visitor, item: Deed, refused: bool) -> None:
    if not visitor.watch.reader.permitted(item.permission) and not refused:
        visitor.watch.found(item.name, "answered without the permission")


def _look(visitor: Visitor, door: str, answer: Any, told: Any) -> None:
    """Look through an answer that came without HTTP."""
    text = readings(answer if isinstance(answer, str) else _json(as_json(answer)))
    visitor.asked += 1
    visitor.look_at(f"{door}", text, told=[str(told), *_told(told)])


def agents(visitor: Visitor) -> None:
    """The tools that are offered, and what each reading tool gives."""
    watch, actor = visitor.watch, visitor.watch.context.actor
    offered = {tool.name: tool for tool in tools_for(actor)}
    described = offered["customers_list"].description or ""
    for name in CUSTOMERS.all_fields():
        if watch.reader.level(name) == HIDDEN and re.search(rf"\b{name} \(", described):
            watch.found("tools", f"the hidden field {name} is offered")
    for record in _chief(visitor):
        for asked in _lists(visitor.office, visitor, record):
            _look(visitor, "customers.list", call(actor, "customers_list", asked)[0], asked)
        _look(visitor, "customers.get", call(actor, "customers_get", {"id": str(record)})[0], str(record))
        for item in deeds():
            if item.writes:
                continue
            name, given = item.name.replace(".", "_"), asked_of(visitor.office, item, record)
            answer, failed = call(actor, name, given)
            _permitted(visitor, item, failed)
            if (name in offered) != watch.reader.permitted(item.permission):
                watch.found("tools", f"{name} is offered or held back wrongly")
            _look(visitor, item.name, answer, given)


@contextmanager
def _listening() -> Iterator[io.BytesIO]:
    """What a command says, on both its outputs."""
    heard, before = io.BytesIO(), (sys.stdout, sys.stderr)
    said = io.TextIOWrapper(heard, encoding="utf-8", write_through=True)
    sys.stdout = sys.stderr = said
    try:
        yield heard
    finally:
        sys.stdout, sys.stderr = before
        said.detach()


@lru_cache(maxsize=1)
def _commands() -> Any:
    return _parser()


def _said(visitor: Visitor, words: list[str]) -> tuple[int, str]:
    username = visitor.office.company.people[visitor.watch.name].username
    with _listening() as heard:
        options = _commands().parse_args(["--as", username, *words])
        status = tell(options.work, options)
    return status, heard.getvalue().decode()


def command_line(visitor: Visitor) -> None:
    """`zhike --as somebody`: every list, record and query."""
    for record in _chief(visitor):
        for asked in _lists(visitor.office, visitor, record):
            words = [
                f"--{name}={','.join(value) if name == 'fields' else value if isinstance(value, str) else _json(value)}"
                for name, value in asked.items()
            ]
            _look(visitor, "customers.list", _said(visitor, ["customers", "list", *words])[1], asked)
        _look(visitor, "customers.show", _said(visitor, ["customers", "show", str(record)])[1], str(record))
        for item in deeds():
            if item.writes or (item.room, item.verb) in _OWN_WORDS:
                continue
            given = asked_of(visitor.office, item, record)
            words = [item.room, item.verb.replace("_", "-")]
            words += [given.pop(item.target)] if item.target else []
            words += [
                f"--{name.replace('_', '-')}={value if isinstance(value, str) else _json(value)}"
                for name, value in given.items()
            ]
            status, text = _said(visitor, words)
            _permitted(visitor, item, status != 0)
            _look(visitor, item.name, text, [given, words])


# Here the words of a query are those of the list of a resource.
_OWN_WORDS = {("units", "list"), ("staff", "list"), ("customers", "list")}


def exports(visitor: Visitor) -> None:
    """Files of a list: all that may be shown in every format; a hidden column, order or condition is refused."""
    watch, context = visitor.watch, visitor.watch.context
    shown = [name for name in CUSTOMERS.all_fields() if watch.reader.level(name) > HIDDEN]
    hidden = [name for name in CUSTOMERS.all_fields() if watch.reader.level(name) == HIDDEN]
    for kind in _FORMATS:
        asked = {"format": kind, "fields": [] if kind == "vcard" else shown}
        try:
            made = run("feeds.export", context, asked).result
        except Refusal as refusal:
            if watch.reader.permitted("feeds.export"):
                watch.found(f"export {kind}", f"refused: {problem(refusal)}")
            continue
        if not watch.reader.permitted("feeds.export") or made["rows"] != len(watch.visible):
            watch.found(f"export {kind}", f"{made['rows']} rows instead of {len(watch.visible)}")
        with default_storage.open(made["path"]) as handle:
            _look(visitor, f"export {kind}", _unpacked(kind, handle.read()), "")
    for name in hidden if watch.reader.permitted("feeds.export") else ():
        for more in ({"fields": [name]}, {"sort": name}, {"condition": {"field": name, "op": "not_empty"}}):
            try:
                run("feeds.export", context, more)
            except FieldHidden:
                continue
            watch.found("export", f"{more} was not refused")


def _unpacked(kind: str, content: bytes) -> str:
    if kind != "xlsx":
        # Long lines of cards are folded.
        return re.sub(r"\r?\n[ \t]", "", content.decode("utf-8-sig"))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())


PROGRAMS: dict[str, Callable[[Visitor], None]] = {
    "rest": rest, "agents": agents, "command line": command_line, "exports": exports,
}  # fmt: skip
