"""Which column is which field: a suggestion by the names of the columns and by what stands in them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from zhike.feeds.files.headers import letter
from zhike.feeds.files.labels import LABELS, plain_label
from zhike.feeds.files.messages import Message
from zhike.feeds.files.reasons import reason
from zhike.feeds.files.recognise import TELLING, TESTS, plain

_ENOUGH = 0.45
_SAMPLES = 200


@dataclass(frozen=True, slots=True)
class Target:
    """A field a column can go to. `labels` are all its names in every language; `kind` is one of `labels.LABELS`
    or "text"; `many` allows several columns (phones, e-mails)."""

    name: str
    labels: tuple[str, ...]
    kind: str = "text"
    many: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """For one column: the field it seems to be (None for none), how sure (0–1), and why in sentences."""

    index: int
    column: str
    target: str | None
    score: float
    reasons: tuple[Message, ...] = ()


def suggest(
    columns: Sequence[str], samples: Sequence[Sequence[str | None]], targets: Sequence[Target]
) -> list[Suggestion]:
    """One suggestion per column, in order. A field that is not `many` is given to one column only, the surest;
    among equals the first. `samples` are rows of cells, of which 200 are looked at."""
    values = [_column_values(samples, at) for at in range(len(columns))]
    pairs = sorted(
        (
            (score, -at, -rank, why)
            for at, column in enumerate(columns)
            for rank, target in enumerate(targets)
            for score, why in [_score(column, at, values[at], target)]
            if score >= _ENOUGH
        ),
        key=lambda pair: pair[:3],
        reverse=True,
    )
    chosen: dict[int, Suggestion] = {}
    taken: set[str] = set()
    for score, minus_at, minus_rank, why in pairs:
        at, target = -minus_at, targets[-minus_rank]
        if at in chosen or (target.name in taken and not target.many):
            continue
        taken.add(target.name)
        chosen[at] = Suggestion(at, columns[at], target.name, round(score, 3), why)
    return [chosen.get(at) or Suggestion(at, column, None, 0.0) for at, column in enumerate(columns)]


def _column_values(samples: Sequence[Sequence[str | None]], at: int) -> list[str]:
    cells = (row[at] for row in samples[:_SAMPLES] if at < len(row))
    return [text for cell in cells if cell and (text := plain(cell))]


def _score(column: str, at: int, values: list[str], target: Target) -> tuple[float, tuple[Message, ...]]:
    """How well a column fits a field: its name counts three quarters, its content the rest; content alone counts
    where the form tells the kind, and content that contradicts the kind halves a good name."""
    by_name, label = _name_score(column, at, target)
    test = TESTS.get(target.kind)
    share = sum(map(test, values)) / len(values) if test and values else None
    why = [reason("map_name", column=column, label=label)] if by_name else []
    if share is not None and share >= 0.5:
        why.append(reason("map_content", percent=round(share * 100)))
    if share is None:
        return by_name * 0.9, tuple(why)
    if by_name == 0:
        return (0.7 * share if target.kind in TELLING and share >= 0.7 else 0.0), tuple(why)
    if share < 0.2 and len(values) >= 5:
        why.append(reason("map_doubt"))
        return by_name * 0.5, tuple(why)
    return by_name * 0.75 + share * 0.25, tuple(why)


def _name_score(column: str, at: int, target: Target) -> tuple[float, str]:
    """How well the name of a column fits one of the labels, and which: own labels first, then those of the kind."""
    if column == letter(at):
        return 0.0, ""
    name = plain_label(column)
    best, best_label = _best_label(name, target.labels, 1.0)
    kind_score, kind_label = _best_label(name, LABELS.get(target.kind, ()), 0.8)
    return (kind_score, kind_label) if kind_score > best else (best, best_label)


def _best_label(name: str, labels: Sequence[str], weight: float) -> tuple[float, str]:
    best, found = 0.0, ""
    for label in labels:
        score = weight * _likeness(name, plain_label(label))
        if score > best:
            best, found = score, label
    return best, found


def _likeness(name: str, label: str) -> float:
    """1 for the same, less for one within the other or a slip of the pen, 0 for different."""
    if not name or not label:
        return 0.0
    if name == label or name.rstrip("0123456789 ") == label:
        return 1.0
    if name.replace(" ", "") == label.replace(" ", ""):
        return 0.97
    short, long = sorted((name, label), key=len)
    if not short.isascii():
        return 0.6 + 0.3 * len(short) / len(long) if len(short) >= 2 and short in long else 0.0
    if set(short.split()) <= set(long.split()) and len(short) >= 3:
        return 0.6 + 0.3 * len(short) / len(long)
    if len(short) >= 5 and difflib.SequenceMatcher(None, name, label).ratio() >= 0.86:
        return 0.8
    return 0.0
