"""The child process that parses workbooks: limits first, then frames of rows on standard output.

A frame is a 4-byte big-endian length and JSON. The first is `{"columns": …}`, then `{"rows": …, "last": n}`,
at the end `{"end": true}`, or `{"refusal": …}` at any place. Started by `sandbox` as
`python -m zhike.feeds.files.child` with a JSON request on standard input.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from zhike.feeds.files import spreadsheets
from zhike.feeds.files.headers import letters, unique_names, visible_columns
from zhike.feeds.files.messages import FileRefused, RefusedRow
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.reasons import reason, refuse

_ROWS_PER_FRAME = 500
_PREVIEW_ROWS = 200


def limit_self(memory: int, cpu: int) -> None:
    """Take memory (bytes), processor time (s), core dumps and the writing of files away from this process."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def send(frame: dict[str, Any]) -> None:
    """Write one frame."""
    body = orjson.dumps(frame)
    sys.stdout.buffer.write(struct.pack(">I", len(body)) + body)
    sys.stdout.buffer.flush()


class SheetReader:
    """Numbered rows of a sheet brought to the width of its header."""

    def __init__(self, sheet: spreadsheets.Sheet, options: TableOptions) -> None:
        self.options = options
        self._rows = sheet.rows
        header = self._header()
        if not header:
            raise refuse("file_no_header", row=options.header_row or options.first_row)
        if len(header) > options.limits.columns:
            raise refuse("file_columns", count=len(header), limit=options.limits.columns)
        self.width = len(header)
        self.columns, self.keep = visible_columns(unique_names(header))

    def _header(self) -> spreadsheets.Cells:
        """The cells of the header row; without a header, letters as wide as the first data row."""
        options = self.options
        for number, cells in self._rows:
            if number == options.header_row:
                return cells
            if options.header_row is None and number >= options.first_row and cells:
                self._rows = chain([(number, cells)], self._rows)
                return [*letters(len(cells))]
        return []

    def frames(self) -> Iterator[dict[str, Any]]:
        """The frames after the header."""
        rows: list[tuple[int, list[str | None]]] = []
        refused: list[dict[str, Any]] = []
        last = 0
        for number, cells in self._rows:
            last = number
            if len(cells) > self.width:
                why = reason("row_too_many_cells", count=len(cells), expected=self.width)
                refused.append(RefusedRow(number, tuple(cells), why).to_json())
            elif cells:
                cells += [None] * (self.width - len(cells))
                rows.append((number, [cells[at] for at in self.keep] if self.keep else cells))
            if len(rows) + len(refused) >= _ROWS_PER_FRAME:
                yield {"rows": rows, "refused": refused, "last": last}
                rows, refused = [], []
        yield {"rows": rows, "refused": refused, "last": last}


def _sheet(path: Path, options: TableOptions, engine: spreadsheets.Engine) -> spreadsheets.Sheet:
    try:
        return spreadsheets.open_sheet(path, options.sheet, engine)
    except spreadsheets.NoSheet as error:
        raise refuse("file_no_sheet", sheet=options.sheet or "") from error


def _frames(path: Path, options: TableOptions, engine: spreadsheets.Engine) -> Iterator[dict[str, Any]]:
    """All frames of one workbook."""
    sheet = _sheet(path, options, engine)
    reader = SheetReader(sheet, options)
    yield {"columns": reader.columns, "sheets": sheet.names, "sheet": sheet.name, "height": sheet.height}
    yield from reader.frames()


def _preview(path: Path, options: TableOptions, engine: spreadsheets.Engine) -> Iterator[dict[str, Any]]:
    """The names of the sheets and the first rows of the chosen one, for detection."""
    sheet = _sheet(path, options, engine)
    head = [cells for _, cells in islice(sheet.rows, _PREVIEW_ROWS)]
    yield {"sheets": sheet.names, "sheet": sheet.name, "height": sheet.height, "head": head}


def main() -> None:
    """Read the request, answer with frames, end."""
    request = json.loads(sys.stdin.read())
    options = TableOptions.from_json(request["options"])
    limit_self(options.limits.child_memory, options.limits.child_cpu)
    work = _preview if request["task"] == "preview" else _frames
    try:
        for frame in work(Path(request["path"]), options, request["engine"]):
            send(frame)
        send({"end": True})
    except FileRefused as refusal:
        send({"refusal": refusal.reason.to_json()})
    except MemoryError:
        send({"refusal": reason("file_memory", limit_mb=options.limits.child_memory >> 20).to_json()})
    except Exception as error:
        send({"refusal": reason("file_damaged", detail=f"{type(error).__name__}: {error}").to_json()})


if __name__ == "__main__":
    main()
