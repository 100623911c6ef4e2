"""How a file is read and mapped before anything of it is taken: detection, a live sample, a suggested mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.feeds.files.detect import detect
from zhike.feeds.files.mapping import Suggestion, suggest
from zhike.feeds.files.messages import FileRefused
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.tabular import open_table
from zhike.feeds.files.values import decide_order
from zhike.feeds.imports.targets import WORDS, goals, targets, words_of
from zhike.feeds.models import Import, SavedMapping
from zhike.kernel.actor import Actor
from zhike.kernel.errors import Invalid
from zhike.kernel.text import digest

SAMPLE = 200
# One of these a customer must have.
NAMES = frozenset({"name", "family_name", "given_name", "company"})
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


def found_options(path: Path, **said: Any) -> TableOptions:
    """How the file is best read; what is said is taken as said. Raises Invalid naming the file."""
    try:
        return detect(path, **said).options
    except FileRefused as problem:
        raise Invalid({"file": str(problem)}) from None


def changed_options(path: Path, options: TableOptions, asked: Mapping[str, Any]) -> TableOptions:
    """The options as somebody wants them. A new encoding, delimiter or sheet has the rest found anew."""
    said = {name: value for name in ("encoding", "delimiter", "sheet") if (value := asked.get(name))}
    if "delimiter" in said:
        said["delimiter"] = _DELIMITERS.get(said["delimiter"], said["delimiter"])
    if "encoding" in said:
        try:
            "".encode(said["encoding"])
        except LookupError:
            raise Invalid({"encoding": _("This encoding is not known.")}) from None
    if "delimiter" in said and len(said["delimiter"]) != 1:
        raise Invalid({"delimiter": _("Enter one character.")})
    fresh = found_options(path, **said) if said else options
    if asked.get("header_row") is not None:
        row = int(asked["header_row"])
        if not 0 <= row <= 1000:
            raise Invalid({"header_row": _("Between 0 and %(most)s.") % {"most": 1000}})
        fresh = replace(fresh, header_row=row or None, first_row=row + 1 if row else 1)
    return fresh


def sample_of(
    path: Path, options: TableOptions, size: int = SAMPLE
) -> tuple[list[str], list[tuple[int, list[str | None]]]]:
    """The columns of a file and its first rows. Raises Invalid naming the file."""
    try:
        with open_table(path, options=options) as table:
            chunk = next(table.chunks(size))
            return table.columns, [(row, list(cells)) for row, cells in chunk.rows[:size]]
    except FileRefused as problem:
        raise Invalid({"file": str(problem)}) from None


def signature_of(columns: Sequence[str]) -> str:
    """What files with the same columns have in common."""
    return digest(*columns)


_CARDS = {
    "Full name": "name", "Family name": "family_name", "Given name": "given_name", "Organization": "company",
    "Organisation": "company", "Department": "department", "Title": "position", "Birthday": "birthday", "Note": "note",
    "Categories": "tags", "UID": "external_id",
}  # fmt: skip
_CARD_PARTS = {
    "street": "address",
    "city": "city",
    "region": "province",
    "postal code": "postcode",
    "country": "country",
}


def _card_mapping(columns: Sequence[str]) -> list[str | None]:
    """The columns of business cards, whose names are ours. A whole name makes its parts superfluous."""
    found: list[str | None] = []
    for column in columns:
        name = _CARDS.get(column)
        head, _space, part = column.partition(" ")
        if head in ("Phone", "E-mail", "Email") and part.isdigit():
            name = "phone" if head == "Phone" else "email"
        elif head in ("URL", "Link", "Website") and part == "1":
            name = "website"
        elif column.startswith("Address 1 "):
            name = _CARD_PARTS.get(column.removeprefix("Address 1 "))
        found.append(None if "name" in found and name in ("family_name", "given_name") else name)
    return found


def _checked(each: Suggestion, rows: Sequence[Sequence[str | None]]) -> Suggestion:
    """A column of choices whose cells are mostly none of the choices goes nowhere until somebody says so."""
    if each.target is None or each.target not in WORDS:
        return each
    words = words_of(each.target)
    cells = [cell.strip().casefold() for row in rows if (cell := row[each.index] or "").strip()]
    fitting = sum(cell in words for cell in cells)
    return (
        each if not cells or fitting * 2 >= len(cells) else replace(each, target=None, score=0.0, reasons=())
    )


def mapped(
    actor: Actor, columns: Sequence[str], rows: Sequence[Sequence[str | None]], kind: str = "delimited"
) -> tuple[list[str | None], list[dict[str, Any]]]:
    """The mapping to begin with (that of the last file with these columns, else a suggested one), and why."""
    suggestions = [_checked(each, rows) for each in suggest(columns, rows, targets(actor))]
    if kind == "vcard":
        allowed = goals(actor)
        known = [name if name in allowed else None for name in _card_mapping(columns)]
        suggestions = [
            Suggestion(at, column, known[at], 1.0 if known[at] else 0.0) for at, column in enumerate(columns)
        ]
    saved = SavedMapping.objects.filter(
        owner_id=actor.id, kind="customers", signature=signature_of(columns)
    ).first()
    why = [_why(each) for each in suggestions]
    if saved is not None and len(saved.mapping) == len(columns):
        allowed = goals(actor)
        return [name if name in allowed else None for name in saved.mapping], [
            {**each, "saved": name == saved.mapping[at]}
            for at, (each, name) in enumerate(zip(why, saved.mapping, strict=True))
        ]
    return [each.target for each in suggestions], why


def _why(each: Suggestion) -> dict[str, Any]:
    return {"target": each.target, "score": each.score, "reasons": [why.to_json() for why in each.reasons]}


def prepare_import(actor: Actor, path: Path, options: TableOptions, source: str) -> dict[str, Any]:
    """What an import knows once its file can be read: options, columns, mapping, and what its preview begins with."""
    columns, rows = sample_of(path, options)
    mapping, suggestions = mapped(actor, columns, [cells for _row, cells in rows], options.kind)
    return {
        "options": options.to_json(), "columns": columns, "mapping": mapping,
        "preview": {
            "order": order_of(mapping, [cells for _row, cells in rows]), "source": source, "suggestions": suggestions
        },
    }  # fmt: skip


def order_of(mapping: Sequence[str | None], rows: Sequence[Sequence[str | None]]) -> str:
    """In which order short dates are written, judged by the column of birthdays."""
    at = mapping.index("birthday") if "birthday" in mapping else -1
    return decide_order(row[at] or "" for row in rows) if at >= 0 else "dmy"


def checked_mapping(actor: Actor, batch: Import, asked: Mapping[str, str | None]) -> list[str | None]:
    """A mapping (column → field) against the columns of the file and the fields the actor may write.

    Columns that are not named keep theirs. Raises Invalid naming the column.
    """
    allowed = goals(actor)
    mapping = list(batch.mapping)
    for column, name in asked.items():
        if column not in batch.columns:
            raise Invalid({"mapping": _("The file has no column “%(column)s”.") % {"column": column}})
        if name and name not in allowed:
            raise Invalid({"mapping": _("Unknown field: %(name)s.") % {"name": name}})
        mapping[batch.columns.index(column)] = name or None
    once = [name for name in mapping if name and not allowed[name].many]
    twice = next((name for name in once if once.count(name) > 1), None)
    if twice:
        raise Invalid(
            {"mapping": _("Several columns go to “%(name)s”; choose one.") % {"name": allowed[twice].label}}
        )
    return mapping


def check_names(mapping: Sequence[str | None]) -> None:
    """Raise Invalid unless some column holds the name of the customer."""
    if not NAMES & set(mapping):
        raise Invalid({"mapping": _("Choose the column that holds the name of the customer.")})
