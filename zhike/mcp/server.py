"""The MCP server: its tools are the registry's deeds and the reading doors of its resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import mcp_types as types
import orjson
from asgiref.sync import sync_to_async
from django.utils import translation
from mcp.server import Server, ServerRequestContext

import zhike
from zhike.kernel.actions import Deed, deeds, run
from zhike.kernel.actor import Actor, Context
from zhike.kernel.doors import known_resources, list_request, listing_json, problem, row_json
from zhike.kernel.errors import Invalid, NotFound, Refusal
from zhike.kernel.fields import Resource, readable_fields
from zhike.kernel.reading import get_record, list_records
from zhike.kernel.text import is_uuid

Handler = Callable[[Context, Mapping[str, Any]], Any]
Identify = Callable[[ServerRequestContext[Any]], Actor]

_LIST_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "where": {"type": "object", "description": "condition tree, e.g. {field, op, value}, {and: […]}"},
        "sort": {"type": "string", "description": "field name, - for descending"},
        "fields": {"type": "array", "items": {"type": "string"}},
        "cursor": {"type": "string", "description": "`next` or `previous` of a page"},
        "size": {"type": "integer", "minimum": 1, "maximum": 500},
        "q": {"type": "string", "description": "search text", "maxLength": 200},
    },
}
_READ_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "fields": {"type": "array", "items": {"type": "string"}},
    },
}


def _deed_tool(item: Deed) -> types.Tool:
    return types.Tool(
        name=_name_of(item),
        title=str(item.label),
        description=item.summary,
        input_schema=item.parameters.model_json_schema(),
        annotations=types.ToolAnnotations(read_only_hint=not item.writes, destructive_hint=item.danger),
    )


def _name_of(item: Deed) -> str:
    return item.name.replace(".", "_")


def _names_of(of: Resource) -> tuple[str, str]:
    """The tools that list a resource and read one of its records. They go before an action of the same name."""
    return f"{of.name}_list", f"{of.name}_get"


def _resource_tools(actor: Actor, of: Resource) -> list[types.Tool]:
    fields = ", ".join(f"{name} ({field.kind.value})" for name, field in readable_fields(actor, of).items())
    reading = types.ToolAnnotations(read_only_hint=True)
    listing, one = _names_of(of)
    return [
        types.Tool(
            name=listing,
            title=f"List {of.label}",
            description=f"List {of.name} by condition. Fields: {fields}.",
            input_schema=_LIST_SCHEMA,
            annotations=reading,
        ),
        types.Tool(
            name=one,
            title=f"Read one of {of.label}",
            description=f"Read one of {of.name} by id.",
            input_schema=_READ_SCHEMA,
            annotations=reading,
        ),
    ]


def tools_for(actor: Actor) -> list[types.Tool]:
    """The tools this actor may use; nothing else is offered."""
    found: list[types.Tool] = []
    for of in known_resources():
        if actor.may(of.read):
            found += _resource_tools(actor, of)
    taken = {name for of in known_resources() for name in _names_of(of)}
    return found + [
        _deed_tool(item) for item in deeds() if actor.may(item.permission) and _name_of(item) not in taken
    ]


def _list(of: Resource) -> Handler:
    return lambda context, given: listing_json(list_records(context, of, list_request(given)))


def _read(of: Resource) -> Handler:
    def work(context: Context, given: Mapping[str, Any]) -> Any:
        if not is_uuid(str(given.get("id", ""))):
            raise Invalid({"id": translation.gettext("This is not an identifier.")})
        return row_json(get_record(context, of, UUID(str(given["id"])), list(given.get("fields") or [])))

    return work


def _do(name: str) -> Handler:
    def work(context: Context, given: Mapping[str, Any]) -> Any:
        return run(name, context, given).result

    return work


def _handler(name: str) -> Handler:
    """What carries a tool out. Raises NotFound."""
    for of in known_resources():
        listing, reading = _names_of(of)
        if name in (listing, reading):
            return _list(of) if name == listing else _read(of)
    for item in deeds():
        if _name_of(item) == name:
            return _do(item.name)
    raise NotFound(translation.gettext("There is no tool of this name."))


def call(actor: Actor, name: str, given: Mapping[str, Any]) -> tuple[Any, bool]:
    """Carry out one tool in the actor's name: the result and whether it is an error."""
    context = Context(actor=actor, now=datetime.now(UTC), channel="mcp")
    with translation.override(actor.locale):
        try:
            return _handler(name)(context, given), False
        except Refusal as refusal:
            return problem(refusal), True


def build(identify: Identify) -> Server[Any]:
    """The server; `identify` finds the actor of a request (by its token) and raises Refusal for a stranger."""

    async def on_list(ctx: ServerRequestContext[Any], _params: Any) -> types.ListToolsResult:
        actor = await sync_to_async(identify)(ctx)
        return types.ListToolsResult(tools=await sync_to_async(tools_for)(actor))

    async def on_call(
        ctx: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        actor = await sync_to_async(identify)(ctx)
        result, failed = await sync_to_async(call)(actor, params.name, params.arguments or {})
        text = orjson.dumps(result).decode()
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=text)],
            structured_content=result if isinstance(result, dict) else {"result": result},
            is_error=failed,
        )

    return Server(
        "zhike", version=zhike.__version__, title="Zhike 知客", on_list_tools=on_list, on_call_tool=on_call
    )
