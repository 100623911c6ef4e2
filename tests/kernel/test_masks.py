"""Masks show what a person may see of a hidden value, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.kernel.masks import mask_certificate, mask_email, mask_general, mask_name, mask_phone

MASKS: list[Callable[[Any], str | None]] = [
    mask_certificate, mask_email, mask_general, mask_name, mask_phone,
]  # fmt: skip


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_phone, "13800001234", "138****1234"),
        (mask_phone, "+8613800001234", "+86 138****1234"),
        (mask_phone, "138 0000 1234", "138****1234"),
        (mask_phone, "+441632960123", "+441****0123"),
        (mask_phone, "62345", "****45"),
        (mask_phone, "110", "•••"),
        (mask_name, "王小明", "王*"),
        (mask_name, "欧阳修", "欧*"),
        (mask_name, "Alice Smith", "A*"),
        (mask_certificate, "310101199001011234", "3101**********1234"),
        (mask_certificate, "E1234567", "****67"),
        (mask_email, "wang.fang@example.com", "w***@example.com"),
        (mask_email, "nobody", "•••"),
        (mask_general, 17, "•••"),
        (mask_general, [], None),
    ],
)
def test_the_forms(mask: Callable[[Any], str | None], value: Any, shown: str | None) -> None:
    assert mask(value) == shown


@pytest.mark.parametrize("mask", MASKS)
def test_nothing_stays_nothing(mask: Callable[[Any], str | None]) -> None:
    assert mask(None) is None
    assert mask("") is None


@given(st.from_regex(r"\A[0-9]{11,18}\Z"))
def test_the_middle_never_shows(value: str) -> None:
    phone, certificate = mask_phone(value), mask_certificate(value)
    assert phone is not None
    assert certificate is not None
    assert phone.replace("*", "") == value[:3] + value[-4:]
    assert len(certificate.replace("*", "")) <= 8
