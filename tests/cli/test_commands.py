"""The command line: generated commands and the way refusals are told."""

from __future__ import annotations

import orjson

from tests.installation import Installation


def test_a_round_of_generated_commands(installation: Installation) -> None:
    made = orjson.loads(installation.zhike("units", "create", "--name", "西南区").stdout)
    where = '{"field": "name", "op": "starts", "value": "西"}'
    listed = orjson.loads(installation.zhike("units", "list", "--where", where, "--fields", "name").stdout)
    assert listed["items"] == [{"id": made["id"], "name": "西南区"}]
    installation.zhike("units", "rename", made["id"], "--name", "大西南")
    assert orjson.loads(installation.zhike("units", "show", made["id"]).stdout)["name"] == "大西南"


def test_the_same_key_has_one_effect(installation: Installation) -> None:
    first = installation.zhike("--key", "once", "units", "create", "--name", "东北区").stdout
    again = installation.zhike("--key", "once", "units", "create", "--name", "东北区").stdout
    assert orjson.loads(first) == orjson.loads(again)
    assert orjson.loads(installation.zhike("units", "list").stdout)["count"]["number"] == 1


def test_refusals_name_the_field_and_write_nothing(installation: Installation) -> None:
    refused = installation.zhike("--language", "en", "units", "create", "--name", "", check=False)
    assert refused.returncode == 1
    assert "name:" in refused.stderr
    stranger = installation.zhike("--as", "nobody", "units", "list", check=False)
    assert stranger.returncode == 1
    assert orjson.loads(installation.zhike("units", "list").stdout)["items"] == []


def test_roles_and_permissions_are_listed(installation: Installation) -> None:
    told = orjson.loads(installation.zhike("roles").stdout)
    assert "administrator" in told["roles"]
    assert "units.manage" in told["permissions"]
