"""Where the file of an import lies."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from zhike.kernel.errors import Invalid

# What an entrance kept, with the digest of its content: a name that nobody can guess.
_UPLOAD = re.compile(r"uploads/[0-9a-f]{32}-(?P<sha>[0-9a-f]{64})")


def folder_of(import_id: UUID) -> Path:
    """The folder of an import in the home."""
    path: Path = Path(settings.HOME) / "imports" / "purchases" / str(import_id)
    path.mkdir(parents=True, exist_ok=True)
    return path


def source_file(import_id: UUID) -> Path:
    """The file as it was handed in."""
    return folder_of(import_id) / "source"


def digest_of(upload: str) -> str:
    """The SHA-256 of a stored file, from its name. Raises Invalid when there is no such upload."""
    found = _UPLOAD.fullmatch(upload)
    if found is None or not default_storage.exists(upload):
        raise Invalid({"upload": _("There is no such upload; send the file again.")})
    return found["sha"]


def stored_path(upload: str) -> Path:
    """Where a stored file lies until it belongs to an import."""
    return Path(default_storage.path(upload))


def refused_name(import_id: UUID) -> str:
    """The name in the storage under which an import leaves its refused rows."""
    return f"refused/{import_id}.csv"
