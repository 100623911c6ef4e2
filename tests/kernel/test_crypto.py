"""Values encrypted at rest: unreadable elsewhere, found by a keyed hash, renewed when keys change."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from zhike.config.home import add_field_key, installation_secrets
from zhike.kernel import crypto
from zhike.kernel.crypto import Unreadable, decrypt, encrypt, lookup_hash
from zhike.kernel.errors import NotAllowed
from zhike.kernel.models import Job, User
from zhike.kernel.worker import work_off

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keys of its own, so that other tests keep theirs, and no registered column."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    monkeypatch.setattr(crypto, "_columns", {})
    installation_secrets.cache_clear()
    yield tmp_path
    installation_secrets.cache_clear()


@given(st.text(max_size=200), st.text(max_size=20))
def test_what_was_encrypted_is_read_back(text: str, purpose: str) -> None:
    value = encrypt(text, purpose)
    assert decrypt(value, purpose) == text
    assert encrypt(text, purpose) != value


@given(st.integers(0, 45), st.integers(0, 7))
def test_a_changed_value_is_unreadable(place: int, bit: int) -> None:
    name, _, coded = encrypt("310101199001011234", "customers.certificate").partition(":")
    raw = bytearray(base64.urlsafe_b64decode(coded))
    assert len(raw) == 46
    raw[place] ^= 1 << bit
    with pytest.raises(Unreadable):
        decrypt(f"{name}:{base64.urlsafe_b64encode(raw).decode()}", "customers.certificate")


def test_a_value_moved_elsewhere_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        decrypt(encrypt("310101199001011234", "customers.certificate"), "customers.note")


@pytest.mark.parametrize("value", ["", "plain text", "k9:AAAA", "k1:", "k1:AAAA", "k1:不是"])
def test_what_is_no_encrypted_value_is_unreadable(value: str) -> None:
    with pytest.raises(Unreadable):
        decrypt(value)


def test_the_hash_finds_the_same_and_only_the_same() -> None:
    found = lookup_hash("id_card", "310101199001011234")
    assert found == lookup_hash("id_card", "310101199001011234")
    assert len(found) == 64
    assert found != lookup_hash("passport", "310101199001011234")
    assert found != lookup_hash("id_card", "310101199001011235")


def test_the_hash_needs_the_key(own_keys: Path) -> None:
    mine = lookup_hash("id_card", "1")
    (own_keys / "secrets.json").unlink()
    installation_secrets.cache_clear()
    assert lookup_hash("id_card", "1") != mine


def test_old_values_stay_readable_after_a_change_of_keys(own_keys: Path) -> None:
    old = encrypt("旧")
    assert add_field_key() == "k2"
    assert encrypt("新").startswith("k2:")
    assert decrypt(old) == "旧"


def test_a_key_that_another_process_made_is_found(own_keys: Path) -> None:
    assert installation_secrets().field_keys[0][0] == "k1"
    code = (
        "import django; django.setup()\n"
        "from zhike.config.home import add_field_key; from zhike.kernel.crypto import encrypt\n"
        "add_field_key(); print(encrypt('theirs'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("k2:")
    assert decrypt(done.stdout.strip()) == "theirs"


def test_of_keys_made_at_once_none_is_lost(own_keys: Path) -> None:
    installation_secrets()
    with ThreadPoolExecutor(8) as pool:
        names = [future.result() for future in [pool.submit(add_field_key) for _n in range(24)]]
    kept = [name for name, _key in installation_secrets().field_keys]
    assert sorted(kept) == sorted(["k1", *names])
    assert len(set(kept)) == 25


def test_rotation_reaches_every_registered_value(
    own_keys: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crypto, "_CHUNK", 3)
    crypto.register_encrypted(User, "email", "staff.email")
    for user in world.people().values():
        User.objects.filter(pk=user.pk).update(email=encrypt(user.username, "staff.email"))
    User.objects.filter(pk=world.auditor.pk).update(email="")
    job = crypto.rotate(world.context(world.admin))
    assert work_off() == 1
    assert (Job.objects.get(pk=job).state, Job.objects.get(pk=job).result) == ("done", {"values": 8})
    values = dict(User.objects.exclude(email="").values_list("username", "email"))
    assert {name: decrypt(value, "staff.email") for name, value in values.items()} == {n: n for n in values}
    assert all(value.startswith("k2:") for value in values.values())
    assert len(values) == 8


def test_only_administrators_change_keys(world: World) -> None:
    with pytest.raises(NotAllowed):
        crypto.rotate(world.context(world.director))
