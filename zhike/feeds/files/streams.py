"""Bytes and text of a file as a stream: plain or gzip, decoded block by block, never the whole file at once."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from zhike.feeds.files.options import Limits
from zhike.feeds.files.reasons import refuse

BLOCK = 1 << 18
_PADDING = b"\n\n\n\n"
GZIP_MAGIC = b"\x1f\x8b"
ENCODINGS = (
    "utf-8",
    "gb18030",
    "big5hkscs",
    "cp950",
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "utf-32-be",
    "cp1252",
    "latin-1",
)
"""Encodings a text file may be read in, as shown for choice."""


class ByteStream:
    """Blocks of the bytes of a file, unpacked when it is gzip. `position` counts bytes of the file itself."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        try:
            self._file: IO[bytes] = path.open("rb")
        except OSError as error:
            raise refuse("file_missing") from error
        self.size = path.stat().st_size
        magic = self._file.read(2)
        self._file.seek(0)
        self.packed = magic == GZIP_MAGIC
        self._reader: IO[bytes] = gzip.GzipFile(fileobj=self._file) if self.packed else self._file  # type: ignore[assignment]
        self._given = 0

    @property
    def position(self) -> int:
        """Bytes of the file consumed so far, for a progress bar."""
        return min(self._file.tell(), self.size)

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """Blocks of at most `size` bytes. Raises `FileRefused` for damaged or explosive compression."""
        while block := self._read(size):
            self._given += len(block)
            self._guard()
            yield block

    def close(self) -> None:
        """Release the file."""
        self._reader.close()
        self._file.close()

    def _read(self, size: int) -> bytes:
        try:
            return self._reader.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise refuse("file_damaged", detail=str(error)) from error

    def _guard(self) -> None:
        if not self.packed or self._given < self.limits.ratio_from:
            return
        if self._given > self.limits.unpacked_text:
            raise refuse("file_bomb", size_mb=self._given >> 20, limit_mb=self.limits.unpacked_text >> 20)
        ratio = self._given // max(self.position, 1)
        if ratio > self.limits.ratio:
            raise refuse("file_ratio", ratio=ratio)


def _keep_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: a byte that does not decode becomes U+DC00 + byte, so that its row can be refused.

    In byte-wise encodings only the first byte is given up, because the next may be a comma or a line end.
    0x80 is the euro sign in the GBK of Windows.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data = error.object
    if error.encoding.startswith("utf-16") or error.encoding.startswith("utf-32"):
        return "".join(chr(0xDC00 + byte) for byte in data[error.start : error.end]), error.end
    byte = data[error.start]
    if byte == 0x80 and error.encoding in ("gb18030", "gbk"):
        return "€", error.start + 1
    return chr(0xDC00 + byte), error.start + 1


codecs.register_error("zhike.keep", _keep_bad_bytes)


def decoder_for(encoding: str) -> codecs.IncrementalDecoder:
    """An incremental decoder that keeps bad bytes. Raises `FileRefused` if it is not one of `ENCODINGS`."""
    if encoding not in ENCODINGS:
        raise refuse("file_encoding_unknown", encoding=encoding)
    return codecs.getincrementaldecoder(encoding)("zhike.keep")


def decoded(blocks: Iterator[bytes], encoding: str) -> Iterator[str]:
    """Text of the blocks without a leading byte order mark; bad bytes are kept as U+DC00 + byte."""
    decoder = decoder_for(encoding)
    first = True
    for block in blocks:
        text = decoder.decode(block)
        if first and text:
            text = text.removeprefix("\ufeff")
            first = False
        yield text
    if tail := _tail(decoder, encoding):
        yield tail


def _tail(decoder: codecs.IncrementalDecoder, encoding: str) -> str:
    """What the decoder still holds. The decoders of Chinese encodings drop the rest after a bad byte at the very
    end, so they are made to go on by line ends that are taken off again."""
    if encoding.startswith("utf-") or not decoder.getstate()[0]:
        return decoder.decode(b"", final=True)
    return decoder.decode(_PADDING).removesuffix(_PADDING.decode())


def has_bad_bytes(text: str) -> bool:
    """True when decoding this text met bytes that are not of its encoding."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
