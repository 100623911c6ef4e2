"""Rows of one sheet of a workbook as text cells. Runs in the child process of `sandbox`, never in the server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Engine = Literal["eager", "streaming"]
Cells = list[str | None]
_ERRORS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A chosen sheet: `rows` are (row number, cells without trailing empty ones); `height` is a guess, 0 unknown."""

    names: list[str]
    name: str
    height: int
    rows: Iterator[tuple[int, Cells]]


class NoSheet(Exception):
    """The wanted sheet is not in the workbook."""


def cell_text(value: Any) -> str | None:
    """A cell as text: dates as ISO 8601, numbers without a needless fraction, yes/no as TRUE/FALSE, empty cells and the
    errors of formulas as None."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return None if value in _ERRORS else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, dt.datetime):
        return _moment_text(value)
    if isinstance(value, dt.timedelta):
        return _duration_text(value)
    return str(value)


def _moment_text(value: dt.datetime) -> str:
    """Excel keeps moments as fractions of a day; below a second there is only noise, at midnight only a date."""
    moment = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(" ")


def _number_text(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}" if 1e-6 <= abs(value) < 1e15 else repr(value)


def _duration_text(value: dt.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(seconds), 3600)
    return f"{sign}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"


def _trimmed(values: Sequence[Any]) -> Cells:
    cells = [cell_text(value) for value in values]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def open_sheet(path: Path, wanted: str | None, engine: Engine) -> Sheet:
    """The wanted sheet, or the first visible one that has cells. The eager engine is fast and holds the whole
    sheet in memory; the streaming one is slow and does not. Raises `NoSheet`."""
    return _eager(path, wanted) if engine == "eager" else _streaming(path, wanted)


def _eager(path: Path, wanted: str | None) -> Sheet:
    import python_calamine as calamine

    book = calamine.CalamineWorkbook.from_path(str(path))
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        and sheet.visible == calamine.SheetVisibleEnum.Visible
    ]
    if wanted is not None:
        if wanted not in book.sheet_names:
            raise NoSheet
        sheet = book.get_sheet_by_name(wanted)
    else:
        sheet = _first_filled(book, shown or list(book.sheet_names))

    left: list[Any] = [None] * (sheet.start[1] if sheet.start else 0)

    def rows() -> Iterator[tuple[int, Cells]]:
        for number, values in enumerate(sheet.iter_rows(), start=1):
            yield number, _trimmed(left + values)

    return Sheet(list(book.sheet_names), sheet.name, sheet.total_height, rows())


def _first_filled(book: Any, names: list[str]) -> Any:
    if not names:
        raise NoSheet
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is not None:
            return sheet
    return book.get_sheet_by_name(names[0])


def _streaming(path: Path, wanted: str | None) -> Sheet:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    names = [sheet.title for sheet in book.worksheets]
    shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if wanted is not None and wanted not in names:
        raise NoSheet
    if not names:
        raise NoSheet
    sheet = book[wanted or _first_with_cells(book, shown or names)]
    height = sheet.max_row or 0
    sheet.reset_dimensions()

    def rows() -> Iterator[tuple[int, Cells]]:
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, _trimmed(values)

    return Sheet(names, sheet.title, height, rows())


def _first_with_cells(book: Any, names: list[str]) -> str:
    for name in names:
        for values in book[name].iter_rows(values_only=True, max_row=50):
            if any(value is not None for value in values):
                return name
    return names[0]
