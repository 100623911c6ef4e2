"""The jobs of an import: trying the whole file out, running it, taking it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.actions import (
    Created,
    TakenOver,
    remove_unchanged,
    settle_many,
    store_prepared,
    take_back,
    take_over,
)
from zhike.feeds.files.messages import FileRefused
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.tabular import Chunk, Table, open_table
from zhike.feeds.imports.as_written import KeepingDrafter, Warnings, added
from zhike.feeds.imports.judge import BadRow, Judge, Judged, KnownRow
from zhike.feeds.models import Import, ImportChunk, ImportRow
from zhike.feeds.retention import refuse_cleared
from zhike.kernel.actor import Context
from zhike.kernel.bulk import Cell, copy_rows, few_collections, wire_of
from zhike.kernel.errors import FieldHidden, Invalid, Refusal, disk_full
from zhike.kernel.events import News, announce
from zhike.kernel.jobs import Cancelled, Run, job
from zhike.kernel.text import canonical

CHECK, IMPORT, UNDO = "feeds.check", "feeds.import", "feeds.undo"
ROWS = 5000
_SHOWN = 60
_UNDONE = 500
_State = Import.State


def path_of(batch: Import) -> Path:
    """The file of an import."""
    return Path(default_storage.path(batch.path))


def open_import(batch: Import) -> Table:
    """The file of an import, open as its options say. Raises Refusal when it cannot be read."""
    try:
        return open_table(path_of(batch), options=TableOptions.from_json(batch.options))
    except FileRefused as problem:
        raise Refusal(str(problem)) from None


def drafter_of(context: Context, batch: Import) -> KeepingDrafter:
    """What makes drafts of the rows of an import."""
    source = batch.name.rsplit(".", 1)[0][:60] or "import"
    return KeepingDrafter(
        context, batch.columns, batch.mapping, order=batch.preview.get("order", "dmy"),
        source=batch.preview.get("source", source),
    )  # fmt: skip


@contextmanager
def _in_state(run: Run, state: str) -> Iterator[Import]:
    """The import in this state while the block runs; how it ended badly is written down. Nothing of a chunk that did
    not commit is left."""
    batch = Import.objects.get(pk=run.args["import"])
    refuse_cleared(batch.cleared_at)
    mine = Import.objects.filter(pk=batch.pk, job_id=run.id)
    mine.update(state=state, error="")
    try:
        yield batch
    except Cancelled:
        mine.update(
            state=_State.CANCELLED if state != _State.CHECKING else _State.UPLOADED, ended_at=run.context.now
        )
        raise
    except FileRefused as problem:
        mine.update(state=_State.FAILED, error=str(problem))
        raise Refusal(str(problem)) from None
    except Refusal as problem:
        mine.update(state=_State.FAILED, error=str(problem))
        raise
    except (DatabaseError, OSError) as problem:
        if not disk_full(problem):
            raise
        text = _(
            "The disk is full. Make room, then continue: nothing that was committed is lost or done twice."
        )
        # If not even this fits on the disk, the job tells it as soon as there is room.
        with suppress(DatabaseError):
            mine.update(state=_State.FAILED, error=text)
        raise Refusal(text) from problem


def _estimated(chunk: Chunk, rows: int) -> int:
    """How many rows there will be, judging by how much of the file has been read."""
    return rows if chunk.position >= chunk.size else round(rows * chunk.size / max(chunk.position, 1))


@job(CHECK, title=gettext_lazy("Check a file before its import"))
def check(run: Run) -> Mapping[str, Any]:
    """Try the whole file out and keep the counts, and some rows of each verdict to look at."""
    with few_collections(), _in_state(run, _State.CHECKING) as batch, open_import(batch) as table:
        drafter = drafter_of(run.context, batch)
        judge = Judge(run.context, drafter, remember=True)
        counts = {"rows": 0, "new": 0, "known": 0, "refused": 0}
        samples: dict[str, list[dict[str, Any]]] = {"new": [], "known": [], "refused": []}
        reasons: dict[str, int] = {}
        for chunk in table.chunks(ROWS):
            run.check()
            judged = judge.judge(chunk.rows, chunk.refused)
            _count(judged, counts, samples, reasons)
            run.progress(counts["rows"], _estimated(chunk, counts["rows"]))
        commonest = sorted(reasons.items(), key=lambda pair: -pair[1])[:20]
        kept = {
            name: batch.preview[name] for name in ("order", "source", "suggestions") if name in batch.preview
        }
        preview = {
            **kept,
            "counts": counts,
            "samples": samples,
            "reasons": commonest,
            "warnings": drafter.take_warnings(),
        }
        with run.chunk():
            Import.objects.filter(pk=batch.pk, job_id=run.id).update(preview=preview, state=_State.PREVIEWED)
            run.progress(counts["rows"], counts["rows"])
        return counts


def _count(
    judged: Judged, counts: dict[str, int], samples: dict[str, list[dict[str, Any]]], reasons: dict[str, int]
) -> None:
    counts["new"] += len(judged.new)
    counts["known"] += len(judged.known)
    counts["refused"] += len(judged.refused)
    counts["rows"] += len(judged.new) + len(judged.known) + len(judged.refused)
    for one in judged.new[: _SHOWN - len(samples["new"])]:
        samples["new"].append({"row": one.row, "cells": list(one.cells), "name": one.prepared.party["name"]})
    for known in judged.known[: _SHOWN - len(samples["known"])]:
        samples["known"].append(
            {"row": known.row, "cells": list(known.cells), "number": known.number, "by": known.by,
             "customer": str(known.customer)}
        )  # fmt: skip
    for bad in judged.refused[: _SHOWN - len(samples["refused"])]:
        samples["refused"].append({"row": bad.row, "cells": _safe(bad.cells), "reasons": bad.reasons})
    for bad in judged.refused:
        for why in bad.reasons:
            key = canonical(
                {
                    "column": why.get("column", ""),
                    **(
                        {"text": why["text"]}
                        if "text" in why
                        else {"id": why["id"], "code": why["code"], "params": _general(why["params"])}
                    ),
                }
            )
            if key in reasons or len(reasons) < 500:
                reasons[key] = reasons.get(key, 0) + 1


def _general(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "…" if name == "text" else value for name, value in params.items()}


def _safe(cells: Iterable[str | None]) -> list[str | None]:
    """Cells as a database can keep them: NULs and bytes that are no characters made visible."""
    return [
        None
        if cell is None
        else "".join(
            "\\x00"
            if sign == "\0"
            else f"\\x{ord(sign) & 0xFF:02x}"
            if 0xD800 <= ord(sign) <= 0xDFFF
            else sign
            for sign in cell
        )
        if "\0" in cell or not cell.isascii()
        else cell
        for cell in cells
    ]


@job(IMPORT, title=gettext_lazy("Import customers"))
def run_import(run: Run) -> Mapping[str, Any]:
    """Bring the file in, chunk by chunk: customers, search entries, facts, verdicts and checkpoint commit together."""
    with few_collections(), _in_state(run, _State.RUNNING) as batch, open_import(batch) as table:
        drafter = drafter_of(run.context, batch)
        for chunk in table.chunks(ROWS, after=run.checkpoint.get("row", 0)):
            with run.chunk():
                done = _take(run.context, batch, Judge(run.context, drafter), chunk)
                _keep_warnings(batch, drafter.take_warnings(), first="row" not in run.checkpoint)
                run.checkpoint["row"] = chunk.last_row
                run.progress(run.done + done, _estimated(chunk, run.done + done))
        with run.chunk():
            batch.refresh_from_db()
            batch.state, batch.ended_at = _State.DONE, run.context.now
            batch.save(update_fields=["state", "ended_at"])
            run.progress(run.done, run.done)
            announce(run.context, News("feeds.imported", "imports", batch.pk, batch.name, data=totals(batch)))
    settle_many()
    return totals(batch)


def _keep_warnings(batch: Import, warnings: Warnings, *, first: bool) -> None:
    """Add the warnings of a chunk to those of the import; the first chunk puts away what a check had found."""
    known = {} if first else batch.preview.get("warnings", {})
    if warnings or (first and batch.preview.get("warnings")):
        batch.preview = {**batch.preview, "warnings": added(known, warnings)}
        batch.save(update_fields=["preview"])


def totals(batch: Import) -> dict[str, int]:
    """The counters of an import."""
    names = ("rows", "created", "updated", "matched", "refused")
    return {name: getattr(batch, name) for name in names}


def _take(context: Context, batch: Import, judge: Judge, chunk: Chunk) -> int:
    """Store one chunk in the caller's transaction and return how many rows it had."""
    judged = judge.judge(chunk.rows, chunk.refused)
    made = _store(context, judged)
    if made:
        ids = b"".join(each.id.bytes for each in made)
        ImportChunk.objects.create(batch=batch, last_row=chunk.last_row, customers=ids)
    verdicts = [_known(context, batch, row) for row in judged.known]
    verdicts += [_verdict(bad.row, "refused", bad=bad) for bad in judged.refused]
    bad = sum(1 for verdict in verdicts if verdict["verdict"] == "refused")
    updated = sum(1 for verdict in verdicts if verdict["verdict"] == "updated")
    _keep_verdicts(batch, verdicts)
    count = len(made) + len(verdicts)
    Import.objects.filter(pk=batch.pk).update(
        rows=F("rows") + count, created=F("created") + len(made), updated=F("updated") + updated,
        matched=F("matched") + len(verdicts) - bad - updated, refused=F("refused") + bad,
    )  # fmt: skip
    return count


