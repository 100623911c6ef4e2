"""What every test stands on: a home of its own, a real database, and no way off this machine."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Before Django reads its settings: each process of the suite gets a home that is deleted at its end.
_HOME = Path(tempfile.mkdtemp(prefix="zhike-test-"))
_OWNER = os.getpid()
os.environ["ZHIKE_HOME"] = str(_HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "zhike.config.settings"
for name in ("ZHIKE_URL", "ZHIKE_PORT", "ZHIKE_HOSTS", "ZHIKE_REGION", "ZHIKE_CURRENCY", "ZHIKE_TIME_ZONE"):
    os.environ.pop(name, None)


@atexit.register
def _delete_home() -> None:
    if os.getpid() == _OWNER:
        shutil.rmtree(_HOME, ignore_errors=True)


import django  # noqa: E402
import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402

from tests import installation as installations  # noqa: E402
from tests import network, postgres  # noqa: E402

network.forbid()
_DATABASE = settings.DATABASES["default"]
if _DATABASE["ENGINE"].endswith("sqlite3"):
    # A file, as in real life: an in-memory database locks differently. It need not survive a power cut.
    _DATABASE.setdefault("TEST", {})["NAME"] = str(_HOME / "test.sqlite3")
    _DATABASE["OPTIONS"]["init_command"] = _DATABASE["OPTIONS"]["init_command"].replace(
        "synchronous=FULL", "synchronous=OFF"
    )
# Pages are tested without a collected static folder; the browser's server collects one.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()

from zhike.config.start import start  # noqa: E402

start()

# The cast needs Django to be set up.
from tests.world import world as world  # noqa: E402

hypothesis_settings.register_profile(
    "zhike",
    deadline=None,
    database=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("zhike")


@pytest.fixture(scope="session")
def home() -> Path:
    """The ZHIKE_HOME of this test process."""
    return _HOME


@pytest.fixture(scope="session")
def durable_postgres() -> Iterator[str]:
    """DATABASE_URL of a PostgreSQL that keeps what it promised (fsync on), for tests of what survives."""
    with postgres.cluster(durable=True) as url:
        yield url


@pytest.fixture
def installation(tmp_path: Path, home: Path) -> installations.Installation:
    """A whole installation of its own, for tests that run and kill real processes."""
    return installations.create(tmp_path, home)


def pytest_configure(config: pytest.Config) -> None:
    """A process that only hands out tests says nothing of settings to its workers: they would load them too early,
    with this process's home."""
    if getattr(config.option, "numprocesses", None):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in tests/browser/ drives a browser."""
    for item in items:
        if "browser" in item.path.relative_to(Path(__file__).parent).parts[:-1]:
            item.add_marker(pytest.mark.browser)


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Names of tests are alike in every process that collects them: contents of files and made-up ids stay out."""
    if isinstance(val, bytes):
        return argname
    if isinstance(val, str) and _UUID.search(val):
        return _UUID.sub("uuid", val)
    return None
