"""First start: one administrator, one password, once."""

from __future__ import annotations

import threading

from django.db import connection
from django.test import Client

from tests.world import NOW, World
from zhike.kernel.first import USERNAME, ensure_administrator
from zhike.kernel.models import User
from zhike.kernel.staff import actor_of


def test_an_empty_installation_gets_an_administrator(db: None) -> None:
    password = ensure_administrator(NOW)
    assert password
    user = User.objects.get(username=USERNAME)
    assert user.must_change_password
    assert actor_of(user).may("staff.manage")
    assert Client().login(username=USERNAME, password=password)
    assert ensure_administrator(NOW) is None


def test_nobody_is_added_to_an_installation_in_use(world: World) -> None:
    assert ensure_administrator(NOW) is None
    assert User.objects.count() == 9


def test_processes_that_start_together_make_one(transactional_db: None) -> None:
    passwords: list[str | None] = []
    together = threading.Barrier(4)

    def begin() -> None:
        together.wait()
        passwords.append(ensure_administrator(NOW))
        connection.close()

    threads = [threading.Thread(target=begin) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passwords) == 4
    assert len([password for password in passwords if password]) == 1
    assert User.objects.count() == 1
