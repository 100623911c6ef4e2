"""Purchase lines as a stream of Arrow record batches: `open_purchases(path, mapping, options=…)`.

Blocks of plain text are split by Arrow and typed by whole columns; a block in which anything is unusual goes
through the tolerant reader, so both ways give the same lines and the same refusals.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from zhike.feeds.files import line_columns as columns_of
from zhike.feeds.files.delimited import DelimitedReader, LongLine, Piece, needs_care, whole_lines
from zhike.feeds.files.messages import Message, RefusedRow
from zhike.feeds.files.options import BLANKS, TableOptions
from zhike.feeds.files.purchase_mapping import PurchaseMapping, Source
from zhike.feeds.files.reasons import reason, refuse
from zhike.feeds.files.streams import ByteStream, decoded
from zhike.feeds.files.tabular import Table, open_table

_BLOCK = 1 << 20
_CHUNK = 10_000

SCHEMA = pa.schema(
    [
        ("source_row", pa.int64()),
        ("document", pa.string()),
        ("line_no", pa.int64()),
        ("source_customer", pa.string()),
        ("product", pa.string()),
        ("description", pa.string()),
        ("quantity", columns_of.QUANTITY),
        ("unit_price", columns_of.PRICE),
        ("amount", columns_of.AMOUNT),
        ("occurred_at", columns_of.MOMENT),
        ("currency", pa.string()),
    ]
)
"""The columns of every batch. `amount` is quantity × unit price, exact, or the total that the file gives."""


Faults = dict[int, tuple[str, Message]]
"""By place in a batch: the column at fault and why."""


@dataclass(slots=True)
class PurchaseTotals:
    """Counters over the lines given so far. `amount` is the exact sum of the amounts, whatever the currency."""

    rows: int = 0
    refused: int = 0
    lines_without_customer: int = 0
    negative_quantity: int = 0
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PurchaseBatch:
    """Lines in order and the refused rows among them; `last_row`, `position` and `size` as in `tabular.Chunk`."""

    lines: Any
    refused: list[RefusedRow]
    last_row: int
    position: int
    size: int


@dataclass(frozen=True, slots=True)
class _Raw:
    """Columns of text with their source rows, or a piece of the tolerant reader."""

    columns: dict[str, Any]
    rows: Any
    refused: list[RefusedRow]
    last_row: int
    position: int


class PurchaseTable:
    """An open purchase file. `batches` may be walked once; `totals` grows with it."""

    def __init__(self, path: Path, mapping: PurchaseMapping, options: TableOptions) -> None:
        self.mapping = mapping
        self.options = options
        self.size = path.stat().st_size if path.is_file() else 0
        self.totals = PurchaseTotals()
        self._document: str | None = None
        self._line = 0
        self._table: Table | None = None
        self._stream: ByteStream | None = None
        if options.kind == "delimited":
            # Opening it as a table first finds the columns and refuses what is no table.
            with open_table(path, options=options) as table:
                self.columns = table.columns
            self._stream = ByteStream(path, options.limits)
        else:
            self._table = open_table(path, options=options)
            self.columns = self._table.columns
        try:
            self._check_columns()
        except BaseException:
            self.close()
            raise

    def batches(self, *, after: int = 0) -> Iterator[PurchaseBatch]:
        """Lines beyond source row `after`, about 10,000 to a batch. Raises `FileRefused` where the file fails."""
        for raw in self._raw_of_text() if self._stream else self._raw_of_table():
            if not raw.columns and not raw.refused and raw.last_row <= after:
                continue
            lines, refused = self._typed(raw)
            if after >= (int(raw.rows[0]) if len(raw.rows) else raw.last_row):
                lines = lines.filter(pc.greater(lines["source_row"], after))
                refused = [row for row in refused if row.source_row > after]
            self._count(lines, refused)
            yield PurchaseBatch(lines, refused, raw.last_row, raw.position, self.size)

    def close(self) -> None:
        """Release the file."""
        for opened in (self._stream, self._table):
            if opened is not None:
                opened.close()

    def __enter__(self) -> PurchaseTable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_columns(self) -> None:
        for source in self.mapping.fields.values():
            for column in source.columns:
                if column not in self.columns:
                    raise refuse("file_column_missing", column=column)

    def _raw_of_table(self) -> Iterator[_Raw]:
        assert self._table is not None
        for chunk in self._table.chunks(_CHUNK):
            yield self._from_piece(Piece(chunk.rows, chunk.refused, chunk.last_row), chunk.position)

    def _raw_of_text(self) -> Iterator[_Raw]:
        """Blocks of text, by Arrow where they are plain."""
        stream = self._stream
        assert stream is not None
        texts = decoded(stream.blocks(_BLOCK), self.options.encoding)
        reader = DelimitedReader((), self.options)
        for block in whole_lines(texts, self.options.limits):
            if isinstance(block, LongLine):
                yield self._from_piece(reader.long_line(block), stream.position)
            elif (fast := self._by_arrow(reader, block, stream.position)) is not None:
                yield fast
            else:
                yield self._from_piece(reader.take(block), stream.position)
        yield self._from_piece(reader.finish(), self.size)

    def _by_arrow(self, reader: DelimitedReader, text: str, position: int) -> _Raw | None:
        """Split a block by Arrow if every line of it is one record of the right width, else None."""
        options = self.options
        if not reader.idle or options.delimiter == BLANKS or options.escape or needs_care(text):
            return None
        count = text.count("\n")
        if not text.endswith("\n") or text.count("\r") != text.count("\r\n"):
            return None
        try:
            table = arrow_csv.read_csv(
                io.BytesIO(text.encode("utf-8")),
                arrow_csv.ReadOptions(column_names=self.columns, block_size=1 << 26, use_threads=False),
                arrow_csv.ParseOptions(
                    delimiter=options.delimiter,
                    quote_char=options.quote or False,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                ),
                arrow_csv.ConvertOptions(column_types=dict.fromkeys(self.columns, pa.string())),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows != count:
            return None
        first = reader.row + 1
        reader.row += count
        columns = {name: table[name].combine_chunks() for name in self.columns}
        rows = np.arange(first, first + count, dtype=np.int64)
        return _Raw(columns, rows, [], reader.row, position)

    def _from_piece(self, piece: Piece, position: int) -> _Raw:
        cells = list(zip(*(row[1] for row in piece.rows), strict=True)) or [()] * len(self.columns)
        columns = {
            name: pa.array(["" if cell is None else cell for cell in column], pa.string())
            for name, column in zip(self.columns, cells, strict=True)
        }
        rows = np.array([row[0] for row in piece.rows], dtype=np.int64)
        return _Raw(columns, rows, piece.refused, piece.last_row, position)

    def _typed(self, raw: _Raw) -> tuple[Any, list[RefusedRow]]:
        """The lines of one stretch as a record batch, and its refused rows."""
        count = len(raw.rows)
        bad: Faults = {}
        fields = self._fields(raw.columns, count, bad)
        batch = pa.RecordBatch.from_arrays(
            [pa.array(raw.rows), *(fields[name] for name in SCHEMA.names[1:])], schema=SCHEMA
        )
        refused = list(raw.refused)
        if bad:
            keep = np.ones(count, dtype=bool)
            keep[list(bad)] = False
            batch = batch.filter(pa.array(keep))
            for place in sorted(bad):
                cells = tuple(raw.columns[name][place].as_py() for name in self.columns)
                if any(cells):
                    refused.append(_refused(int(raw.rows[place]), cells, bad[place]))
            refused.sort(key=lambda row: row.source_row)
        if "line_no" not in self.mapping.fields:
            batch = batch.set_column(2, "line_no", self._counted(batch["document"]))
        return batch, refused

    def _fields(self, columns: dict[str, Any], count: int, bad: Faults) -> dict[str, Any]:
        """Every column of the schema but the source row."""
        text = {
            name: columns_of.texts(columns, self.mapping.fields.get(name, Source(value="")), count)
            for name in ("document", "customer", "product", "description", "currency")
        }
        for name in ("document", "customer", "product", "description"):
            text[name] = pc.if_else(pc.equal(text[name], ""), pa.scalar(None, pa.string()), text[name])
        quantity = self._number("quantity", columns, count, columns_of.QUANTITY, bad)
        price = self._number("unit_price", columns, count, columns_of.PRICE, bad)
        amount = self._number("amount", columns, count, columns_of.PRICE, bad)
        if price is None:
            price = columns_of.unit_prices(amount, quantity)
        total = columns_of.products(quantity, price) if amount is None else pc.cast(amount, columns_of.AMOUNT)
        line = self._number("line_no", columns, count, columns_of.QUANTITY, bad)
        return {
            "document": text["document"],
            "line_no": pa.nulls(count, pa.int64())
            if line is None
            else pc.cast(pc.trunc(line), pa.int64(), safe=False),
            "source_customer": text["customer"],
            "product": text["product"],
            "description": text["description"],
            "quantity": quantity,
            "unit_price": price,
            "amount": total,
            "occurred_at": self._moments(columns, count, bad),
            "currency": self._currency(text["currency"], bad),
        }

    def _number(self, name: str, columns: dict[str, Any], count: int, kind: Any, bad: Faults) -> Any:
        source = self.mapping.fields.get(name)
        if source is None:
            return None
        found: dict[int, Message] = {}
        values = columns_of.decimals(
            columns_of.texts(columns, source, count), kind, found, money=name in ("unit_price", "amount")
        )
        self._note(source, found, bad)
        return values

    def _moments(self, columns: dict[str, Any], count: int, bad: Faults) -> Any:
        source = self.mapping.fields["occurred_at"]
        found: dict[int, Message] = {}
        text = columns_of.texts(columns, source, count)
        values = columns_of.moments(text, self.mapping.zone, self.mapping.order, found)
        self._note(source, found, bad)
        return values

    def _currency(self, text: Any, bad: Faults) -> Any:
        upper = pc.utf8_upper(text)
        valid = pc.fill_null(pc.match_substring_regex(upper, "^[A-Z]{3}$"), False)
        if not pc.all(valid).as_py():
            for place, good in enumerate(valid.to_pylist()):
                if not good:
                    why = reason("value_currency", text=text[place].as_py() or "")
                    bad.setdefault(place, (" + ".join(self.mapping.fields["currency"].columns), why))
        return upper

    def _note(self, source: Source, found: dict[int, Message], bad: Faults) -> None:
        """Note faults with their column; of several in one row the first stays."""
        column = " + ".join(source.columns)
        for place, why in found.items():
            bad.setdefault(place, (column, why))

    def _counted(self, documents: Any) -> Any:
        """Line numbers: 1, 2, 3 … within each run of lines of one document, carried from batch to batch."""
        count = len(documents)
        if not count:
            return pa.array([], pa.int64())
        filled = pc.fill_null(documents, "\0")
        changes = np.ones(count, dtype=bool)
        changes[1:] = pc.not_equal(filled[1:], filled[:-1]).to_numpy(zero_copy_only=False)
        changes[0] = filled[0].as_py() != self._document
        places = np.arange(count)
        starts = np.maximum.accumulate(np.where(changes, places, 0 if changes[0] else -self._line))
        numbers = places - starts + 1
        self._document, self._line = filled[count - 1].as_py(), int(numbers[-1])
        return pa.array(numbers, pa.int64())

    def _count(self, lines: Any, refused: list[RefusedRow]) -> None:
        totals = self.totals
        totals.rows += lines.num_rows
        totals.refused += len(refused)
        totals.lines_without_customer += lines["source_customer"].null_count
        if lines.num_rows:
            negative = pc.less(lines["quantity"], pa.scalar(Decimal(0), columns_of.QUANTITY))
            totals.negative_quantity += pc.sum(negative).as_py() or 0
            totals.amount += pc.sum(lines["amount"]).as_py() or Decimal(0)


def open_purchases(path: Path, mapping: PurchaseMapping, *, options: TableOptions) -> PurchaseTable:
    """Open a purchase file. Raises `FileRefused` if it is no table or lacks a column of the mapping."""
    return PurchaseTable(path, mapping, options)


def _refused(row: int, cells: tuple[str | None, ...], fault: tuple[str, Message]) -> RefusedRow:
    return RefusedRow(row, cells, fault[1], column=fault[0] or None)
