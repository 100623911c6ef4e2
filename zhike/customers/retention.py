"""Files that no customer has any more: of undone imports, and what a full disk or a kill left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.storage import default_storage

from zhike.customers.models import FileItem
from zhike.kernel.retention import old_files, tidier
from zhike.kernel.slices import slices

_FOLDER = "customers"
_AT_ONCE = 500


@tidier("orphans")
def tidy_files(now: datetime, kept: timedelta) -> int:
    """Remove files of customers that no record knows; returns how many."""
    root = Path(default_storage.path(""))
    return sum(
        _remove_unknown(root, some) for some in slices(old_files(root / _FOLDER, now - kept), _AT_ONCE)
    )


def _remove_unknown(root: Path, paths: Sequence[Path]) -> int:
    names = {path.relative_to(root).as_posix(): path for path in paths}
    known = set(FileItem.objects.filter(path__in=list(names)).values_list("path", flat=True))
    unknown = [path for name, path in names.items() if name not in known]
    for path in unknown:
        path.unlink(missing_ok=True)
    return len(unknown)
