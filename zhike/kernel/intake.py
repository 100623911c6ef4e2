"""Files on their way in: an entrance puts the bytes down here and hands an action what they go by."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from zhike.kernel.errors import Invalid, NoRoom, disk_full

_TOKEN = re.compile(r"[0-9a-f]{32}")
_BLOCK = 1 << 20


def blocks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """What a stream holds, a megabyte at a time."""
    while block := stream.read(_BLOCK):
        yield block


def _folder() -> Path:
    folder = Path(settings.HOME) / "uploads"
    folder.mkdir(exist_ok=True)
    return folder


def stage(blocks: Iterable[bytes]) -> str:
    """Put bytes down for a while and return the token that nobody can guess. Raises NoRoom."""
    token = secrets.token_hex(16)
    _put(_folder() / f"{token}.staged", blocks)
    return token


def staged(token: str) -> Path:
    """The file behind a token. Raises Invalid for an unknown one."""
    path = _folder() / f"{token}.staged"
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise Invalid({"staged": _("The uploaded file is no longer there; send it again.")})
    return path


def keep(blocks: Iterable[bytes]) -> str:
    """Put bytes into the file store and return their name there, which nobody can guess:
    `uploads/<32 hexadecimal digits>-<their SHA-256>`. Raises NoRoom.
    """
    folder = Path(default_storage.path("uploads"))
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{secrets.token_hex(16)}.part"
    name = f"uploads/{part.stem}-{_put(part, blocks)}"
    part.replace(default_storage.path(name))
    return name


def _put(path: Path, blocks: Iterable[bytes]) -> str:
    """Write a new file, safe on the disk, and return its SHA-256. Where that fails nothing is left behind."""
    digest = hashlib.sha256()
    try:
        with path.open("xb") as handle:
            for block in blocks:
                handle.write(block)
                digest.update(block)
            handle.flush()
            os.fsync(handle.fileno())
    except BaseException as problem:
        path.unlink(missing_ok=True)
        if isinstance(problem, OSError) and disk_full(problem):
            raise NoRoom() from problem
        raise
    return digest.hexdigest()
