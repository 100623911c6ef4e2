"""What kind of file some bytes are, whatever their name says, and how such a file may be shown."""

from __future__ import annotations

import re
import unicodedata

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|\?xml|iframe|style|a\s|img\s)", re.IGNORECASE)
# Shown in the page; everything else, markup above all, is only ever downloaded.
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
BINARY = "application/octet-stream"


def sniff(head: bytes, name: str) -> str:
    """The media type that the first bytes (4 KiB are enough) prove; the name only tells office files apart."""
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], BINARY)
    if head[4:8] == b"ftyp":
        return "audio/mp4" if head[8:11] == b"M4A" else "video/mp4"
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    ending = name.rpartition(".")[2].lower()
    if kind == "application/zip" and b"[Content_Types].xml" in head and ending in ("docx", "xlsx", "pptx"):
        return _OFFICE[ending]
    if kind == "application/x-ole-storage" and ending in ("doc", "xls", "ppt"):
        return _OFFICE[ending]
    return kind or _text_kind(head, ending)


def _text_kind(head: bytes, ending: str) -> str:
    if b"\x00" in head:
        return BINARY
    try:
        head[:4096].decode("utf-8")
    except UnicodeDecodeError as problem:
        # The cut may have fallen within a character; anything earlier is another encoding.
        if problem.start < len(head[:4096]) - 4:
            return BINARY
    if _MARKUP.search(head):
        return BINARY
    return "text/csv" if ending == "csv" else "text/plain"


def safe_name(name: str) -> str:
    """A file name without folders, control or direction signs, at most 200 characters, its ending kept."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    kept = kept.strip(" .") or "file"
    stem, dot, ending = kept.rpartition(".")
    if not dot or len(ending) > 12:
        return kept[:200]
    return f"{stem[: 199 - len(ending)]}.{ending}"
