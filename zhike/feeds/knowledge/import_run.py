"""The work of an import of purchase lines: exactly once, whenever it is killed.

A chunk goes through four steps: its refused rows are written behind those that count; the customers it names are
found or made and the chunk is noted as pending (one transaction); its lines are appended to the warehouse under the
chunk's number, which Delta keeps with them; the chunk is noted as done. Whoever goes on asks the warehouse whether the
pending chunk is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa

from zhike.feeds.files.messages import FileRefused, RefusedRow
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.purchase_mapping import PurchaseMapping
from zhike.feeds.files.purchases import PurchaseTable, open_purchases
from zhike.feeds.knowledge.buyers import Buyers
from zhike.feeds.knowledge.house import refusal_of, warehouse
from zhike.feeds.knowledge.import_files import folder_of, refused_name, source_file, stored_path
from zhike.feeds.knowledge.lines import Origin, codes_in, split_too_large, warehouse_rows
from zhike.feeds.knowledge.models import PurchaseImport
from zhike.feeds.knowledge.refused_log import RefusedLog
from zhike.insight.warehouse import PURCHASE, WarehouseBusy, WarehouseError, append, position, query
from zhike.kernel.errors import Refusal
from zhike.kernel.jobs import Run

CHUNK = 100_000
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: chunks done, last source row, bytes of refused rows, and the sums so far."""

    version: int = 0
    row: int = 0
    refused_bytes: int = 0
    rows: int = 0
    refused: int = 0
    lines_without_customer: int = 0
    negative_quantity: int = 0
    amount: str = "0"
    position: int = 0


@dataclass(frozen=True, slots=True)
class _Chunk:
    lines: pa.Table
    refused: list[RefusedRow]
    progress: Progress


def application_of(import_id: UUID) -> str:
    """The name under which an import writes to the warehouse."""
    return f"import:{import_id}"


class PurchaseRun:
    """One attempt at one import."""

    def __init__(self, run: Run, row: PurchaseImport) -> None:
        self.run, self.row = run, row
        self.house = warehouse()
        self.mapping = PurchaseMapping.from_json(row.mapping)
        self.buyers = Buyers(row.source, row.id)
        self.log = RefusedLog(folder_of(row.id), stored_path(refused_name(row.id)))
        self.origin = Origin(row.source, str(row.id), self.mapping.zone, row.created_at)
        self.progress = self._resumed()

    def work(self) -> Mapping[str, Any]:
        """Carry the import to its end; returns its report. Raises Refusal for a file that cannot be read."""
        try:
            with open_purchases(
                source_file(self.row.id), self.mapping, options=TableOptions.from_json(self.row.options)
            ) as table:
                for chunk in self._chunks(table):
                    self._load(chunk)
                self.log.finish(table.columns, self.progress.refused_bytes)
        except FileRefused as error:
            raise Refusal(str(error)) from error
        except WarehouseError as error:
            raise refusal_of(error) from error
        return self._report()

    def _resumed(self) -> Progress:
        """The committed place, with the pending chunk if the warehouse has it already."""
        done = Progress(**self.run.checkpoint.get("done", {}))
        if "pending" not in self.run.checkpoint:
            return done
        pending = Progress(**self.run.checkpoint["pending"])
        last = position(self.house, PURCHASE, application_of(self.row.id))
        return pending if last is not None and last >= pending.version else done

    def _chunks(self, table: PurchaseTable) -> Iterator[_Chunk]:
        """Runs of batches, with the progress that stands once each is in."""
        lines: list[pa.RecordBatch] = []
        refused: list[RefusedRow] = []
        count = 0
        row, place = self.progress.row, self.progress.position
        for batch in table.batches(after=self.progress.row):
            row, place = max(row, batch.last_row), batch.position
            refused += batch.refused
            if batch.lines.num_rows:
                lines.append(batch.lines)
                count += batch.lines.num_rows
            if count + len(refused) >= CHUNK:
                yield self._chunk(lines, refused, row, place)
                lines, refused, count = [], [], 0
        if count or refused:
            yield self._chunk(lines, refused, row, place)

    def _chunk(
        self, batches: list[pa.RecordBatch], refused: list[RefusedRow], row: int, place: int
    ) -> _Chunk:
        if not batches:
            return _Chunk(pa.table({}), refused, self._after(None, refused, row, place))
        lines, too_large = split_too_large(pa.Table.from_batches(batches))
        refused = sorted([*refused, *too_large], key=lambda each: each.source_row)
        return _Chunk(lines, refused, self._after(lines, refused, row, place))

    def _after(self, lines: pa.Table | None, refused: list[RefusedRow], row: int, place: int) -> Progress:
        old = self.progress
        new = replace(
            old, version=old.version + 1, row=row, position=place, refused=old.refused + len(refused)
        )
        if lines is None or not lines.num_rows:
            return new
        zero = pa.scalar(Decimal(0), lines.schema.field("quantity").type)
        negative = pa.compute.sum(pa.compute.less(lines["quantity"], zero)).as_py() or 0
        amount = pa.compute.sum(lines["amount"]).as_py() or Decimal(0)
        return replace(
            new, rows=old.rows + lines.num_rows,
            lines_without_customer=old.lines_without_customer + lines["source_customer"].null_count,
            negative_quantity=old.negative_quantity + negative, amount=str(Decimal(old.amount) + amount),
        )  # fmt: skip

    def _load(self, chunk: _Chunk) -> None:
        size = self.log.add(chunk.refused, self.progress.refused_bytes)
        progress = replace(chunk.progress, refused_bytes=size)
        with self.run.chunk():
            if chunk.lines.num_rows:
                self.buyers.resolve(self.run.context, codes_in(chunk.lines))
            self.run.checkpoint["pending"] = asdict(progress)
        if chunk.lines.num_rows:
            self._append(warehouse_rows(chunk.lines, self.buyers.keys, self.origin), progress.version)
        self.progress = progress
        with self.run.chunk():
            self.run.checkpoint.pop("pending", None)
            self.run.checkpoint["done"] = asdict(progress)
            done = progress.rows + progress.refused
            self.run.progress(done, self._estimated(done, progress.position))

    def _estimated(self, lines: int, place: int) -> int:
        """How many lines the file has, as far as those in its first bytes tell."""
        return lines + round(lines * max(self.row.size - place, 0) / max(place, 1))

    def _append(self, rows: pa.Table, version: int) -> None:
        for attempt in range(_TRIES):
            try:
                append(self.house, PURCHASE, rows, application=application_of(self.row.id), version=version)
                return
            except WarehouseBusy:
                if attempt == _TRIES - 1:
                    raise

    def _report(self) -> dict[str, Any]:
        """What an import tells at its end; customers are counted where the lines are."""
        sql = "SELECT count(DISTINCT source_customer) AS named, count(DISTINCT customer_key) AS known, "
        sql += "count(*) FILTER (source_customer IS NOT NULL AND customer_key IS NULL) AS unlinked "
        found = query(
            self.house, sql + "FROM purchase WHERE job = $job", {"job": str(self.row.id)}, tables=(PURCHASE,)
        ).to_pylist()[0]
        done = self.progress
        return {
            "rows": done.rows, "customers": found["named"], "linked_customers": found["known"],
            "lines_without_customer": done.lines_without_customer, "unlinked_lines": found["unlinked"],
            "negative_quantity": done.negative_quantity, "amount": two_places(Decimal(done.amount)),
            "refused": done.refused,
        }  # fmt: skip


def two_places(amount: Decimal) -> float:
    """An amount as a JSON number with two places."""
    return float(round(amount, 2))
