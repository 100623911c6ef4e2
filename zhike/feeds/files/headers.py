"""Names of columns: made unique, given where missing, and our own columns of a refused-rows file set aside."""

from __future__ import annotations

from collections.abc import Sequence

REASON_COLUMN = "导入问题 Import problem"
ROW_COLUMN = "原行号 Source row"
OWN_COLUMNS = frozenset({REASON_COLUMN, ROW_COLUMN})


def letter(index: int) -> str:
    """The name a spreadsheet program gives to a column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def letters(count: int) -> list[str]:
    """Names for columns without a header."""
    return [letter(index) for index in range(count)]


def unique_names(cells: Sequence[str | None]) -> list[str]:
    """Names of columns from the cells of a header row: an empty one becomes the letter of its column, a repeated
    one gets a number."""
    names: list[str] = []
    taken: set[str] = set()
    for at, cell in enumerate(cells):
        base = " ".join((cell or "").split()) or letter(at)
        name, number = base, 2
        while name in taken:
            name, number = f"{base} ({number})", number + 1
        taken.add(name)
        names.append(name)
    return names


def visible_columns(names: list[str]) -> tuple[list[str], list[int] | None]:
    """The columns of the customer and their places, None when all are theirs."""
    keep = [at for at, name in enumerate(names) if name not in OWN_COLUMNS]
    if len(keep) == len(names):
        return names, None
    return [names[at] for at in keep], keep
