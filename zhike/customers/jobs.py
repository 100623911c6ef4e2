"""The finder of duplicates over all records, in the background."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from zhike.customers.matching import parts_of, reasons_json
from zhike.customers.models import DuplicatePair, DuplicateRun, Party
from zhike.customers.models.party import LIVE
from zhike.customers.queries.duplicates import open_pairs
from zhike.customers.resource import CUSTOMERS
from zhike.customers.types.words import DuplicateState
from zhike.insight.duplicates import Options, Pair
from zhike.kernel.jobs import Run, job
from zhike.kernel.rows import visible
from zhike.kernel.slices import slices

FIND_DUPLICATES = "customers.find_duplicates"
_READ, _WRITE = 10_000, 2_000
_TEXTS = pa.list_(pa.string())
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "kind", "name", "name_pinyin", "name_initials")),
        *((name, _TEXTS) for name in ("phones", "emails", "certificate_hashes")),
        *((name, pa.string()) for name in ("province", "city", "district", "address", "birth_date")),
    ]
)


def _batches(run: Run, total: int, mine: int) -> Iterator[pa.RecordBatch]:
    """All live customers, ten thousand at a time, by keyset. The progress is told in numbers of the asker's own."""
    last: UUID | None = None
    read = 0
    while True:
        rows = Party.objects.filter(LIVE) if last is None else Party.objects.filter(LIVE, pk__gt=last)
        parts = list(parts_of(rows.order_by("pk")[:_READ]))
        if not parts:
            return
        run.check()
        read += len(parts)
        run.progress(min(read, total) * mine // max(total, 1), mine)
        last = UUID(parts[-1]["id"])
        yield pa.RecordBatch.from_pylist(parts, schema=_SCHEMA)


@job(FIND_DUPLICATES, title=_("Find duplicates"))
def find_duplicates(run: Run) -> Mapping[str, Any]:
    """Compare all customers with each other and keep the pairs that may be one, with their reasons.

    A pair that somebody decided about stays decided; an open one that is no longer likely goes. Whoever asked is
    told of as many records and pairs as they may see, not of how many there are.
    """
    from zhike.insight.duplicates import find_pairs

    total = Party.objects.filter(LIVE).count()
    reads = run.actor.may(CUSTOMERS.read)
    mine = visible(run.actor, CUSTOMERS).count() if reads else 0
    records = pa.RecordBatchReader.from_batches(_SCHEMA, _batches(run, total, mine))
    spill = settings.HOME / "spill"
    spill.mkdir(exist_ok=True)
    findings = find_pairs(records, options=Options(spill_folder=str(spill)))
    with run.chunk():
        DuplicatePair.objects.filter(state=DuplicateState.OPEN.value).delete()
        for batch in slices(findings.pairs(), _WRITE):
            _keep(run, batch)
        DuplicateRun.objects.all().delete()
        DuplicateRun(
            found_at=run.context.now, records=findings.records, compared=findings.compared,
            pairs=len(findings), model=findings.model.to_json(),
        ).save(force_insert=True)  # fmt: skip
        run.progress(mine, mine)
    return {"records": mine, "pairs": open_pairs(run.context).count() if reads else 0}


def _keep(run: Run, pairs: list[Pair]) -> None:
    now = run.context.now
    rows = []
    for pair in pairs:
        left, right = sorted((UUID(pair.left), UUID(pair.right)))
        rows.append(
            DuplicatePair(
                left_id=left, right_id=right, probability=pair.probability, reasons=reasons_json(pair),
                found_at=now,
            )
        )  # fmt: skip
    DuplicatePair.objects.bulk_create(rows, ignore_conflicts=True)
