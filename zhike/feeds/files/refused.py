"""The file of refused rows: reason, row number and the cells as they came, to be corrected and sent again.

The two columns in front are known to the readers of this package, which set them aside.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO

from zhike.feeds.files.escapes import harmless
from zhike.feeds.files.headers import REASON_COLUMN, ROW_COLUMN
from zhike.feeds.files.messages import Message, RefusedRow
from zhike.feeds.files.writers import CsvEncoding


class RefusedFile:
    """Writes refused rows as CSV while an import runs. Reasons are written in the language active at that time.

    Cells keep their text; NULs and bytes that are no characters are written as \\x00 and the like, and a text that
    a spreadsheet would run is guarded by an apostrophe that reading takes off again.
    """

    def __init__(self, stream: IO[bytes], columns: Sequence[str], *, encoding: CsvEncoding = "utf-8") -> None:
        self.rows = 0
        self._text = io.TextIOWrapper(stream, encoding, newline="", write_through=True)
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        if encoding == "utf-8":
            self._text.write("\ufeff")
        self._csv.writerow([REASON_COLUMN, ROW_COLUMN, *(harmless(column) for column in columns)])

    def add(self, row: RefusedRow) -> None:
        """Write a row that its reader refused."""
        self.write(row.source_row, row.cells, [str(row)])

    def write(self, source_row: int, cells: Sequence[str | None], reasons: Iterable[Message | str]) -> None:
        """Write a row refused later, with all its reasons."""
        text = " ".join(map(str, reasons))
        self._csv.writerow(
            [harmless(_shown(text)), source_row, *(harmless(_shown(cell or "")) for cell in cells)]
        )
        self.rows += 1

    def close(self) -> None:
        """Finish the text and leave the stream open for its owner."""
        self._text.flush()
        self._text.detach()


def _shown(text: str) -> str:
    """The text with what cannot be written made visible."""
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    if not text.isascii():
        return "".join(
            f"\\x{ord(char) - 0xDC00:02x}" if 0xDC00 <= ord(char) <= 0xDCFF else char for char in text
        )
    return text