def _store(context: Context, judged: Judged) -> list[Created]:
    """Store the new customers of a chunk. Where the database refuses them together, they are tried one by one, so that
    one row never stops a whole file."""
    try:
        with transaction.atomic():
            return store_prepared(context, [one.prepared for one in judged.new])
    except (IntegrityError, DataError):
        made: list[Created] = []
        for one in judged.new:
            try:
                with transaction.atomic():
                    made += store_prepared(context, [one.prepared])
            except (IntegrityError, DataError):
                why = {"text": _("The database cannot keep this row."), "column": ""}
                judged.refused.append(BadRow(one.row, one.cells, [why]))
        return made


def _verdict(
    row: int, verdict: str, *, known: KnownRow | None = None, bad: BadRow | None = None, before: Any = None
) -> dict[str, Any]:
    return {
        "row": row, "verdict": verdict, "customer_id": known.customer if known else None,
        "by": known.by if known else "", "cells": _safe(bad.cells) if bad else None,
        "reasons": bad.reasons if bad else None, "before": before,
    }  # fmt: skip


def _known(context: Context, batch: Import, row: KnownRow) -> dict[str, Any]:
    """What becomes of a row whose customer is known, by the rule of the import."""
    if batch.rule == Import.Rule.SKIP:
        return _verdict(row.row, "matched", known=row)
    try:
        with transaction.atomic():
            taken = take_over(context, row.customer, row.prepared, overwrite=batch.rule == Import.Rule.UPDATE)
    except FieldHidden:
        raise
    except Invalid as problem:
        reasons = [
            {"text": str(text), "column": column}
            for column, texts in problem.fields.items()
            for text in texts
        ]
        return _verdict(row.row, "refused", known=row, bad=BadRow(row.row, row.cells, reasons))
    except Refusal as problem:
        return _verdict(
            row.row,
            "refused",
            known=row,
            bad=BadRow(row.row, row.cells, [{"text": str(problem), "column": ""}]),
        )
    if not taken:
        return _verdict(row.row, "matched", known=row)
    before = {"changes": taken.changes, "contacts": taken.contacts, "tags": taken.tags}
    return _verdict(row.row, "updated", known=row, before=before)


_COLUMNS = ("batch_id", "row", "verdict", "customer_id", "by", "cells", "reasons", "before")


def _keep_verdicts(batch: Import, verdicts: list[dict[str, Any]]) -> None:
    wire = wire_of()

    def lines() -> Iterator[list[Cell]]:
        for each in verdicts:
            customer = each["customer_id"]
            yield [
                wire.uid(batch.pk), each["row"], each["verdict"], wire.uid(customer) if customer else None, each["by"],
                *(None if each[name] is None else canonical(each[name]) for name in ("cells", "reasons", "before")),
            ]  # fmt: skip

    if verdicts:
        copy_rows(ImportRow._meta.db_table, _COLUMNS, lines())


@job(UNDO, title=gettext_lazy("Undo an import"))
def undo(run: Run) -> Mapping[str, Any]:
    """Take an import back from its end: changed customers get their old values, created ones go, unless somebody
    changed them since; those are counted and listed."""
    with _in_state(run, _State.UNDOING) as batch:
        run.checkpoint.setdefault("place", {"row": None, "chunk": None})
        run.checkpoint.setdefault("result", {"removed": 0, "restored": 0, "kept": 0, "examples": []})
        total = batch.created + batch.updated
        while _undo_rows(run, batch, run.checkpoint["place"], total):
            pass
        while _undo_chunk(run, batch, run.checkpoint["place"], total):
            pass
        result = run.checkpoint["result"]
        with run.chunk():
            batch.refresh_from_db()
            batch.state, batch.undone, batch.ended_at = _State.UNDONE, result, run.context.now
            batch.save(update_fields=["state", "undone", "ended_at"])
            announce(run.context, News("feeds.undone", "imports", batch.pk, batch.name, data=result))
            run.progress(total, total)
    settle_many()
    return dict(result)


def _undo_rows(run: Run, batch: Import, place: dict[str, Any], total: int) -> bool:
    rows = ImportRow.objects.filter(batch=batch, verdict=ImportRow.Verdict.UPDATED).order_by("-row")
    found = list((rows.filter(row__lt=place["row"]) if place["row"] is not None else rows)[:100])
    if not found:
        return False
    with run.chunk():
        result = run.checkpoint["result"]
        for row in found:
            before, customer = row.before or {}, row.customer_id
            taken = TakenOver(
                before.get("changes", {}),
                [UUID(each) for each in before.get("contacts", ())],
                before.get("tags", ()),
            )
            kept = take_back(run.context, customer, taken) if customer else []
            result["kept" if kept else "restored"] += 1
            if kept and customer:
                _note(result, customer, kept)
        run.checkpoint["place"]["row"] = found[-1].row
        run.progress(run.done + len(found), total)
    return True


def _undo_chunk(run: Run, batch: Import, place: dict[str, Any], total: int) -> bool:
    chunks = ImportChunk.objects.filter(batch=batch).order_by("-last_row")
    chunk = (chunks.filter(last_row__lt=place["chunk"]) if place["chunk"] is not None else chunks).first()
    if chunk is None:
        return False
    raw = bytes(chunk.customers)
    ids = [UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw), 16)]
    with run.chunk():
        result = run.checkpoint["result"]
        for at in range(0, len(ids), _UNDONE):
            removed = remove_unchanged(run.context, ids[at : at + _UNDONE])
            result["removed"] += len(removed.gone)
            result["kept"] += len(removed.kept)
            for customer in removed.kept:
                _note(result, customer, ["*"])
        run.checkpoint["place"]["chunk"] = chunk.last_row
        run.progress(run.done + len(ids), total)
    return True


def _note(result: dict[str, Any], customer: UUID, fields: list[str]) -> None:
    if len(result["examples"]) < 100:
        result["examples"].append({"customer": str(customer), "fields": fields})
