"""Helpers for tests of files: a table read whole, and workbooks made by hand."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zhike.feeds.files.delimited import Row
from zhike.feeds.files.detect import detect
from zhike.feeds.files.messages import RefusedRow
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.tabular import open_table


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything a table gave."""

    columns: list[str]
    rows: list[Row]
    refused: list[RefusedRow]

    @property
    def cells(self) -> list[list[str | None]]:
        """The rows without their numbers."""
        return [cells for _, cells in self.rows]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Source row and code of every refusal."""
        return [(row.source_row, row.reason.code) for row in self.refused]


def read(path: Path, options: TableOptions | None = None, *, size: int = 2000, **changes: Any) -> Whole:
    """All rows of a file, with detected options unless given."""
    found = replace(options or detect(path).options, **changes)
    rows: list[Row] = []
    refused: list[RefusedRow] = []
    with open_table(path, options=found) as table:
        for chunk in table.chunks(size):
            rows += chunk.rows
            refused += chunk.refused
        return Whole(table.columns, rows, refused)


def read_text(folder: Path, text: str | bytes, **changes: Any) -> Whole:
    """All rows of a text that is read with plain options."""
    path = folder / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, TableOptions(), **changes)


_HEAD = '<?xml version="1.0"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET = f'{_HEAD}{{doctype}}<worksheet xmlns="{_MAIN}"><sheetData>{{rows}}</sheetData></worksheet>'
_PARTS = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def text_cell(text: str) -> str:
    """One inline text cell of a sheet."""
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(path: Path, rows: str, *, doctype: str = "", more: dict[str, bytes] | None = None) -> Path:
    """A minimal workbook whose sheet has these row elements."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in _PARTS.items():
            archive.writestr(name, body)
        archive.writestr("xl/worksheets/sheet1.xml", SHEET.format(doctype=doctype, rows=rows))
        for name, extra in (more or {}).items():
            archive.writestr(name, extra)
    return path
