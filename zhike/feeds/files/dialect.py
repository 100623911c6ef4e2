"""How delimited text is laid out: delimiter, quotation, junk before the header, header or not."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zhike.feeds.files.delimited import csv_dialect, lines_of
from zhike.feeds.files.labels import KNOWN, plain_label
from zhike.feeds.files.options import BLANKS, TableOptions
from zhike.feeds.files.recognise import is_number, looks_like_data, plain

DELIMITERS = (",", "\t", ";", "|")
_SAMPLE_LINES = 400
Records = list[list[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """A delimiter with how well it fits (0–1) and the records it cuts the sample into."""

    options: TableOptions
    score: float
    width: int
    records: Records


@dataclass(frozen=True, slots=True)
class HeaderGuess:
    """`row` is the row of the header or, without one, of the first data; `certain` tells how sure that is (0–1)."""

    row: int
    is_header: bool
    certain: float


def guess_layout(text: str, options: TableOptions, *, delimiters: Sequence[str] = DELIMITERS) -> Layout:
    """The delimiter and quotation that cut the sample most evenly into cells that look whole."""
    lines = lines_of(text)[:_SAMPLE_LINES]
    quote = _guess_quote(lines, delimiters)
    escapes: tuple[str | None, ...] = (None, "\\") if '\\"' in text else (None,)
    tried = [
        _try(lines, replace(options, delimiter=delimiter, quote=quote, escape=escape))
        for delimiter in delimiters
        if delimiter != BLANKS
        for escape in escapes
    ]
    best = max(tried, key=lambda layout: layout.score, default=None)
    if best is not None and best.width > 1 and best.score > 0.2:
        return best
    blanks = _blanks(lines, replace(options, delimiter=BLANKS))
    if blanks is not None or best is None:
        return blanks or _try(lines, replace(options, delimiter=","))
    return (
        best
        if best.width > 1 and best.score > 0.1
        else _try(lines, replace(options, delimiter=",", quote=quote))
    )


def _guess_quote(lines: list[str], delimiters: Sequence[str]) -> str:
    """Double quotation marks unless the cells plainly stand in single ones."""
    if any('"' in line for line in lines):
        return '"'
    wrapped = sum(
        1
        for line in lines
        if line.startswith("'")
        and line.rstrip("\r\n").endswith("'")
        and any(f"'{mark}'" in line for mark in delimiters)
    )
    return "'" if wrapped * 2 > len(lines) else '"'


def _records(lines: list[str], options: TableOptions) -> Records:
    if options.delimiter == BLANKS:
        return [line.split() for line in lines]
    reader = csv.reader(lines, **csv_dialect(options, strict=False))
    return list(reader)


def _try(lines: list[str], options: TableOptions) -> Layout:
    records = _records(lines, options)
    filled = [record for record in records if any(record)]
    if not filled:
        return Layout(options, 0.0, 0, records)
    width, evenness = _width(filled)
    others = [mark for mark in DELIMITERS if mark != options.delimiter]
    cells = [cell for record in filled if len(record) == width for cell in record]
    clean = sum(1 for cell in cells if is_number(cell) or not any(mark in cell for mark in others))
    score = (
        evenness * (1 - 1 / (width + 0.5)) * (0.5 + 0.5 * clean / max(len(cells), 1)) if width > 1 else 0.0
    )
    if options.escape and _escapes_lost(filled):
        score *= 0.9
    return Layout(options, score, width, records)


def _escapes_lost(records: Records) -> bool:
    """True when escaping by a backslash left nothing that needed it."""
    return not any('"' in cell for record in records for cell in record)


def _width(records: Records) -> tuple[int, float]:
    """The commonest number of cells and its share, counting each record by its place: junk stands first."""
    counts = Counter(len(record) for record in records)
    width = max(counts, key=lambda count: (counts[count], count))
    return width, counts[width] / len(records)


def _blanks(lines: list[str], options: TableOptions) -> Layout | None:
    """Columns aligned by blanks: every line has as many words, and most of them look like data."""
    records = [record for record in _records(lines, options) if record]
    if len(records) < 3:
        return None
    width, evenness = _width(records)
    cells = [cell for record in records[1:] for cell in record]
    data = sum(1 for cell in cells if looks_like_data(cell)) / max(len(cells), 1)
    if width < 2 or evenness < 0.95 or data < 0.6:
        return None
    return Layout(options, evenness * data, width, _records(lines, options))


def guess_header(records: Sequence[Sequence[str | None]], width: int) -> HeaderGuess:
    """Where the header stands: the first row as wide as the table that is not mostly empty, unless it looks like
    data. Rows count from 1, blank and junk rows included."""
    start = _first_full(records, width)
    row = [plain(cell or "") for cell in records[start]] if records else []
    below = [
        [plain(cell or "") for cell in record] for record in records[start + 1 :] if len(record) == len(row)
    ]
    filled = [cell for cell in row if cell]
    if not filled:
        return HeaderGuess(start + 1, False, 0.5)
    votes = sum(_vote(cell, [record[at] for record in below]) for at, cell in enumerate(row)) / len(row)
    if len(set(filled)) < len(filled):
        votes -= 0.5
    return HeaderGuess(start + 1, votes >= 0, min(1.0, 0.5 + abs(votes) / 2))


def _first_full(records: Sequence[Sequence[str | None]], width: int) -> int:
    for at, record in enumerate(records[:50]):
        filled = sum(1 for cell in record if cell and cell.strip())
        if len(record) == width and filled * 2 >= width:
            return at
    return next((at for at, record in enumerate(records) if any(record)), 0)


def _vote(cell: str, column: list[str]) -> float:
    """Whether this cell names the column below it: above 0 for yes, below for no."""
    if plain_label(cell) in KNOWN:
        return 1.5
    values = [value for value in column if value]
    typed = sum(1 for value in values if looks_like_data(value))
    if looks_like_data(cell):
        return -1.5 if typed * 2 > len(values) or not values else -0.5
    if cell and cell in values:
        return -0.7
    return 1.0 if values and typed * 10 >= len(values) * 7 else 0.1
