"""When a customer was erased, what the feeds hold of them goes too: rows, files, exports, the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from zhike.feeds.models import Export, Import, ImportChunk, ImportRow
from zhike.kernel.actor import Context
from zhike.kernel.erasure import forgetter


@forgetter
def forget(context: Context, resource: str, ids: Sequence[UUID]) -> None:
    """Remove every copy of what the feeds know of some customers."""
    from zhike.feeds.knowledge.forgetting import forget_in_warehouse

    if resource != "customers":
        return
    with transaction.atomic():
        forget_imports(ids)
        forget_exports(context)
    forget_in_warehouse(ids)


def forget_imports(ids: Sequence[UUID]) -> None:
    """The rows of these customers go, and the whole files they came in: undoing the rest does not need those."""
    rows = ImportRow.objects.filter(customer_id__in=ids)
    batches = set(rows.values_list("batch_id", flat=True)) | set(_created(ids))
    rows.delete()
    for batch in Import.objects.select_for_update(of=("self",)).filter(pk__in=batches).order_by("pk"):
        batch.preview = {
            name: value for name, value in batch.preview.items() if name not in ("samples", "warnings")
        }
        if "counts" in batch.preview:
            batch.preview["samples"] = {"new": [], "known": [], "refused": []}
        batch.save(update_fields=["preview"])
        file = Path(default_storage.path(batch.path))
        transaction.on_commit(partial(_unlink, (file, file.with_suffix(".refused.csv"))))


def _created(ids: Iterable[UUID]) -> Iterable[UUID]:
    """The imports that made one of these customers."""
    wanted = {each.bytes for each in ids}
    for batch, raw in ImportChunk.objects.values_list("batch_id", "customers").iterator(100):
        there = bytes(raw)
        if any(there[at : at + 16] in wanted for at in range(0, len(there), 16)):
            yield batch


def forget_exports(context: Context) -> None:
    """Files of lists that were exported before go, whoever is in them; they can be exported again."""
    for row in Export.objects.filter(cleared_at=None, ended_at__lte=context.now):
        transaction.on_commit(partial(_unlink, (Path(default_storage.path(row.path)),)))
        Export.objects.filter(pk=row.pk).update(cleared_at=context.now)


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
