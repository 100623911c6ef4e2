"""Files on their way in: an entrance puts the bytes down here and hands an action the token."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.kernel.errors import Invalid

_TOKEN = re.compile(r"[0-9a-f]{32}")


def _folder() -> Path:
    folder = Path(settings.HOME) / "uploads"
    folder.mkdir(exist_ok=True)
    return folder


def stage(blocks: Iterable[bytes]) -> str:
    """Put bytes down, safe on the disk, and return the token that nobody can guess. Raises OSError on a full disk."""
    token = secrets.token_hex(16)
    path = _folder() / f"{token}.staged"
    try:
        with path.open("xb") as handle:
            for block in blocks:
                handle.write(block)
            handle.flush()
            os.fsync(handle.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return token


def staged(token: str) -> Path:
    """The file behind a token. Raises Invalid for an unknown one."""
    path = _folder() / f"{token}.staged"
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise Invalid({"staged": _("The uploaded file is no longer there; send it again.")})
    return path
