"""Streaming reader of delimited text that never loses a row: what cannot be split is handed over with its reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from zhike.feeds.files.escapes import GUARDED, bare
from zhike.feeds.files.headers import letters, unique_names, visible_columns
from zhike.feeds.files.messages import Message, RefusedRow
from zhike.feeds.files.options import BLANKS, Limits, TableOptions
from zhike.feeds.files.reasons import reason, refuse
from zhike.feeds.files.streams import has_bad_bytes

csv.field_size_limit(max(csv.field_size_limit(), 1 << 26))

Row = tuple[int, list[str | None]]


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one stretch of a file. All source rows up to `last_row` are accounted for."""

    rows: list[Row]
    refused: list[RefusedRow]
    last_row: int


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line beyond the limit, of which only the beginning is kept; `endless` when no end was found at all."""

    beginning: str
    endless: bool


def whole_lines(texts: Iterable[str], limits: Limits) -> Iterator[str | LongLine]:
    """Cut a stream of text at line ends (LF, CRLF or lone CR): each text given ends with a complete line.

    Memory is bounded by `limits.line` plus one block: of a longer line only the beginning is kept.
    """
    carry = ""
    dropped: LongLine | None = None
    lost = 0
    for text in texts:
        buffer = carry + text
        if dropped is not None:
            at = _first_end(buffer)
            if at < 0:
                lost, carry = lost + len(buffer), ""
                if lost > limits.endless_line:
                    yield LongLine(dropped.beginning, endless=True)
                    return
                continue
            yield dropped
            dropped, buffer = None, buffer[at:]
        end = max(buffer.rfind("\n"), buffer.rfind("\r", 0, max(len(buffer) - 1, 0))) + 1
        if end:
            yield buffer[:end]
        carry = buffer[end:]
        if len(carry) > limits.line:
            dropped, lost, carry = LongLine(carry[:1000], endless=False), len(carry), ""
    if dropped is not None:
        yield dropped
    if carry:
        yield carry


def _first_end(text: str) -> int:
    """Index after the first line end, -1 without one."""
    ends = [at for at in (text.find("\n"), text.find("\r")) if at >= 0]
    if not ends:
        return -1
    at = min(ends)
    return at + 2 if text[at : at + 2] == "\r\n" else at + 1


def lines_of(text: str) -> list[str]:
    """Physical lines with their ends."""
    return io.StringIO(text, newline="").readlines()


def csv_dialect(options: TableOptions, *, strict: bool) -> dict[str, Any]:
    """Arguments for `csv.reader`."""
    return {
        "delimiter": options.delimiter,
        "quotechar": options.quote,
        "quoting": csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
        "escapechar": options.escape,
        "doublequote": True,
        "strict": strict,
    }


def needs_care(text: str) -> bool:
    """True when some cell may hold NUL, bytes that did not decode, or an apostrophe that guards a formula."""
    return "\0" in text or GUARDED.search(text) is not None or has_bad_bytes(text)


class DelimitedReader:
    """Turns text into numbered rows. `columns` is None until the header has been met."""

    def __init__(self, texts: Iterable[str], options: TableOptions) -> None:
        self.options = options
        self.limits = options.limits
        self.columns: list[str] | None = None
        self.row = 0
        self._texts = texts
        self._expected = -1
        self._keep: list[int] | None = None
        self._pending: list[str] = []
        self._strict = csv_dialect(options, strict=True) if options.delimiter != BLANKS else {}
        self._lenient = csv_dialect(options, strict=False) if options.delimiter != BLANKS else {}

    def pieces(self) -> Iterator[Piece]:
        """All rows in order, a piece per block of text. Raises `FileRefused` for what no row can answer for."""
        for block in whole_lines(self._texts, self.limits):
            yield self.long_line(block) if isinstance(block, LongLine) else self.take(block)
        yield self.finish()

    @property
    def idle(self) -> bool:
        """True between records, when the next text starts a new one and the header is known."""
        return self.columns is not None and not self._pending and self._keep is None

    def long_line(self, line: LongLine) -> Piece:
        """Account for a line beyond the limit."""
        piece = self.finish()
        self.row += 1
        if line.endless:
            raise refuse("file_endless_line", row=self.row, limit_mb=self.limits.endless_line >> 20)
        if self.columns is None and self.row >= (self.options.header_row or self.options.first_row):
            raise refuse("file_no_header", row=self.row)
        why = reason("row_too_long", limit_kb=self.limits.line >> 10)
        piece.refused.append(RefusedRow(self.row, (line.beginning + "…",), why))
        return Piece(piece.rows, piece.refused, self.row)

    def take(self, text: str, *, final: bool = False) -> Piece:
        """Rows of one text of complete lines; a record still open at its end is kept for the next."""
        piece = Piece([], [], 0)
        lines = self._pending + lines_of(text)
        dirty = bool(self._pending) or needs_care(text)
        self._pending = []
        if self.options.delimiter == BLANKS:
            self._accept([line.split() for line in lines], piece, dirty=dirty)
        else:
            self._parse(lines, piece, dirty=dirty, final=final)
        return Piece(piece.rows, piece.refused, self.row)

    def finish(self) -> Piece:
        """Rows of what was left open."""
        return self.take("", final=True) if self._pending else Piece([], [], self.row)

    def _parse(self, lines: list[str], piece: Piece, *, dirty: bool, final: bool) -> None:
        """Split strictly; at an error judge the first line of the broken record alone and go on after it."""
        start = 0
        while start < len(lines):
            source = iter(lines)
            source.__setstate__(start)  # type: ignore[attr-defined]  # list iterators can be set; islice would walk
            reader = csv.reader(source, **self._strict)
            records: list[list[str]] = []
            done = 0
            try:
                for record in reader:
                    records.append(record)
                    done = reader.line_num
            except csv.Error as error:
                self._accept(records, piece, dirty=dirty)
                start += done
                is_open = "end of data" in str(error)
                if is_open and not final and sum(map(len, lines[start:])) <= self.limits.line:
                    self._pending = lines[start:]
                    return
                self._judge_line(lines[start], piece, dirty=dirty)
                start += 1
            else:
                self._accept(records, piece, dirty=dirty)
                return

    def _judge_line(self, line: str, piece: Piece, *, dirty: bool) -> None:
        """Take one line with loose quoting if that gives the right number of cells, refuse it otherwise."""
        text = line.rstrip("\r\n")
        cells = next(csv.reader([text + "\n"], **self._lenient), [])
        is_open = bool(cells) and cells[-1].endswith("\n")
        if not is_open and (self.columns is None or len(cells) == self._expected):
            self._accept([cells], piece, dirty=dirty)
            return
        self.row += 1
        if self.columns is not None:
            why = reason("row_quote_open" if is_open else "row_quote_inside")
            piece.refused.append(RefusedRow(self.row, (text,), why))

    def _accept(self, records: list[list[str]], piece: Piece, *, dirty: bool) -> None:
        """Number the records and sort them into rows and refused rows; blank ones only count."""
        start = 0
        while self.columns is None and start < len(records) and self._before_header(records[start]):
            start += 1
        rest: list[Any] = records[start:] if start else records
        plain = not dirty and self._keep is None
        if plain and set(map(len, rest)) == {self._expected}:
            piece.rows.extend(
                (number, record) for number, record in enumerate(rest, self.row + 1) if any(record)
            )
        else:
            for number, record in enumerate(rest, self.row + 1):
                if plain and len(record) == self._expected and any(record):
                    piece.rows.append((number, record))
                elif any(record):
                    self._check(number, record, piece, dirty=dirty)
        self.row += len(rest)

    def _check(self, number: int, record: list[str], piece: Piece, *, dirty: bool) -> None:
        """The slow way for a record that is not plainly good."""
        cells: list[str | None] = list(record)
        why = self._fit(cells) or (self._dirt(record) if dirty else None)
        if why is not None:
            piece.refused.append(RefusedRow(number, self._kept(tuple(cells)), why))
            return
        cells = list(self._kept(tuple(cells)))
        if dirty:
            cells = [bare(cell) if cell and cell[0] == "'" else cell for cell in cells]
        piece.rows.append((number, cells))

    def _kept(self, cells: tuple[str | None, ...]) -> tuple[str | None, ...]:
        """The cells without the columns of our own that a refused-rows file has; more than the header has stay."""
        if self._keep is None:
            return cells
        dropped = set(range(self._expected)) - set(self._keep)
        return tuple(cell for at, cell in enumerate(cells) if at not in dropped)

    def _fit(self, cells: list[str | None]) -> Message | None:
        """Bring the cells to the width of the header where nothing is lost by it, else say why not."""
        expected = self._expected
        while len(cells) > expected and not cells[-1]:
            cells.pop()
        if len(cells) > expected:
            return reason("row_too_many_cells", count=len(cells), expected=expected)
        if len(cells) < expected:
            if not self.options.pad_short_rows:
                return reason("row_too_few_cells", count=len(cells), expected=expected)
            cells.extend([None] * (expected - len(cells)))
        return None

    def _dirt(self, record: list[str]) -> Message | None:
        text = "".join(record)
        if "\0" in text:
            return reason("row_nul")
        if has_bad_bytes(text):
            return reason("row_bad_bytes", encoding=self.options.encoding)
        return None

    def _before_header(self, record: list[str]) -> bool:
        """Pass over junk, then take the header; False for the first data row of a file without a header."""
        if self.options.header_row is None and self.row + 1 >= self.options.first_row and any(record):
            self._guard_width(record)
            self._set_columns(letters(len(record)))
            return False
        self.row += 1
        if self.row == self.options.header_row:
            self._guard_width(record)
            self._set_columns(unique_names(record))
        return True

    def _guard_width(self, record: list[str]) -> None:
        if len(record) > self.limits.columns:
            raise refuse("file_columns", count=len(record), limit=self.limits.columns)

    def _set_columns(self, names: list[str]) -> None:
        self._expected = len(names)
        self.columns, self._keep = visible_columns(names)
