"""Judging a workbook before any parser sees it: sizes, ratio, parts, names, document type declarations."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from zhike.feeds.files.options import Limits
from zhike.feeds.files.reasons import refuse

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 1 << 16


def guard_workbook(path: Path, limits: Limits) -> None:
    """Raise `FileRefused` unless the file is a workbook that is safe to unpack.

    Sizes are those the archive claims; the parser's unpacking stops at them, and the child process that parses
    has limits of its own.
    """
    with path.open("rb") as handle:
        magic = handle.read(8)
    if magic == OLE_MAGIC:
        _guard_old_workbook(path, limits)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            _guard_parts(archive, path.stat().st_size, limits)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, ValueError) as error:
        raise refuse("file_damaged", detail=str(error)) from error


def _guard_old_workbook(path: Path, limits: Limits) -> None:
    size = path.stat().st_size
    if size > limits.eager_sheet:
        raise refuse("file_bomb", size_mb=size >> 20, limit_mb=limits.eager_sheet >> 20)
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    if "EncryptedPackage".encode("utf-16-le") in head:
        raise refuse("file_locked")


def _guard_parts(archive: zipfile.ZipFile, packed: int, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.entries:
        raise refuse("file_entries", count=len(parts), limit=limits.entries)
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked:
        raise refuse("file_bomb", size_mb=unpacked >> 20, limit_mb=limits.unpacked >> 20)
    if unpacked > limits.ratio_from and unpacked // max(packed, 1) > limits.ratio:
        raise refuse("file_ratio", ratio=unpacked // max(packed, 1))
    names = {part.filename for part in parts}
    for part in parts:
        _guard_part(archive, part)
    if "xl/workbook.xml" not in {name.lower() for name in names} and "xl/workbook.bin" not in names:
        raise refuse("file_archive")


def _guard_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if part.filename.startswith(("/", "\\")) or ".." in part.filename.replace("\\", "/").split("/"):
        raise refuse("file_part_name")
    if part.flag_bits & 1:
        raise refuse("file_locked")
    if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
        return
    with archive.open(part) as handle:
        head = handle.read(_HEAD)
    if _declares(head):
        raise refuse("file_doctype")


def _declares(head: bytes) -> bool:
    """A document type may only stand before the first element, so the head of the part decides. NULs are taken
    out so that a part in UTF-16 cannot hide one."""
    plain = head.replace(b"\0", b"").upper()
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain
