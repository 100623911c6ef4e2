"""The warehouse of this installation."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.kernel.errors import NoRoom, Refusal, disk_full

if TYPE_CHECKING:
    from zhike.insight.warehouse import Warehouse, WarehouseError


def warehouse() -> Warehouse:
    """The warehouse in the home, its tables made when they are not there yet. Raises NoRoom."""
    return _opened(Path(settings.WAREHOUSE))


@lru_cache(maxsize=4)
def _opened(root: Path) -> Warehouse:
    from zhike.insight.warehouse import Warehouse, WarehouseFull, create

    found = Warehouse(root)
    try:
        create(found)
    except WarehouseFull as error:
        raise refusal_of(error) from error
    except OSError as error:
        if disk_full(error):
            raise NoRoom() from error
        raise
    return found


def refusal_of(error: WarehouseError) -> Refusal:
    """What to tell people when the warehouse would not."""
    if error.reason == "disk_full":
        return NoRoom()
    return Refusal(_("The warehouse refused: %(reason)s") % {"reason": error})
