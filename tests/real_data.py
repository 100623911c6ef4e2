"""Real input for tests, where it is: beside the repository, or where ZHIKE_REAL_DATA points."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def real_data(name: str) -> Path:
    """The folder or file `name` (such as `messy_csv`) of the real data; skips the test where absent."""
    path = Path(os.environ.get("ZHIKE_REAL_DATA", _BESIDE)) / name
    if not path.exists():
        pytest.skip(f"real data {name!r} is not on this machine (set ZHIKE_REAL_DATA)")
    return path
