"""Short messages that the browser shows after a request, with a way back where there is one."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.http import HttpResponseBase

Response = TypeVar("Response", bound=HttpResponseBase)


def trigger(response: Response, name: str, detail: dict[str, Any] | None = None) -> Response:
    """Add one browser event to the answer of an HTMX request, keeping those already there."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[name] = detail or {}
    response.headers["HX-Trigger"] = json.dumps(events)
    return response


def toast(
    response: Response,
    message: object,
    *,
    kind: str = "success",
    undo_url: str = "",
    link_url: str = "",
    link_label: object = "",
) -> Response:
    """Show `message` after the answer arrives.

    `kind` is success, info, warning or error. With `undo_url` the toast offers to take the change back by a
    POST there; with `link_url` it offers a link named `link_label`.
    """
    detail = {"message": str(message), "kind": kind, "undo": undo_url, "link": link_url}
    return trigger(response, "toast", {**detail, "linkLabel": str(link_label)})
