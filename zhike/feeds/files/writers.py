"""Writing tables as streams: CSV, XLSX and vCard. What a spreadsheet could run as a formula leaves as plain text."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, Literal

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from zhike.feeds.files.escapes import harmless
from zhike.feeds.files.headers import unique_names
from zhike.feeds.files.vcards import Card, Entry, PostalAddress

Value = str | int | float | Decimal | bool | dt.date | dt.datetime | None
CsvEncoding = Literal["utf-8", "gb18030"]

_XLSX_ROWS = 1_048_576
_XLSX_TEXT = 32_767


def text_of(value: Value) -> str:
    """A value as the text of a CSV cell: ISO dates, plain decimals, TRUE/FALSE, empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


class CsvWriter:
    """Rows to CSV with CRLF line ends. `bom` helps Excel to see UTF-8; GB18030 needs none and holds all of Unicode.

    Texts that a spreadsheet program would run are guarded by an apostrophe (see `escapes`), which the readers of
    this package take off again; numbers and phone numbers stay as they are.
    """

    def __init__(
        self,
        stream: IO[bytes],
        columns: Sequence[str],
        *,
        encoding: CsvEncoding = "utf-8",
        bom: bool = True,
        delimiter: str = ",",
    ) -> None:
        self.rows = 0
        self._text = io.TextIOWrapper(
            stream, encoding, errors="backslashreplace", newline="", write_through=True
        )
        self._csv = csv.writer(self._text, delimiter=delimiter, lineterminator="\r\n")
        if bom and encoding == "utf-8":
            self._text.write("\ufeff")
        self._csv.writerow([harmless(column) for column in unique_names(columns)])

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        """Write rows as they come."""
        for row in rows:
            cells = [harmless(text_of(value)) if isinstance(value, str) else text_of(value) for value in row]
            self._csv.writerow(cells)
            self.rows += 1

    def close(self) -> None:
        """Finish the text and leave the stream open for its owner."""
        self._text.flush()
        self._text.detach()


class XlsxWriter:
    """Rows to a workbook, with constant memory. Texts are text cells, never formulas; numbers and dates are typed.

    A sheet that is full goes on in another. `shortened` counts texts beyond the 32,767 characters of a cell.
    """

    def __init__(self, columns: Sequence[str], *, sheet: str = "Sheet1") -> None:
        self.rows = 0
        self.shortened = 0
        self._columns = unique_names(columns)
        self._name = sheet[:28]
        self._book = openpyxl.Workbook(write_only=True)
        self._sheets = 0
        self._next_sheet()

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        """Write rows as they come."""
        for row in rows:
            if self._left == 0:
                self._next_sheet()
            self._sheet.append([self._cell(value) for value in row])
            self.rows += 1
            self._left -= 1

    def save(self, stream: IO[bytes]) -> None:
        """Write the workbook; nothing can be added afterwards."""
        self._book.save(stream)

    def _next_sheet(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet = self._book.create_sheet(name)
        self._sheet.freeze_panes = "A2"
        self._sheet.append([self._cell(column) for column in self._columns])
        self._left = _XLSX_ROWS - 1

    def _cell(self, value: Value) -> object:
        if not isinstance(value, str):
            return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
        if len(value) > _XLSX_TEXT:
            self.shortened += 1
            value = value[: _XLSX_TEXT - 1] + "…"
        text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value).encode("utf-8", "replace").decode("utf-8")
        cell = WriteOnlyCell(self._sheet, "")
        cell._value = text
        cell.data_type = "s"
        return cell


def card_text(card: Card, *, version: Literal["3.0", "4.0"] = "4.0") -> str:
    """A card as vCard text, lines folded at 75 octets (RFC 6350 §3.2)."""
    name = ";".join(
        _escaped(part)
        for part in (card.family_name, card.given_name, card.additional_names, card.prefix, card.suffix)
    )
    lines = ["BEGIN:VCARD", f"VERSION:{version}", f"FN:{_escaped(card.full_name)}", f"N:{name}"]
    organisation = (
        [card.organisation, *card.department.split(" / ")] if card.department else [card.organisation]
    )
    if any(organisation):
        lines.append("ORG:" + ";".join(_escaped(part) for part in organisation))
    singles = {"NICKNAME": card.nickname, "TITLE": card.title, "ROLE": card.role, "BDAY": card.birthday,
               "NOTE": card.note, "UID": card.uid}  # fmt: skip
    lines += [f"{name}:{_escaped(value)}" for name, value in singles.items() if value]
    if card.categories:
        lines.append("CATEGORIES:" + ",".join(_escaped(part.strip()) for part in card.categories.split(",")))
    repeated = {"TEL": card.phones, "EMAIL": card.emails, "URL": card.links, "IMPP": card.messengers}
    lines += [_entry_line(name, entry) for name, entries in repeated.items() for entry in entries]
    lines += [_address_line(address) for address in card.addresses]
    lines.append("END:VCARD")
    return "".join(_folded(line) for line in lines)


def write_cards(stream: IO[bytes], cards: Iterable[Card], *, version: Literal["3.0", "4.0"] = "4.0") -> int:
    """Write cards in UTF-8 as they come and return their number."""
    written = 0
    for card in cards:
        stream.write(card_text(card, version=version).encode("utf-8", "replace"))
        written += 1
    return written


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n").replace("\0", "")


def _kinds(kinds: tuple[str, ...]) -> str:
    return "".join(f";TYPE={kind}" for kind in kinds if kind.replace("-", "").isalnum())


def _entry_line(name: str, entry: Entry) -> str:
    return f"{name}{_kinds(entry.kinds)}:{_escaped(entry.value)}"


def _address_line(address: PostalAddress) -> str:
    parts = ("", "", address.street, address.city, address.region, address.postal_code, address.country)
    return f"ADR{_kinds(address.kinds)}:" + ";".join(_escaped(part) for part in parts)


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, never cut within a character."""
    pieces: list[str] = []
    current, size = "", 0
    for char in line:
        width = len(char.encode("utf-8", "replace"))
        if size + width > 75:
            pieces.append(current)
            current, size = "", 1
        current += char
        size += width
    return "\r\n ".join([*pieces, current]) + "\r\n"
