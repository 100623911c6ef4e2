"""The OpenAPI 3.1 document of everything the registry holds."""

from __future__ import annotations

from typing import Any

from django.utils import translation

import zhike
from zhike.kernel.doors import (
    Route,
    example_of,
    known_resources,
    parameter_schema,
    record_schema,
    result_schema,
    routes,
)
from zhike.kernel.fields import Resource

_ERRORS = {
    "400": "The request was refused",
    "401": "Nobody is signed in, or the token is unknown, expired or withdrawn",
    "403": "The actor may not do this, or may not use one of the fields",
    "404": "Not found, or not the actor's to see",
    "409": "The record has changed meanwhile (both sides are shown), or the same request is under way",
    "413": "The request is too large",
    "415": "The body is not application/json",
    "422": "Some fields are wrong; `fields` names each",
    "429": "A quota or rate is used up",
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "theirs": {"type": "object"},
        "yours": {"type": "object"},
        "version": {"type": "integer"},
    },
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "The same key with the same body has one effect; the first answer is given again for 24 hours.",
}


def _hoist(schema: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """Move local definitions to the shared components."""
    for name, part in schema.pop("$defs", {}).items():
        shared[name] = _hoist(part, shared)
    return schema


def _errors(*codes: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": _ERRORS[code], "content": content} for code in codes}


def _ok(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _listing(of: Resource, name: str) -> dict[str, Any]:
    text = {"type": "string"}
    filters = [
        ("where", 'Condition as JSON, e.g. {"field": "city", "op": "eq", "value": "上海市"}', text),
        ("sort", "Field name, with - for descending", text),
        ("fields", "Field names separated by commas", text),
        ("cursor", "`next` or `previous` of a page", text),
        ("size", "Records per page", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}),
        ("q", "Search text: characters, pinyin, initials, end of a phone number", {**text, "maxLength": 200}),
        ("count", "Whether to count (up to 10,000)", {"type": "boolean", "default": True}),
    ]
    page = {
        "type": "object",
        "required": ["items", "next", "previous", "count"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "next": {"type": ["string", "null"]},
            "previous": {"type": ["string", "null"]},
            "count": {"type": ["object", "null"]},
        },
    }
    return {
        "operationId": f"{of.name}.list",
        "summary": f"List {of.label}",
        "tags": [of.name],
        "parameters": [
            {"name": key, "in": "query", "description": about, "schema": schema}
            for key, about, schema in filters
        ],
        "responses": {"200": _ok("A page of records", page), **_errors("400", "401", "403", "422")},
    }


def _record(of: Resource, name: str) -> dict[str, Any]:
    return {
        "operationId": f"{of.name}.get",
        "summary": f"Read one of {of.label}",
        "tags": [of.name],
        "parameters": [
            _path_id("id"),
            {"name": "fields", "in": "query", "schema": {"type": "string"}, "description": "Field names"},
        ],
        "responses": {
            "200": _ok("The record", {"$ref": f"#/components/schemas/{name}"}),
            **_errors("400", "401", "403", "404", "422"),
        },
    }


def _path_id(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def _deed(route: Route, shared: dict[str, Any]) -> dict[str, Any]:
    item = route.deed
    schema = _hoist(parameter_schema(item), shared)
    if item.target:
        schema["properties"].pop(item.target)
        schema["required"] = [name for name in schema.get("required", []) if name != item.target]
    summary, _, rest = item.summary.partition("\n")
    status = "201" if item.verb == "create" and route.method == "POST" else "200"
    operation: dict[str, Any] = {
        "operationId": item.name,
        "summary": str(item.label),
        "description": f"{summary}\n{rest}\n\nPermission: `{item.permission}`".strip(),
        "tags": [item.room],
        "parameters": [_path_id(item.target)] if item.target else [],
        "responses": {
            status: _ok("Done" if item.writes else "The answer", _hoist(result_schema(item), shared)),
            **_errors("400", "401", "403", "404", "409", "413", "415", "422", "429"),
        },
    }
    if item.writes:
        operation["parameters"].append(_KEY)
    if item.writes and route.method != "DELETE":
        media = {"schema": schema, "example": example_of(schema, shared)}
        operation["requestBody"] = {
            "required": bool(schema.get("required")),
            "content": {"application/json": media},
        }
    else:
        operation["parameters"] += [
            {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": part}
            for name, part in schema["properties"].items()
        ]
    return operation


def document(language: str | None = None) -> dict[str, Any]:
    """The whole document, with labels in a language (default: the active one)."""
    with translation.override(language or translation.get_language() or "en"):
        shared: dict[str, Any] = {"Problem": _PROBLEM}
        paths: dict[str, dict[str, Any]] = {}
        for of in known_resources():
            name = f"{of.name.title()}Record"
            shared[name] = record_schema(of)
            paths.setdefault(f"/{of.name}", {})["get"] = _listing(of, name)
            paths.setdefault(f"/{of.name}/{{id}}", {})["get"] = _record(of, name)
        for route in routes():
            # One template per place: OpenAPI takes /customers/{id} and /customers/{customer} for the same path.
            path = route.path.replace(f"{{{route.deed.target}}}", "{id}") if route.deed.target else route.path
            operation = _deed(route, shared)
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["name"] = "id"
            paths.setdefault(path, {})[route.method.lower()] = operation
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Zhike 知客",
                "version": zhike.__version__,
                "description": "Generated from the registry of actions and resources.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/api/v1"}],
            "security": [{"token": []}],
            "paths": dict(sorted(paths.items())),
            "components": {
                "schemas": shared,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }
