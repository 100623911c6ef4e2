"""The list of facts that others may listen to is the list of facts that are announced."""

from __future__ import annotations

import ast
from pathlib import Path

import zhike.customers
from zhike.customers.events import KINDS

_TELLERS = {"conclude", "conclude_many", "news_of", "News", "_set", "_told"}


def test_every_announced_kind_is_listed() -> None:
    announced = set()
    for path in Path(zhike.customers.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _TELLERS:
                texts = (part.value for part in node.args if isinstance(part, ast.Constant))
                announced |= {
                    text for text in texts if isinstance(text, str) and text.startswith("customers.")
                }
    assert announced == KINDS
