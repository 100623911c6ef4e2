"""The company of canaries, made once for each module and rolled back after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.rights.bought import Office, make_office
from tests.rights.canaries import Company, make_company
from zhike.kernel import definitions


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """Everybody and every customer. Each test runs in a savepoint of its own within this transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_company()
        # From here on the fields that users defined are those of this company; they are read once.
        definitions.forget()
        yield made
        transaction.set_rollback(True)
    definitions.forget()


@pytest.fixture(scope="module")
def office(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The company with purchases in a warehouse of its own, and with what one of its people has going on."""
    home = tmp_path_factory.mktemp("office")
    with override_settings(HOME=home, WAREHOUSE=home / "warehouse"):
        yield make_office(company)
