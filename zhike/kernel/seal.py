"""Sealing: committed facts get dense positions and are closed in blocks, each chained to the one before.

Writers insert facts without a position and never wait. One sealer at a time puts what is committed in line; a fact
whose transaction commits late gets a later position, so no reader who asks "after position n" can miss it. A block's
digest is keyed and covers the block before and the ids and macs of its facts. The head of the chain is written to
`seal.log` in the home too, where whoever can change the database cannot reach. `zhike.kernel.verify` checks it all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from django.db import connection, transaction

from zhike.config.home import home
from zhike.kernel.events import keyed
from zhike.kernel.models import Block, Fact

# A block is one short transaction: on SQLite it holds the file's only write lock.
BLOCK_SIZE = 2_000
ANCHOR_EVERY = timedelta(seconds=10)
NO_DIGEST = "0" * 64
_LOCK = 0x7A68696B65  # "zhike"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain as written outside the database: block, its last position (= count), its digest."""

    number: int
    position: int
    digest: str


def digest_of(number: int, first: int, previous: str, facts: list[tuple[int, str]]) -> str:
    """The keyed digest of a block over its place, the block before and (id, mac) of its facts in order."""
    lines = [f"{number}|{first}|{len(facts)}|{previous}", *(f"{fact}:{mac}" for fact, mac in facts)]
    return keyed("\n".join(lines))


def _locked() -> bool:
    """Become the only sealer until the transaction ends. SQLite's write lock is ours already."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _place(facts: list[tuple[int, str]], first: int) -> None:
    """Give the facts consecutive positions, in one statement."""
    ids = [fact for fact, _mac in facts]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE kernel_fact SET position = %s + line.place FROM unnest(%s::bigint[]) "
                "WITH ORDINALITY AS line(id, place) WHERE kernel_fact.id = line.id",
                [first - 1, ids],
            )
        else:
            cursor.execute(
                "UPDATE kernel_fact SET position = %s + line.key FROM json_each(%s) AS line "
                "WHERE kernel_fact.id = line.value",
                [first, orjson.dumps(ids).decode()],
            )


def _seal_block(now: datetime, after: int) -> tuple[int, int]:
    """Close one block of facts with an id greater than `after`; returns how many, and the last id."""
    with transaction.atomic():
        if not _locked():
            return 0, after
        waiting = Fact.objects.filter(position__isnull=True, id__gt=after).order_by("id")
        facts = list(waiting.values_list("id", "mac")[:BLOCK_SIZE])
        if not facts:
            return 0, after
        head = Block.objects.order_by("-number").first()
        number, previous = (head.number + 1, head.digest) if head else (1, NO_DIGEST)
        first = head.last_position + 1 if head else 1
        _place(facts, first)
        Block.objects.create(
            number=number, first_position=first, last_position=first + len(facts) - 1,
            previous_digest=previous, digest=digest_of(number, first, previous, facts), sealed_at=now,
        )  # fmt: skip
    return len(facts), facts[-1][0]


def seal(now: datetime, *, anchored: bool = False) -> int:
    """Put all committed facts in line and return how many there were. Does nothing while another sealer works.

    The head is anchored when the last anchor is old enough, or at once if `anchored`.
    """
    sealed, count, after = 0, 0, 0
    if Fact.objects.filter(position__isnull=True).exists():
        # Going on behind the last id spares PostgreSQL the index entries of what is sealed. A neighbour with a
        # smaller id that commits meanwhile is found by the next call.
        count, after = _seal_block(now, after)
    while count:
        sealed += count
        count, after = _seal_block(now, after)
    anchor(now, at_once=anchored)
    return sealed


def anchor_file() -> Path:
    """Where the heads of the chain are kept: one JSON object a line, only ever appended to."""
    return home() / "seal.log"


def _last_written() -> tuple[str, datetime | None]:
    """The digest and the moment of the last whole line of the log."""
    path = anchor_file()
    if not path.exists():
        return NO_DIGEST, None
    with path.open("rb") as log:
        log.seek(max(path.stat().st_size - 1024, 0))
        for line in reversed(log.read().split(b"\n")):
            if line.startswith(b"{") and line.endswith(b"}"):
                last = orjson.loads(line)
                return last["digest"], datetime.fromisoformat(last["at"])
    return NO_DIGEST, None


def anchor(now: datetime, *, at_once: bool = False) -> bool:
    """Append the head of the chain to the log outside the database and fsync it. True when one was written."""
    head = Block.objects.order_by("-number").first()
    if head is None:
        return False
    digest, at = _last_written()
    if digest == head.digest or (not at_once and at is not None and timedelta(0) <= now - at < ANCHOR_EVERY):
        return False
    line = orjson.dumps(
        {"number": head.number, "position": head.last_position, "digest": head.digest, "at": now}
    )
    fd = os.open(anchor_file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # The line break in front closes a line that a power cut tore.
        os.write(fd, b"\n" + line + b"\n")
        os.fsync(fd)
    finally:
        os.close(fd)
    return True


def anchors() -> list[Anchor]:
    """All anchors in the order they were written; torn lines are left out."""
    path = anchor_file()
    found = []
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        if line.startswith(b"{") and line.endswith(b"}"):
            raw = orjson.loads(line)
            found.append(Anchor(raw["number"], raw["position"], raw["digest"]))
    return found
