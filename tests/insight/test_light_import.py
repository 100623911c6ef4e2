"""Insight can be had alone: no Django, and nothing heavy before it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import zhike.insight


def imported(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_package_alone_is_light() -> None:
    heavy = {"pyarrow", "duckdb", "deltalake", "numpy", "ibis", "pandas", "django"}
    assert not imported("import zhike.insight") & heavy


def test_warehouse_and_models_need_neither_django_nor_ibis_nor_pandas() -> None:
    statement = (
        "from zhike.insight import warehouse; from zhike.insight.models import migration, pyramid, rfm"
    )
    assert not imported(statement) & {"django", "ibis", "pandas"}


def test_an_unknown_part_is_told() -> None:
    with pytest.raises(AttributeError, match="no attribute 'cube'"):
        _ = zhike.insight.cube


def test_what_was_learnt_of_losses_is_used_without_the_learner() -> None:
    statement = "from zhike.insight.models import churn, segments"
    assert not imported(statement) & {"django", "ibis", "pandas", "lightgbm", "scipy"}
