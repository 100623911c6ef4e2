"""What a request asks of customer value: day, period, unit, currency. Kept in the address, so that it can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import ngettext

from zhike.kernel.actions import run
from zhike.web.context import context_of

PERIODS = (30, 90, 180, 365, 730, 1095)
_NAMES = ("as_of", "before", "after", "days", "currency", "unit")


def asked(request: HttpRequest, *names: str) -> dict[str, str]:
    """The parts that were given and are not empty."""
    return {name: request.GET[name].strip() for name in names or _NAMES if request.GET.get(name, "").strip()}


def answer(request: HttpRequest, question: str, given: Mapping[str, Any]) -> Any:
    """The answer of a registered question, as JSON types. Raises Refusal."""
    return run(question, context_of(request), given).result


def query_of(given: Mapping[str, Any], **more: Any) -> str:
    """An address with these parts; those that are empty are left out."""
    kept = {name: value for name, value in {**given, **more}.items() if value not in (None, "")}
    return f"?{urlencode(kept)}"


def periods(chosen: int) -> list[tuple[int, str, bool]]:
    """The lengths to choose among, the chosen one among them: days, label, whether it is chosen."""
    lengths = sorted({*PERIODS, chosen})
    return [(length, period_text(length), length == chosen) for length in lengths]


def period_text(days: int) -> str:
    """A length in words."""
    if days % 365 == 0:
        return ngettext("%(n)d year", "%(n)d years", days // 365) % {"n": days // 365}
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
