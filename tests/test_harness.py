"""The harness itself: tests stay on this machine, in a home of their own, and are counted truly."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.network import NetworkForbidden
from tests.suite import Tally, read_report, summary


def test_nothing_leaves_this_machine() -> None:
    with pytest.raises(NetworkForbidden), socket.socket() as outward:
        outward.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo("example.com", 80)


def test_this_machine_answers_itself() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_state_is_kept_in_a_temporary_home(home: Path) -> None:
    assert Path(os.environ["ZHIKE_HOME"]) == home == Path(settings.HOME)
    assert Path.cwd() not in home.parents


def test_the_durable_cluster_keeps_what_it_promised(durable_postgres: str) -> None:
    with psycopg.connect(durable_postgres) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")]
    assert shown == [("on",), ("on",)]


def _report(folder: Path, **counts: int) -> Path:
    path = folder / "report.xml"
    attributes = " ".join(f'{name}="{count}"' for name, count in counts.items())
    path.write_text(f"<testsuites><testsuite {attributes}/></testsuites>")
    return path


def test_errors_count_as_failures(tmp_path: Path) -> None:
    report = _report(tmp_path, tests=10, failures=1, errors=2, skipped=3)
    assert read_report(report, 1) == Tally(passed=4, failed=3, skipped=3)


def test_a_run_that_ends_without_saying_is_broken(tmp_path: Path) -> None:
    assert read_report(tmp_path / "absent.xml", 0).broken
    assert read_report(_report(tmp_path, tests=5, failures=0, errors=0, skipped=0), 2).broken


def test_the_closing_line_tells_both_databases() -> None:
    line = summary({"SQLite": Tally(5, 1, 2), "PostgreSQL": Tally(broken=True)}, 12.3)
    assert line == "5 passed, 1 failed, 2 skipped (SQLite 5, PostgreSQL did not finish) in 12 s"
