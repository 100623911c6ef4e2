"""Whatever the purchases cannot carry is said in words, in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import zhike
from tests.test_conventions import expect_none
from zhike.feeds.knowledge.refusals import WHY, refusal_for
from zhike.insight.types import CannotCarry

PACKAGE = Path(zhike.__file__).parent


def _raised() -> Iterator[str]:
    """The code of every CannotCarry that is built in the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "CannotCarry"
            ):
                codes = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                assert codes, f"{path}:{node.lineno}: the code is not written out"
                yield from map(str, codes)


def test_every_code_has_its_words() -> None:
    expect_none(sorted(set(_raised()) - set(WHY)))


@pytest.mark.parametrize("code", sorted(WHY))
def test_the_words_are_in_both_languages(code: str) -> None:
    refusal = refusal_for(CannotCarry(code, "for engineers"))
    assert refusal.details == {"reason": code}
    with translation.override("en"):
        english = str(refusal.message)
    with translation.override("zh-hans"):
        assert str(refusal.message) not in {english, "for engineers"}
