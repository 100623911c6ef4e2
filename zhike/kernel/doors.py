"""What every generated door needs: where a deed is found, its schemas, its examples, and errors as JSON.

The API, the CLI and the MCP server are generated from here; none of them knows an action by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from zhike.kernel.actions import Deed, deeds
from zhike.kernel.errors import Conflict, Invalid, Refusal
from zhike.kernel.fields import Kind, Resource, resources
from zhike.kernel.reading import LARGEST_PAGE, Listing, ListRequest, Row
from zhike.kernel.text import as_json

_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a deed is found in the API: the method and the path below `/api/v1`."""

    method: str
    path: str
    deed: Deed


def route_of(item: Deed) -> Route:
    """The address of a deed: create, update (or change) and delete take REST's own forms, others end in their verb."""
    base = f"/{item.room}/{{{item.target}}}" if item.target else f"/{item.room}"
    if not item.writes:
        return Route("GET", f"{base}/{item.verb}", item)
    if item.verb == "create" and not item.target:
        return Route("POST", base, item)
    if item.verb in ("update", "change") and item.target:
        return Route("PATCH", base, item)
    if item.verb in ("delete", "remove") and item.target:
        return Route("DELETE", base, item)
    return Route("POST", f"{base}/{item.verb}", item)


def routes() -> list[Route]:
    """The routes of all deeds."""
    return [route_of(item) for item in deeds()]


def parameter_schema(item: Deed) -> dict[str, Any]:
    """The JSON Schema of a deed's parameters, with labels as titles in the active language."""
    schema: dict[str, Any] = item.parameters.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, label in item.labels.items():
        schema["properties"][name]["title"] = str(label)
    plain: dict[str, Any] = _without_tuples(schema)
    return plain


def result_schema(item: Deed) -> dict[str, Any]:
    """The JSON Schema of what a deed gives back."""
    schema = item.result.json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    plain: dict[str, Any] = _without_tuples(schema)
    return plain


def _without_tuples(schema: Any) -> Any:
    """The schema with tuples of one type as lists of a fixed length: most readers of OpenAPI know no `prefixItems`."""
    if isinstance(schema, list):
        return [_without_tuples(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _without_tuples(part) for name, part in schema.items()}
    first, *others = plain.get("prefixItems") or (None,)
    if first is not None and all(other == first for other in others):
        del plain["prefixItems"]
        plain["items"] = first
    return plain


def value_schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema of one field's value; any value may be missing."""
    known: dict[Kind, dict[str, Any]] = {
        Kind.NUMBER: {"type": ["number", "string", "null"]},
        Kind.MONEY: {"type": ["number", "string", "null"]},
        Kind.YES_NO: {"type": ["boolean", "null"]},
        Kind.CHOICES: {"type": ["array", "null", "string"]},
    }
    return known.get(kind, {})


def record_schema(of: Resource) -> dict[str, Any]:
    """The JSON Schema of one record of a resource as lists and records give it."""
    values = {
        name: {**value_schema(field.kind), "title": str(field.label)} for name, field in of.fields.items()
    }
    return {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "format": "uuid"}, **values},
    }


def list_request(raw: Mapping[str, Any]) -> ListRequest:
    """A list request from texts (query string, options). Raises Invalid naming what is wrong."""
    unknown = set(raw) - {"where", "sort", "fields", "cursor", "size", "q", "count"}
    if unknown:
        raise Invalid({name: _("Unknown field.") for name in sorted(unknown)})
    where = raw.get("where")
    if isinstance(where, str) and where:
        try:
            where = orjson.loads(where)
        except orjson.JSONDecodeError:
            raise Invalid({"where": _("This is not JSON.")}) from None
    try:
        size = int(raw.get("size") or 50)
    except (TypeError, ValueError):
        raise Invalid({"size": _("Between 1 and %(most)s.") % {"most": LARGEST_PAGE}}) from None
    counted = str(raw.get("count", "true")).lower()
    if counted not in ("true", "false"):
        raise Invalid({"count": _("Enter yes or no.")})
    fields = raw.get("fields") or ""
    names = fields.split(",") if isinstance(fields, str) else list(fields)
    return ListRequest(
        condition=where or None,
        sort=str(raw.get("sort") or ""),
        fields=[name.strip() for name in names if name.strip()],
        cursor=raw.get("cursor") or None,
        size=size,
        text=_search_text(raw.get("q")),
        counted=counted == "true",
    )


def _search_text(raw: Any) -> str:
    text = str(raw or "")
    if len(text) > 200 or "\x00" in text:
        raise Invalid({"q": _("At most %(max_length)s characters fit here.") % {"max_length": 200}})
    return text


def row_json(row: Row) -> dict[str, Any]:
    """A record as JSON types."""
    return {"id": str(row.id), **{name: as_json(value) for name, value in row.values.items()}}


def listing_json(listing: Listing) -> dict[str, Any]:
    """A page of records as JSON types."""
    count = listing.count
    return {
        "items": [row_json(row) for row in listing.rows],
        "next": listing.next,
        "previous": listing.previous,
        "count": {"number": count.number, "exact": count.exact} if count else None,
    }


def problem(refusal: Refusal) -> dict[str, Any]:
    """A refusal as a problem document (RFC 9457) in the active language."""
    body: dict[str, Any] = {
        "type": f"urn:zhike:{refusal.code}",
        "title": str(refusal.title),
        "status": refusal.status,
        "code": refusal.code,
        "detail": str(refusal.message),
    }
    if isinstance(refusal, Invalid):
        body["fields"] = {name: [str(text) for text in texts] for name, texts in refusal.fields.items()}
    if isinstance(refusal, Conflict):
        body |= {
            "theirs": as_json(refusal.theirs),
            "yours": as_json(refusal.yours),
            "version": refusal.version,
        }
    return body


def example_of(schema: Mapping[str, Any], known: Mapping[str, Any], depth: int = 0) -> Any:
    """An example value that satisfies a JSON Schema, for documentation."""
    if "$ref" in schema:
        return example_of(known[schema["$ref"].rsplit("/", 1)[1]], known, depth + 1)
    for key in ("default", "const"):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            parts = [part for part in schema[key] if part.get("type") != "null"]
            return example_of(parts[0], known, depth + 1) if parts else None
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        needed = schema.get("required", [])
        return {
            name: example_of(part, known, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name in needed
        }
    if kind == "array":
        items = schema.get("items", {})
        return [example_of(items, known, depth + 1)] if schema.get("minItems") or depth < 2 else []
    return _scalar_example(kind, schema)


def _scalar_example(kind: str | None, schema: Mapping[str, Any]) -> Any:
    if kind == "integer":
        return max(int(schema.get("minimum", 1)), int(schema.get("exclusiveMinimum", 0)) + 1)
    if kind == "number":
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    formats = {"uuid": _ID, "date": "2026-03-05", "date-time": "2026-03-05T14:30:00+08:00"}
    return formats.get(str(schema.get("format", "")), "上海华腾".ljust(int(schema.get("minLength", 0)), "x"))


def known_resources(names: Mapping[str, Resource] | None = None) -> list[Resource]:
    """All resources in the order of their names."""
    table = names if names is not None else resources()
    return [table[name] for name in sorted(table)]
