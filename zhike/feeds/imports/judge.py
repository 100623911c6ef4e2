"""What would become of the rows of a chunk: new customers, known ones, refused rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from zhike.customers.actions import prepare_many
from zhike.customers.queries import known_by_external, known_by_number, known_customers
from zhike.feeds.files.messages import RefusedRow
from zhike.feeds.imports.drafts import Cells, Drafted, Drafter, Fault, told
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid

Row = tuple[int, Cells]


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row that makes a customer."""

    row: int
    cells: Cells
    prepared: Any


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row whose customer is known: its id, its number (if it has one by now), by what, or another row of the file."""

    row: int
    cells: Cells
    prepared: Any
    customer: UUID
    number: str
    by: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is refused, with reasons as `drafts.told` keeps them."""

    row: int
    cells: Cells
    reasons: list[dict[str, Any]]


@dataclass(slots=True)
class Judged:
    """The verdicts on a chunk, each list in the order of the file."""

    new: list[NewRow] = field(default_factory=list)
    known: list[KnownRow] = field(default_factory=list)
    refused: list[BadRow] = field(default_factory=list)


def bad_row(refused: RefusedRow) -> BadRow:
    """A row that its reader refused."""
    return BadRow(
        refused.source_row, refused.cells, [{**told(refused.reason), "column": refused.column or ""}]
    )


def keys_of(prepared: Any) -> Iterator[tuple[Any, ...]]:
    """What two rows of one file are recognised as the same customer by; the rules are those of `known_customers`."""
    party = prepared.party
    for row in prepared.certificates:
        yield ("certificate", row.number)
    who = (party["kind"], party["name_pinyin"])
    for row in prepared.contacts:
        if row.kind == "phone" or row.kind == "email":
            yield (row.kind, row.normalised, who)
    name = party["name"].casefold()
    if party["kind"] == "person":
        if party["birthday"] is not None:
            yield ("name", name, party["birthday"])
    elif party["city"]:
        yield ("name", name, party["city"])


class Judge:
    """Judges chunk after chunk. With `remember` it knows the rows of earlier chunks too, as a dry run needs, for what
    it judged new is not on file; at most `most` keys are remembered."""

    def __init__(
        self, context: Context, drafter: Drafter, *, remember: bool = False, most: int = 2_000_000
    ) -> None:
        self.context = context
        self.drafter = drafter
        self._remember = remember
        self._most = most
        self._seen: dict[int, int] = {}

    def judge(self, rows: Sequence[Row], refused: Sequence[RefusedRow]) -> Judged:
        """The verdicts on some rows, and those on rows that the reader refused already."""
        judged = Judged(refused=[bad_row(row) for row in refused])
        drafted: list[tuple[Row, Drafted]] = []
        for row in rows:
            made = self.drafter.draft(row[1])
            if isinstance(made, Fault):
                reasons = [{**told(problem), "column": column} for column, problem in made.problems]
                judged.refused.append(BadRow(row[0], row[1], reasons))
            else:
                drafted.append((row, made))
        self._judge_drafts(drafted, judged)
        judged.refused.sort(key=lambda bad: bad.row)
        judged.known.sort(key=lambda known: known.row)
        return judged

    def _judge_drafts(self, drafted: list[tuple[Row, Drafted]], judged: Judged) -> None:
        actor = self.context.actor
        named = known_by_external(actor, (pair for _row, made in drafted for pair in made.draft.external_ids))
        numbers = known_by_number(actor, (made.number for _row, made in drafted if made.number))
        first: dict[tuple[str, str], int] = {}
        told_apart: dict[int, Any] = {}
        drafts = []
        for at, (_row, made) in enumerate(drafted):
            draft = made.draft
            pair: tuple[str, str] | None = draft.external_ids[0] if draft.external_ids else None
            found = numbers.get(made.number) or (named.get(pair) if pair else None)
            if found is not None:
                told_apart[at] = found
                draft = replace(draft, external_ids=())
            elif pair and pair in first:
                told_apart[at] = first[pair]
                draft = replace(draft, external_ids=())
            elif pair:
                first[pair] = at
            drafts.append(draft)
        prepared, wrong = prepare_many(self.context, drafts)
        for at, problem in wrong.items():
            row, cells = drafted[at][0]
            judged.refused.append(BadRow(row, cells, self._reasons(problem, cells)))
        self._sort(drafted, prepared, told_apart, judged)

    def _reasons(self, problem: Invalid, cells: Cells) -> list[dict[str, Any]]:
        return [
            {"text": str(text), "column": self.drafter.column_of(path, cells)}
            for path, texts in problem.fields.items()
            for text in texts
        ]

    def _sort(
        self,
        drafted: list[tuple[Row, Drafted]],
        prepared: dict[int, Any],
        told_apart: dict[int, Any],
        judged: Judged,
    ) -> None:
        places = list(prepared)
        on_file = dict(
            zip(places, known_customers(self.context.actor, [prepared[at] for at in places]), strict=True)
        )
        in_chunk: dict[tuple[Any, ...], Any] = {}
        for at in places:
            (row, cells), each = drafted[at][0], prepared[at]
            known = told_apart.get(at, on_file[at])
            if isinstance(known, int):
                twin = prepared.get(known)
                known = None
                if twin is not None:
                    judged.known.append(KnownRow(row, cells, each, twin.id, "", "file"))
                    continue
            if known is not None:
                judged.known.append(KnownRow(row, cells, each, known.id, known.number, known.by))
                continue
            keys = list(keys_of(each))
            twin = next((in_chunk[key] for key in keys if key in in_chunk), None)
            if twin is not None or self._seen_before(keys, row):
                judged.known.append(KnownRow(row, cells, each, twin.id if twin else each.id, "", "file"))
                continue
            in_chunk.update(dict.fromkeys(keys, each))
            judged.new.append(NewRow(row, cells, each))

    def _seen_before(self, keys: Sequence[tuple[Any, ...]], row: int) -> bool:
        if not self._remember:
            return False
        hashes = [hash(key) for key in keys]
        if any(each in self._seen for each in hashes):
            return True
        if len(self._seen) < self._most:
            self._seen.update(dict.fromkeys(hashes, row))
        return False
