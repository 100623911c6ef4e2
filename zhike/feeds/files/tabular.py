"""The one door to read a table of any kind: `open_table(path, options=…) -> Table`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType

from zhike.feeds.files import sandbox, vcard_table
from zhike.feeds.files.delimited import DelimitedReader, Piece, Row
from zhike.feeds.files.messages import RefusedRow
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.reasons import refuse
from zhike.feeds.files.streams import ByteStream, decoded


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows in order. Every source row up to `last_row` is in this chunk or an earlier one, so a job may store
    it as its checkpoint. `position` of `size` bytes of the file have been read, for a progress bar."""

    rows: list[Row]
    refused: list[RefusedRow]
    last_row: int
    position: int
    size: int


class Table:
    """An open table. Rows come once, as `(source_row, cells)`; every row has as many cells as there are columns.

    A source row is the number a spreadsheet program shows, counting header and blank rows. A cell is None where
    the file has none (an empty cell of a workbook, a short row that was padded) and "" where it has an empty one.
    """

    def __init__(
        self,
        columns: list[str],
        pieces: Iterator[Piece],
        *,
        size: int,
        position: Callable[[], int],
        close: Callable[[], None],
    ) -> None:
        self.columns = columns
        self.size = size
        self._pieces = pieces
        self._position = position
        self._close = close

    def chunks(self, size: int = 2000, *, after: int = 0) -> Iterator[Chunk]:
        """Rows beyond source row `after`, `size` to a chunk. Raises `FileRefused` where the file itself fails;
        chunks given before that stay good."""
        rows: list[Row] = []
        refused: list[RefusedRow] = []
        last = after
        for piece in self._pieces:
            if piece.last_row <= after:
                continue
            rows += piece.rows if last > after else [row for row in piece.rows if row[0] > after]
            refused += [row for row in piece.refused if row.source_row > after]
            last = max(last, piece.last_row)
            while len(rows) >= size:
                upto = rows[size - 1][0]
                given = [row for row in refused if row.source_row <= upto]
                yield Chunk(rows[:size], given, upto, self._position(), self.size)
                rows, refused = rows[size:], refused[len(given) :]
            if len(refused) >= size:
                yield Chunk(rows, refused, last, self._position(), self.size)
                rows, refused = [], []
        yield Chunk(rows, refused, last, self.size, self.size)

    def close(self) -> None:
        """Release the file or end the child process that reads it."""
        self._close()

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_table(path: Path, *, options: TableOptions) -> Table:
    """Open a file as a table. `zhike.feeds.files.detect.detect` finds the options.

    Raises `FileRefused` when the file is no such table, is hostile or has no header where one is said to be.
    Memory does not grow with the file.
    """
    if not path.is_file():
        raise refuse("file_missing")
    if path.stat().st_size == 0:
        raise refuse("file_empty")
    if options.kind == "spreadsheet":
        return _open_spreadsheet(path, options)
    if options.kind == "vcard":
        return _open_vcards(path, options)
    return _open_delimited(path, options)


def _open_delimited(path: Path, options: TableOptions) -> Table:
    stream = ByteStream(path, options.limits)
    reader = DelimitedReader(decoded(stream.blocks(), options.encoding), options)
    return _started(reader.pieces(), lambda: reader.columns, stream, options)


def _open_vcards(path: Path, options: TableOptions) -> Table:
    columns = vcard_table.columns_of(path, options)
    stream = ByteStream(path, options.limits)
    pieces = vcard_table.pieces(decoded(stream.blocks(), options.encoding), columns, options)
    return _started(pieces, lambda: columns, stream, options)


def _started(
    pieces: Iterator[Piece],
    columns: Callable[[], list[str] | None],
    stream: ByteStream,
    options: TableOptions,
) -> Table:
    """Read until the columns are known."""
    read: list[Piece] = []
    try:
        while columns() is None:
            if (piece := next(pieces, None)) is None:
                raise refuse("file_no_header", row=options.header_row or options.first_row)
            read.append(piece)
    except BaseException:
        stream.close()
        raise
    return Table(
        columns() or [],
        chain(read, pieces),
        size=stream.size,
        position=lambda: stream.position,
        close=stream.close,
    )


def _open_spreadsheet(path: Path, options: TableOptions) -> Table:
    reader = sandbox.SpreadsheetReader(path, options)
    try:
        columns = reader.columns()
    except BaseException:
        reader.close()
        raise
    size = path.stat().st_size
    return Table(
        columns, reader.pieces(), size=size, position=lambda: int(size * reader.share), close=reader.close
    )
