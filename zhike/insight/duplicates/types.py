"""What goes into the finder of duplicates and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from zhike.insight.duplicates.model import Model

COLUMNS = (
    "id",
    "kind",
    "name",
    "name_pinyin",
    "name_initials",
    "given",
    "surname",
    "phones",
    "emails",
    "certificate_hashes",
    "province",
    "city",
    "district",
    "address",
    "birth_date",
)
LIST_COLUMNS = frozenset({"phones", "emails", "certificate_hashes"})


class UnusableRecordsError(ValueError):
    """The table of records cannot be read; the message names the column and the reason."""


@dataclass(frozen=True, slots=True)
class Record:
    """One customer as the finder sees it. Every field but `id` may be empty.

    `kind` is "person" or "organisation"; `name_pinyin` is tone-less with spaces ("wang xiaoming");
    `phones` are E.164 where known; `certificate_hashes` are keyed hashes, never numbers; `birth_date` is
    ISO text (YYYY-MM-DD).
    """

    id: str
    kind: str | None = None
    name: str | None = None
    name_pinyin: str | None = None
    name_initials: str | None = None
    given: str | None = None
    surname: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    certificate_hashes: tuple[str, ...] = ()
    province: str | None = None
    city: str | None = None
    district: str | None = None
    address: str | None = None
    birth_date: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two records look alike or not: the field, the level of agreement, and its weight in bits.

    A positive weight speaks for one customer, a negative one against. Levels are worded in `reasons.py`.
    """

    field: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one customer, `left` < `right` by position in the input.

    `weight` is log2 of the odds (bits), `probability` the same as a share of one.
    """

    left: str
    right: str
    probability: float
    weight: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """How to look for duplicates.

    `threshold` is the least probability of a pair that is returned. `pairs_per_record` bounds the work: no
    blocking rule may propose more than this many pairs per record; it gives up its largest blocks first.
    `shared_by` is the number of holders from which a phone or e-mail counts as shared (a switchboard).
    `train_from` is the number of records from which weights are learnt from the data; below it the model
    that came with the program is used. `memory_bytes` bounds DuckDB, which then spills to `spill_folder`.
    """

    threshold: float = 0.5
    pairs_per_record: float = 0.5
    shared_by: int = 12
    train_from: int = 2_000
    training_pairs: int = 1_000_000
    seed: int = 1
    threads: int | None = None
    memory_bytes: int = 2_500_000_000
    spill_folder: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be obeyed."""
        if not 0 <= self.threshold < 1:
            raise ValueError(f"threshold: {self.threshold} is not a probability in [0, 1)")
        if self.pairs_per_record <= 0:
            raise ValueError(f"pairs_per_record: {self.pairs_per_record} is not above zero")
        if self.shared_by < 2:
            raise ValueError(f"shared_by: {self.shared_by} is below two holders")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Blocks of one rule that were too large to compare: `blocks` of them, holding `records` records and
    `pairs` pairs, the largest with `largest` records. Their records still meet through other rules."""

    rule: str
    blocks: int
    records: int
    pairs: int
    largest: int


@dataclass(frozen=True, slots=True)
class Findings:
    """The answer of the finder.

    `table` has the columns left, right (string), probability, weight (double) and reasons
    (list<struct<field, level, weight>>), best pair first. `model` holds the weights that were used;
    `compared` counts the pairs that were looked at; `left_out` says what was not.
    """

    table: pa.Table
    model: Model
    records: int
    compared: int
    left_out: tuple[LeftOut, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def pairs(self, limit: int | None = None) -> Iterator[Pair]:
        """The pairs as dataclasses, best first, at most `limit` of them."""
        rows = self.table if limit is None else self.table.slice(0, limit)
        for batch in rows.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                reasons = tuple(Reason(r["field"], r["level"], r["weight"]) for r in row["reasons"])
                yield Pair(row["left"], row["right"], row["probability"], row["weight"], reasons)
