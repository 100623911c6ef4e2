"""What a file is and how to read it: `detect(path) -> Detected`. The content decides, never the name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from zhike.feeds.files import sandbox
from zhike.feeds.files.archive_guard import OLE_MAGIC, ZIP_MAGIC
from zhike.feeds.files.dialect import DELIMITERS, Layout, guess_header, guess_layout
from zhike.feeds.files.encodings import EncodingGuess, guess_encodings
from zhike.feeds.files.options import DEFAULT_LIMITS, Limits, TableOptions
from zhike.feeds.files.reasons import refuse
from zhike.feeds.files.streams import BLOCK, GZIP_MAGIC, ByteStream, decoder_for

_EVIDENCE = 1 << 18
_SCAN = 256 << 20
_MANY_SHORT = 5
_NOT_TABLES = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "RIFF"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "EXE"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
)
_MARKUP = re.compile(r"\s*(?:<\?xml|<!DOCTYPE|<html|<svg|<table|<meta|<style|<script|<head|<body|<!--)", re.I)
_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*[{\[])')


@dataclass(frozen=True, slots=True)
class Detected:
    """How a file is best read, and what else it might be.

    `confidence` (0–1) is that of the weakest guess. `encodings` are all guesses, best first; `sheets` those of a
    workbook; `line_end` is LF, CRLF or CR; `packed` says that the file is gzip.
    """

    options: TableOptions
    confidence: float
    encodings: tuple[EncodingGuess, ...] = ()
    sheets: tuple[str, ...] = ()
    line_end: str = "\n"
    packed: bool = False
    head: tuple[tuple[str | None, ...], ...] = field(default=(), repr=False)


def detect(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Detected:
    """Look at a file. What is given is taken as said, the rest is guessed.

    Raises `FileRefused` for what is no table (empty, a picture, a web page, an archive …) or a hostile workbook.
    """
    if not path.is_file():
        raise refuse("file_missing")
    if path.stat().st_size == 0:
        raise refuse("file_empty")
    with path.open("rb") as handle:
        magic = handle.read(16)
    if magic.startswith((ZIP_MAGIC, b"PK\x05\x06", OLE_MAGIC)):
        return _detect_workbook(path, TableOptions(kind="spreadsheet", sheet=sheet, limits=limits))
    return _detect_text(path, encoding, delimiter, limits)


def _detect_workbook(path: Path, options: TableOptions) -> Detected:
    look = sandbox.preview(path, options)
    filled = [row for row in look.head if row]
    if not filled:
        raise refuse("file_empty")
    width = _workbook_width(filled)
    padded = [(row + [None] * width)[:width] if row else row for row in look.head]
    guess = guess_header(padded, width)
    found = _with_header(replace(options, sheet=look.sheet), guess.row, is_header=guess.is_header)
    return Detected(
        found, guess.certain, sheets=tuple(look.sheets), head=tuple(tuple(row) for row in look.head)
    )


def _workbook_width(rows: Sequence[Sequence[str | None]]) -> int:
    """The width of the first row that is at least half full, for rows end with their last filled cell."""
    middle = sorted(len(row) for row in rows)[len(rows) // 2]
    return next((len(row) for row in rows if sum(map(bool, row)) * 2 >= middle), middle)


def _with_header(options: TableOptions, row: int, *, is_header: bool) -> TableOptions:
    return replace(options, header_row=row if is_header else None, first_row=row + 1 if is_header else row)


@dataclass(frozen=True, slots=True)
class Sample:
    """Bytes to judge a text by: its beginning, and lines outside ASCII from anywhere near it."""

    head: bytes
    evidence: bytes
    whole: bool
    packed: bool


def take_sample(path: Path, limits: Limits) -> Sample:
    """The first 256 KB (unpacked), and where those are plain ASCII up to 256 KB of lines that are not, looked for
    in the first 256 MB."""
    stream = ByteStream(path, limits)
    head, evidence, seen = b"", b"", 0
    whole = True
    try:
        for block in stream.blocks(BLOCK):
            seen += len(block)
            if len(head) < BLOCK:
                head += block
                if not head.isascii() or b"\0" in head:
                    evidence = head
            elif not block.isascii():
                evidence += b"\n".join(line for line in block.split(b"\n")[1:-1] if not line.isascii())
            if (len(head) >= BLOCK and len(evidence) >= _EVIDENCE) or seen > _SCAN:
                whole = False
                break
        whole = whole and seen == len(head)
    finally:
        stream.close()
    return Sample(head, evidence or head, whole, stream.packed)


def _detect_text(path: Path, encoding: str | None, delimiter: str | None, limits: Limits) -> Detected:
    sample = take_sample(path, limits)
    if not sample.head:
        raise refuse("file_empty")
    if sample.packed and sample.head.startswith(GZIP_MAGIC):
        raise refuse("file_compressed_twice")
    _refuse_binary(sample.head)
    guesses = guess_encodings(sample.evidence)
    chosen = encoding or guesses[0].encoding
    text = decoder_for(chosen).decode(sample.head).removeprefix("\ufeff")
    sure = 1.0 if encoding else guesses[0].confidence
    if not text.strip("\0 \t\r\n"):
        raise refuse("file_empty")
    options = TableOptions(encoding=chosen, limits=limits)
    if re.match(r"\s*BEGIN\s*:\s*VCARD", text, re.I):
        return Detected(replace(options, kind="vcard"), sure, tuple(guesses), packed=sample.packed)
    _refuse_markup(text)
    layout = _layout(text, sample, options, delimiter)
    return _detected(layout, sure, guesses, text, packed=sample.packed)


def _layout(text: str, sample: Sample, options: TableOptions, delimiter: str | None) -> Layout:
    if not sample.whole:
        cut = max(text.rfind("\n"), text.rfind("\r")) + 1
        text = text[:cut] or text[:4096]
    return guess_layout(text, options, delimiters=(delimiter,) if delimiter else DELIMITERS)


def _detected(
    layout: Layout, sure: float, guesses: Sequence[EncodingGuess], text: str, *, packed: bool
) -> Detected:
    guess = guess_header(layout.records, layout.width)
    below = [record for record in layout.records[guess.row :] if any(record)]
    short = sum(1 for record in below if len(record) < layout.width)
    options = _with_header(layout.options, guess.row, is_header=guess.is_header)
    return Detected(
        replace(options, pad_short_rows=short >= _MANY_SHORT and short * 3 > len(below)),
        min(sure, guess.certain, 0.5 + layout.score / 2 if layout.width > 1 else 0.6),
        tuple(guesses),
        line_end=_line_end(text),
        packed=packed,
        head=tuple(tuple(record) for record in layout.records[:200]),
    )


def _line_end(text: str) -> str:
    if "\r\n" in text:
        return "\r\n"
    return "\r" if "\r" in text and "\n" not in text else "\n"


def _refuse_binary(head: bytes) -> None:
    for magic, kind in _NOT_TABLES:
        if head.startswith(magic):
            raise refuse("file_not_table", kind=kind)
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
    controls = sum(
        head[:65536].count(byte) for byte in range(1, 32) if byte not in (9, 10, 11, 12, 13, 26, 27)
    )
    if not wide and controls * 50 > len(head[:65536]) and head.count(0) * 50 < len(head):
        raise refuse("file_binary")


def _refuse_markup(text: str) -> None:
    if re.match(r"(?:\s|<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>]*>)*<svg", text, re.I | re.S):
        raise refuse("file_not_table", kind="SVG")
    if _MARKUP.match(text):
        is_page = re.search(r"<html|<table|<head|<body", text[:20000], re.I)
        raise refuse("file_web_page") if is_page else refuse("file_not_table", kind="XML")
    if _JSON.match(text):
        raise refuse("file_not_table", kind="JSON")
    if text.count("\0") * 4 > len(text) > 0:
        raise refuse("file_binary")
