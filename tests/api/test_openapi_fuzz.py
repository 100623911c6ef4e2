"""The whole API under schemathesis: no 5xx, no answer that the document does not name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.installation import Installation

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def _fuzz(url: str, secret: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/api/v1/openapi.json",
        "--url", f"{url}/api/v1", "--header", f"Authorization: Bearer {secret}",
        "--checks", _CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "3",
        "--generation-deterministic", "--request-timeout", "60", "--no-color", *options,
    ]  # fmt: skip
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("role", ["administrator", "sales_rep"])
def test_every_answer_is_documented(installation: Installation, tmp_path: Path, role: str) -> None:
    """For an administrator, who reaches everything, and for a role that is refused much of it."""
    installation.zhike("units", "create", "--name", "总公司")
    password = installation.zhike(
        "staff", "create", "--name", "测试", "--username", "fuzz", "--roles", orjson.dumps([role]).decode()
    )
    assert orjson.loads(password.stdout)["password"]
    scopes = (
        '["*"]' if role == "administrator" else '["customers.read", "customers.create", "customers.update"]'
    )
    made = installation.zhike("--as", "fuzz", "tokens", "create", "--name", "fuzz", "--scopes", scopes)
    secret = orjson.loads(made.stdout)["secret"]
    # What would end the run itself: the token, its user and all sessions.
    spared = ["--exclude-path-regex", r"/(staff|tokens)/\{id\}|/crypto/rotate"]
    with installation.serve("--no-worker") as server:
        told = _fuzz(server.url, secret, tmp_path, *spared)
    assert told.returncode == 0, told.stdout[-6000:]
    if role == "administrator":
        # A token that is refused everywhere would make the run prove nothing.
        assert "operations returned only 401" not in told.stdout
