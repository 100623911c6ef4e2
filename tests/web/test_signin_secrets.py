"""Secrets of second factors stand in the database encrypted, and a change of keys reaches them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time

from tests.world import World
from zhike.config.home import installation_secrets
from zhike.kernel import crypto
from zhike.kernel.models import Job
from zhike.kernel.worker import work_off

_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keys of its own, so that other tests keep theirs."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    installation_secrets.cache_clear()
    yield
    installation_secrets.cache_clear()


def _code() -> str:
    return str(format_hotp_value(hotp_value(_SECRET, next(yield_hotp_counters_from_time()))))


def _kept() -> dict[str, str]:
    """What the database holds of each kind of factor."""
    return {row.type: json.dumps(row.data) for row in Authenticator.objects.order_by("type")}


def test_a_change_of_keys_reaches_second_factors(own_keys: None, world: World) -> None:
    app = TOTP.activate(world.rep, _SECRET)
    codes = RecoveryCodes.activate(world.rep).generate_codes()
    RecoveryCodes.activate(world.manager)
    before = _kept()
    assert _SECRET not in before["totp"]
    assert '"k1:' in before["totp"]
    assert '"k1:' in before["recovery_codes"]
    job = crypto.rotate(world.context(world.admin))
    work_off()
    assert (Job.objects.get(pk=job).state, Job.objects.get(pk=job).result) == ("done", {"values": 3})
    assert all(
        "k1:" not in row.data.get("secret", row.data.get("seed")) for row in Authenticator.objects.all()
    )
    assert _SECRET not in _kept()["totp"]
    app.instance.refresh_from_db()
    assert app.validate_code(_code())
    mine = Authenticator.objects.get(user=world.rep, type="recovery_codes")
    assert RecoveryCodes(mine).get_unused_codes() == codes
    assert RecoveryCodes(mine).validate_code(codes[0])
    assert Authenticator.objects.get(pk=mine.pk).data["used_mask"] == 1
