"""From a method and a path to a deed or a reading door, without knowing any of them by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.kernel.actions import Deed, run
from zhike.kernel.actor import Context
from zhike.kernel.doors import list_request, listing_json, route_of, routes, row_json
from zhike.kernel.errors import Invalid, NotFound, Refusal
from zhike.kernel.fields import Resource, resources
from zhike.kernel.reading import get_record, list_records
from zhike.kernel.text import is_uuid


class WrongMethod(Refusal):
    """The address exists but does not take this method."""

    status = 405
    code = "wrong_method"
    title = gettext_lazy("This address does not take this method")


@dataclass(frozen=True, slots=True)
class Call:
    """One request: method, path below `/api/v1`, query string and body."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    body: Any
    status: int = 200
    replayed: bool = False
    allow: str = ""


@dataclass(slots=True)
class _Node:
    """What answers at one path pattern, by method."""

    deeds: dict[str, Deed] = field(default_factory=dict)
    listing: Resource | None = None
    record: Resource | None = None

    @property
    def methods(self) -> list[str]:
        reading = ["GET"] if self.listing or self.record else []
        return sorted({*self.deeds, *reading})


def _pattern(path: str) -> str:
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))


@lru_cache(maxsize=1)
def _table() -> dict[str, _Node]:
    table: dict[str, _Node] = {}
    for name, item in resources().items():
        table.setdefault(f"/{name}", _Node()).listing = item
        table.setdefault(f"/{name}/*", _Node()).record = item
    for route in routes():
        node = table.setdefault(_pattern(route.path), _Node())
        if route.method in node.deeds:
            raise ValueError(f"{route.deed.name} and {node.deeds[route.method].name} share an address")
        node.deeds[route.method] = route.deed
    return table


def _query_payload(item: Deed, query: Mapping[str, str]) -> dict[str, Any]:
    """Query-string values; those of list and object parameters are JSON."""
    schema = item.parameters.model_json_schema()["properties"]
    payload: dict[str, Any] = {}
    for name, text in query.items():
        part = schema.get(name, {})
        kinds = {part.get("type"), *(option.get("type") for option in part.get("anyOf", ()))}
        if kinds & {"array", "object"}:
            try:
                payload[name] = orjson.loads(text)
                continue
            except orjson.JSONDecodeError:
                raise Invalid({name: _("This is not JSON.")}) from None
        payload[name] = text
    return payload


def dispatch(context: Context, call: Call) -> Reply:
    """Answer one call. Raises Refusal of some kind."""
    parts = call.path.split("/")
    record = parts[2] if len(parts) > 2 and is_uuid(parts[2]) else None
    pattern = "/".join("*" if index == 2 and record else part for index, part in enumerate(parts))
    node = _table().get(pattern)
    if node is None:
        raise NotFound(_("There is nothing at this address."))
    if call.method not in node.methods:
        raise WrongMethod(allow=", ".join(node.methods))
    if call.method in node.deeds:
        return _do(context, node.deeds[call.method], record, call)
    if node.listing:
        return Reply(listing_json(list_records(context, node.listing, list_request(call.query))))
    assert node.record
    assert record
    unknown = set(call.query) - {"fields"}
    if unknown:
        raise Invalid({name: _("Unknown field.") for name in sorted(unknown)})
    names = [name for name in call.query.get("fields", "").split(",") if name]
    return Reply(row_json(get_record(context, node.record, UUID(record), names)))


def _do(context: Context, item: Deed, record: str | None, call: Call) -> Reply:
    payload = dict(call.body) if item.writes and call.method != "DELETE" else {}
    if not item.writes or call.method == "DELETE":
        payload = {**_query_payload(item, call.query), **call.body}
    elif call.query:
        raise Invalid({name: _("Unknown field.") for name in sorted(call.query)})
    if item.target:
        if item.target in payload and str(payload[item.target]) != record:
            raise Invalid({item.target: _("The address names another record.")})
        payload[item.target] = record
    outcome = run(item.name, context, payload)
    created = route_of(item).method == "POST" and item.verb == "create"
    return Reply(outcome.result, 201 if created else 200, outcome.replayed)
