"""Building the demo in a home, and knowing one that is built."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import orjson
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils.translation import gettext as _

from zhike.customers.queries import CUSTOMERS
from zhike.feeds.demo.bought import write_purchases
from zhike.feeds.demo.company import Builder, Plan
from zhike.feeds.demo.fields import define_fields, save_views
from zhike.feeds.demo.knowledge import know
from zhike.feeds.demo.staff import COMPANY, build_staff
from zhike.kernel.actor import Context, system
from zhike.kernel.errors import Refusal
from zhike.kernel.rows import visible
from zhike.kernel.seal import anchor_file
from zhike.kernel.staff import STAFF

PASSWORD = "zhike-demo-2026"  # noqa: S105 (printed for everybody who tries the demo)
_FOLDERS = ("warehouse", "files", "spill", "outbox", "imports", "exports")

Say = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is kept in the home about the demo it holds. `ready` is False until all of it is there."""

    seed: int
    size: int
    day: str
    ready: bool


def _place() -> Path:
    return Path(settings.HOME) / "demo.json"


def mark() -> Mark | None:
    """The demo this home holds, if it holds one."""
    return Mark(**orjson.loads(_place().read_bytes())) if _place().exists() else None


def _keep(kept: Mark) -> None:
    _place().write_bytes(orjson.dumps(asdict(kept), option=orjson.OPT_INDENT_2))


def require_empty() -> None:
    """Raise Refusal when customers or people work in this home already."""
    if any(visible(system(), kind).exists() for kind in (CUSTOMERS, STAFF)):
        raise Refusal(_("This home holds a company already; choose another one (ZHIKE_HOME) for the demo."))


def remove() -> None:
    """Take the demo out of the home: all records, the warehouse, files. Raises Refusal when there is none."""
    if mark() is None:
        raise Refusal(_("This home holds no demo, so nothing was removed."))
    _empty_database()
    home = Path(settings.HOME)
    for name in _FOLDERS:
        shutil.rmtree(home / name, ignore_errors=True)
    anchor_file().unlink(missing_ok=True)
    _place().unlink()


def _empty_database() -> None:
    """No record is left: a file is deleted and made anew, tables of a server are emptied."""
    if connection.vendor != "sqlite":
        call_command("flush", verbosity=0, interactive=False)
        return
    path = Path(connection.settings_dict["NAME"])
    connections.close_all()
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    prepare_database()


def prepare_database() -> None:
    """Bring the tables up to date."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def build(plan: Plan, password: str, say: Say = lambda what, done, total: None) -> None:
    """Build the demo of a plan in an empty home. Raises Refusal."""
    require_empty()
    _keep(Mark(plan.seed, plan.size, plan.last_day.isoformat(), False))
    context = Context(system(), plan.midnight - timedelta(days=20), "start")
    staff = build_staff(plan.seed, plan.midnight, password)
    define_fields(context)
    builder = Builder(plan, staff, lambda done, total: say(_("Customers"), done, total))
    for members, ids in builder.build():
        write_purchases(plan, members, ids)
    know(plan, lambda done, total: say(_("Knowledge"), done, total))
    save_views(Context(staff.actors["director"], plan.now, "screen"))
    _keep(Mark(plan.seed, plan.size, plan.last_day.isoformat(), True))


def company() -> str:
    """The name of the company."""
    return COMPANY
