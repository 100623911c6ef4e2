"""A small demo company, built once: whole, alive, and the same again from the same seed."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from zhike.feeds.demo.build import PASSWORD

SIZE = 300


def _zhike(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ZHIKE_", "DATABASE_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "zhike.cli", *words], env=environment | {"ZHIKE_HOME": str(home)}, text=True,
        capture_output=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo in it."""
    found = tmp_path_factory.mktemp("demo")
    done = _zhike(found, "demo", "--size", str(SIZE))
    assert done.returncode == 0, done.stderr
    assert PASSWORD in done.stdout
    return found


def _rows(home: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "zhike.sqlite3") as connection:
        return connection.execute(statement).fetchall()


def test_a_company_lives_there(home: Path) -> None:
    (customers,) = _rows(home, "SELECT count(*) FROM customers_party WHERE number LIKE 'C-%'")[0:1]
    assert int(str(customers[0])) >= SIZE
    kinds = Counter(str(row[0]) for row in _rows(home, "SELECT kind FROM customers_party"))
    assert kinds["organisation"] > 40
    assert kinds["person"] > 150
    states = Counter(str(row[0]) for row in _rows(home, "SELECT state FROM customers_party"))
    assert {"potential", "actual", "lost"} <= set(states)
    assert len(_rows(home, "SELECT DISTINCT label FROM customers_score WHERE name = 'value_tier'")) == 4
    assert _rows(home, "SELECT 1 FROM customers_pastvalue LIMIT 1")
    assert _rows(home, "SELECT 1 FROM customers_note LIMIT 1")
    assert _rows(home, "SELECT 1 FROM customers_duplicatepair WHERE state = 'open' LIMIT 1")
    assert _rows(home, "SELECT 1 FROM kernel_savedview WHERE shared_with_all LIMIT 1")


def test_facts_stand_in_the_order_of_time(home: Path) -> None:
    times = [
        str(row[0])
        for row in _rows(home, "SELECT at FROM kernel_fact WHERE resource = 'customers' ORDER BY id")
    ]
    assert times == sorted(times)
    assert times[0] < times[-1]
    assert json.loads(_zhike(home, "audit", "verify").stdout)["sound"]


def test_everybody_of_a_role_may_sign_in(home: Path) -> None:
    from django.contrib.auth.hashers import check_password

    known = ("admin", "director", "manager", "rep", "agent", "analyst", "auditor")
    rows = _rows(home, "SELECT username, password, must_change_password, is_active, roles FROM kernel_user")
    people = {str(row[0]): row for row in rows}
    assert set(known) <= set(people)
    assert len({str(people[name][4]) for name in known}) == len(known)
    assert all(not row[2] and row[3] for row in rows)
    assert check_password(PASSWORD, str(people["rep"][1]))


def test_it_is_left_as_it_is(home: Path) -> None:
    before = _rows(home, "SELECT count(*), max(updated_at) FROM customers_party")
    again = _zhike(home, "demo", "--size", "50")
    assert again.returncode == 0
    assert str(SIZE) in again.stdout
    assert _rows(home, "SELECT count(*), max(updated_at) FROM customers_party") == before


def test_the_same_seed_makes_the_same_company(home: Path, tmp_path: Path) -> None:
    assert _zhike(tmp_path, "demo", "--size", str(SIZE)).returncode == 0
    statement = (
        "SELECT number, name, primary_phone, city, state, created_at FROM customers_party ORDER BY number"
    )
    assert _rows(tmp_path, statement) == _rows(home, statement)


def test_fresh_refuses_a_home_without_a_demo(tmp_path: Path) -> None:
    refused = _zhike(tmp_path, "demo", "--size", "20", "--fresh")
    assert refused.returncode == 1
    assert "演示企业" in refused.stderr
    assert not _rows(tmp_path, "SELECT 1 FROM customers_party")


def test_fresh_builds_another_company_in_its_place(tmp_path: Path) -> None:
    assert _zhike(tmp_path, "demo", "--size", "20").returncode == 0
    assert _zhike(tmp_path, "demo", "--size", "25", "--seed", "7", "--fresh").returncode == 0
    assert json.loads((tmp_path / "demo.json").read_text())["size"] == 25
    assert json.loads(_zhike(tmp_path, "audit", "verify").stdout)["sound"]


def test_a_weak_password_is_refused(tmp_path: Path) -> None:
    refused = _zhike(tmp_path, "demo", "--size", "20", "--password", "123456")
    assert refused.returncode == 1
    assert "password" in refused.stderr
