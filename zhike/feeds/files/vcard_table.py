"""Cards as a table: one row a card, repeated phones, e-mails and addresses in numbered columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from zhike.feeds.files.delimited import Piece
from zhike.feeds.files.messages import RefusedRow
from zhike.feeds.files.options import TableOptions
from zhike.feeds.files.reasons import refuse
from zhike.feeds.files.streams import ByteStream, decoded
from zhike.feeds.files.vcards import BrokenCard, Card, read_cards

_CARDS_PER_PIECE = 500
SINGLE = {
    "Full name": "full_name",
    "Family name": "family_name",
    "Given name": "given_name",
    "Additional names": "additional_names",
    "Prefix": "prefix",
    "Suffix": "suffix",
    "Nickname": "nickname",
    "Organisation": "organisation",
    "Department": "department",
    "Title": "title",
    "Role": "role",
    "Birthday": "birthday",
    "Categories": "categories",
    "Note": "note",
    "UID": "uid",
}
REPEATED = {"Phone": "phones", "E-mail": "emails", "Link": "links", "Messenger": "messengers"}
ADDRESS = {
    "street": "street",
    "city": "city",
    "region": "region",
    "postal code": "postal_code",
    "country": "country",
}


def cells_of(card: Card, repeats: int) -> dict[str, str]:
    """The filled cells of a card by column name; beyond `repeats` values of a kind the rest share the last cell."""
    cells = {column: value for column, name in SINGLE.items() if (value := getattr(card, name))}
    for column, name in REPEATED.items():
        entries = getattr(card, name)
        for at, entry in enumerate(entries[:repeats], start=1):
            cells[f"{column} {at}"] = entry.value
            if entry.kinds:
                cells[f"{column} {at} type"] = ",".join(entry.kinds)
        if len(entries) > repeats:
            cells[f"{column} {repeats}"] = "; ".join(entry.value for entry in entries[repeats - 1 :])
    for at, address in enumerate(card.addresses[:repeats], start=1):
        for part, name in ADDRESS.items():
            if value := getattr(address, name):
                cells[f"Address {at} {part}"] = value
        if address.kinds:
            cells[f"Address {at} type"] = ",".join(address.kinds)
    return cells


def all_columns(repeats: int) -> list[str]:
    """Every column there can be, in the order of the table."""
    columns = list(SINGLE)
    for name in REPEATED:
        for at in range(1, repeats + 1):
            columns += [f"{name} {at}", f"{name} {at} type"]
    for at in range(1, repeats + 1):
        columns += [f"Address {at} {part}" for part in (*ADDRESS, "type")]
    return columns


def columns_of(path: Path, options: TableOptions) -> list[str]:
    """The columns that the cards of this file fill, found by reading it once. Raises `FileRefused` if it has none."""
    stream = ByteStream(path, options.limits)
    used: Counter[str] = Counter()
    cards = 0
    try:
        for card in read_cards(decoded(stream.blocks(), options.encoding), options.limits):
            cards += 1
            if isinstance(card, Card):
                used.update(cells_of(card, options.limits.card_repeats).keys())
    finally:
        stream.close()
    if not cards:
        raise refuse("file_no_card")
    return [column for column in all_columns(options.limits.card_repeats) if used[column]] or ["Full name"]


def pieces(texts: Iterable[str], columns: list[str], options: TableOptions) -> Iterator[Piece]:
    """Cards as rows; the source row is the number of the card in the file, from 1."""
    piece = Piece([], [], 0)
    number = 0
    for number, card in enumerate(read_cards(texts, options.limits), start=1):
        if isinstance(card, BrokenCard):
            piece.refused.append(RefusedRow(number, (card.text,), card.reason))
        else:
            cells = cells_of(card, options.limits.card_repeats)
            piece.rows.append((number, [cells.get(column) for column in columns]))
        if number % _CARDS_PER_PIECE == 0:
            yield Piece(piece.rows, piece.refused, number)
            piece = Piece([], [], 0)
    yield Piece(piece.rows, piece.refused, number)
