"""A warehouse of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhike.insight.warehouse import Warehouse, create


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse with its tables made."""
    made = Warehouse(tmp_path / "warehouse", threads=1, memory="512MB")
    create(made)
    return made
