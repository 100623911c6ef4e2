"""A policy file that speaks of what does not exist is told by name, and nothing starts with it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
from django.utils import translation

from tests.installation import Installation
from zhike.config.serving import prepare, worker
from zhike.kernel import policy_check, rights
from zhike.kernel.errors import Refusal
from zhike.kernel.policy_check import problems
from zhike.kernel.rights import FieldRight, read_roles

pytestmark = pytest.mark.django_db
WRONG = """
roles:
  rep:
    label: {zh: 客户经理, en: Account manager}
    actions: [customers.raed, "custmers.*", customers.read, "*.read", nonsense]
    rows: {customers: {read: unitt, write: own}, custommers: {read: all, writes: own}}
    fields: {customers: {phnoe: masked, phone: maskd, "*": read}, zzz: {"*": read}, "*": {emial: read}}
    filds: {}
  broken: [1]
"""
SAID = [
    "rep: “filds” is unknown. Did you mean “fields”?",
    "rep.rows.customers.read: “unitt” is unknown. Did you mean “unit”?",
    "rep.rows.custommers: “writes” is unknown. Did you mean “write”?",
    "rep.fields.customers.phone: “maskd” is unknown. Did you mean “masked”?",
    "broken: “[1]” is unknown.",
    "rep.actions: “customers.raed” is unknown. Did you mean “customers.read”?",
    "rep.actions: “custmers.*” is unknown. Did you mean “customers.*”?",
    "rep.actions: “nonsense” is unknown.",
    "rep.rows: “custommers” is unknown. Did you mean “customers”?",
    "rep.fields: “zzz” is unknown.",
    "rep.fields.customers: “phnoe” is unknown. Did you mean “phone”?",
    "rep.fields.*: “emial” is unknown. Did you mean “email”?",
]


@pytest.fixture
def wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with that file."""
    path = tmp_path / "roles.yaml"
    path.write_text(WRONG, encoding="utf-8")
    for module in (policy_check, rights):
        monkeypatch.setattr(module, "policy", lambda: read_roles(path))
    return path


def test_the_policy_that_comes_along_is_sound() -> None:
    assert problems() == []


def test_every_misspelt_word_is_named_with_a_suggestion(wrong: Path) -> None:
    with translation.override("en"):
        assert sorted(problems()) == sorted(SAID)


def test_what_is_not_understood_gives_no_right(wrong: Path) -> None:
    roles, _unread = read_roles(wrong)
    assert roles["rep"].rights.field("customers", "phone") == FieldRight.HIDDEN
    assert roles["broken"].rights.actions == frozenset()


def test_nothing_starts_with_it(wrong: Path) -> None:
    with translation.override("en"), pytest.raises(Refusal, match=r"customers.raed.*Did you mean"):
        prepare()
    with pytest.raises(Refusal):
        worker(Namespace(parent=None))


@pytest.mark.parametrize("text", ["roles: [", "roles: {a: {label: {zh: 甲", "\tx: 1"])
def test_a_file_that_is_no_yaml_is_told(wrong: Path, text: str) -> None:
    wrong.write_text(text, encoding="utf-8")
    (said,) = problems()
    assert "roles.yaml" in said


def test_the_command_lists_all_permissions(installation: Installation) -> None:
    said = installation.zhike("roles").stdout
    assert '"problems": []' in said
    assert "jobs.manage" in said
    assert "feeds.feed" in said
