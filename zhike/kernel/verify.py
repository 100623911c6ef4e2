"""Verification of the stream of facts: what was changed, removed, inserted, swapped, cut off or forged."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from itertools import islice

import orjson

from zhike.kernel.commands import command
from zhike.kernel.events import mac_of
from zhike.kernel.models import Block, Fact
from zhike.kernel.redaction import properly_redacted
from zhike.kernel.seal import NO_DIGEST, anchors, digest_of

_PAGE = 5_000


class Fault(StrEnum):
    """What can be wrong."""

    CHANGED = "changed"  # a fact does not say what it said when it was written, or was never written by us
    MISSING = "missing"  # a block has fewer facts than it closed
    INSERTED = "inserted"  # a fact stands where no block knows it
    BROKEN_BLOCK = "broken_block"  # a block does not fit its facts or the block before
    CUT = "cut"  # the log outside the database knows of more


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault and where it is: a block's number, a fact's id, or both."""

    fault: Fault
    block: int | None = None
    fact: int | None = None


@dataclass(slots=True)
class Report:
    """What verification saw. `redacted` facts lost their content by a deed on record.

    `findings` keeps the first thousand; `faults` counts all.
    """

    facts: int = 0
    unsealed: int = 0
    blocks: int = 0
    anchors: int = 0
    redacted: int = 0
    faults: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.faults == 0

    def note(self, fault: Fault, *, block: int | None = None, fact: int | None = None) -> None:
        """Count a fault, and keep it while there are few."""
        self.faults += 1
        if len(self.findings) < 1_000:
            self.findings.append(Finding(fault, block, fact))


def _sealed() -> Iterator[Fact]:
    """All sealed facts by position, read a page at a time."""
    position = None
    while True:
        page = Fact.objects.filter(position__isnull=False).order_by("position")
        facts = list((page if position is None else page.filter(position__gt=position))[:_PAGE])
        yield from facts
        if len(facts) < _PAGE:
            return
        position = facts[-1].position


def _check_macs(facts: list[Fact], block: int | None, report: Report) -> None:
    report.facts += len(facts)
    altered = [fact for fact in facts if mac_of(fact) != fact.mac]
    redacted = properly_redacted(altered) if altered else set()
    report.redacted += len(redacted)
    for fact in altered:
        if fact.id not in redacted:
            report.note(Fault.CHANGED, block=block, fact=fact.id)


def _check_block(
    block: Block, number: int, first: int, previous: str, facts: list[Fact], report: Report
) -> None:
    size = block.last_position - block.first_position + 1
    if len(facts) < size:
        report.note(Fault.MISSING, block=block.number)
    chained = (block.number, block.first_position, block.previous_digest) == (number, first, previous)
    pairs = [(fact.id, fact.mac) for fact in facts]
    dense = [fact.position for fact in facts] == list(range(block.first_position, block.last_position + 1))
    whole = (
        dense and digest_of(block.number, block.first_position, block.previous_digest, pairs) == block.digest
    )
    if not (chained and whole):
        report.note(Fault.BROKEN_BLOCK, block=block.number)


def _check_chain(report: Report) -> dict[int, Block]:
    stream = _sealed()
    ahead = next(stream, None)
    known: dict[int, Block] = {}
    number, first, previous = 1, 1, NO_DIGEST
    for block in Block.objects.order_by("number").iterator(_PAGE):
        facts: list[Fact] = []
        while ahead is not None and ahead.position is not None and ahead.position <= block.last_position:
            if ahead.position < block.first_position:
                report.note(Fault.INSERTED, block=block.number, fact=ahead.id)
            else:
                facts.append(ahead)
            ahead = next(stream, None)
        _check_macs(facts, block.number, report)
        _check_block(block, number, first, previous, facts, report)
        known[block.number] = block
        report.blocks += 1
        number, first, previous = block.number + 1, block.last_position + 1, block.digest
    while ahead is not None:
        report.facts += 1
        report.note(Fault.INSERTED, fact=ahead.id)
        ahead = next(stream, None)
    return known


def _check_anchors(known: dict[int, Block], report: Report) -> None:
    for anchor in anchors():
        report.anchors += 1
        block = known.get(anchor.number)
        if block is None:
            report.note(Fault.CUT, block=anchor.number)
        elif (block.digest, block.last_position) != (anchor.digest, anchor.position):
            report.note(Fault.BROKEN_BLOCK, block=anchor.number)


def verify() -> Report:
    """Check every fact, every block, the chain of blocks and its anchors. Memory does not grow with the facts.

    Run it while writers write: facts not yet sealed are checked by their own macs.
    """
    report = Report()
    known = _check_chain(report)
    _check_anchors(known, report)
    unsealed = Fact.objects.filter(position__isnull=True).order_by("id").iterator(_PAGE)
    while page := list(islice(unsealed, _PAGE)):
        report.unsealed += len(page)
        _check_macs(page, None, report)
    return report


@command("audit verify", "Check the sealed chain of facts; exit status 1 when something is wrong")
def verify_command(_options: Namespace) -> int:
    """Print the report as JSON."""
    report = verify()
    shown = {"sound": report.sound, **asdict(report)}
    sys.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0 if report.sound else 1
