"""Two string similarities in plain Python that give the same figures as DuckDB's functions on ASCII text."""

from __future__ import annotations

from operator import ne


def within_one_edit(left: str, right: str) -> bool:
    """Whether at most one insertion, deletion, substitution or swap of neighbours parts the two texts.

    The same as DuckDB's `damerau_levenshtein(left, right) <= 1` (Damerau 1964) without the full matrix.
    """
    if left == right:
        return True
    if len(left) == len(right):
        apart: int = sum(map(ne, left, right))
        if apart != 2:
            return apart == 1
        at = _first_difference(left, right)
        return left[at : at + 2] == right[at : at + 2][::-1]
    if len(left) > len(right):
        left, right = right, left
    if len(right) - len(left) > 1:
        return False
    at = _first_difference(left, right)
    return left[at:] == right[at + 1 :]


def _first_difference(left: str, right: str) -> int:
    for at, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return at
    return min(len(left), len(right))


def jaro_winkler(left: str, right: str) -> float:
    """Jaro–Winkler similarity in [0, 1] (Winkler 1990): prefix of up to four, scale 0.1, from Jaro 0.7 on.

    The same as DuckDB's `jaro_winkler_similarity` on ASCII text.
    """
    jaro = _jaro(left, right)
    if jaro <= 0.7:
        return jaro
    prefix = _first_difference(left[:4], right[:4])
    return jaro + prefix * 0.1 * (1.0 - jaro)


def _jaro(left: str, right: str) -> float:
    if not left or not right:
        return 0.0
    window = max(max(len(left), len(right)) // 2 - 1, 0)
    free = list(right)
    kept_left = []
    kept_right: list[int] = []
    for at, letter in enumerate(left):
        start = at - window
        try:
            found = free.index(letter, start if start > 0 else 0, at + window + 1)
        except ValueError:
            continue
        free[found] = ""
        kept_left.append(letter)
        kept_right.append(found)
    matches = len(kept_left)
    if not matches:
        return 0.0
    kept_right.sort()
    out_of_order = sum(a != right[b] for a, b in zip(kept_left, kept_right, strict=True)) // 2
    return (matches / len(left) + matches / len(right) + (matches - out_of_order) / matches) / 3.0
