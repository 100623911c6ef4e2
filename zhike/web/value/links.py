"""Every figure opens the customers behind it: as a condition on their scores where these are of the same basis, else as
a list of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from django.urls import reverse

# What the question about customers behind a figure calls each score.
_PARTS = {"value_tier": "tier", "rfm_type": "kind", "r": "r", "f": "f"}


def link(view: Mapping[str, Any], given: Mapping[str, str], **scores: str | int) -> str:
    """The address of the customers with these scores, among those the view speaks of."""
    scope = view["scope"]
    if scope["scored"]:
        tests: list[dict[str, Any]] = [
            {"field": name, "op": "eq", "value": value} for name, value in scores.items()
        ]
        if scope["unit_ids"]:
            tests.append({"field": "unit", "op": "in", "value": scope["unit_ids"]})
        where = orjson.dumps(tests[0] if len(tests) == 1 else {"and": tests}).decode()
        return f"{reverse('customers')}?{urlencode({'where': where})}"
    asked = {_PARTS[name]: value for name, value in scores.items()}
    return f"{reverse('value_customers')}?{urlencode({**given, 'as_of': scope['as_of'], **asked})}"
