"""Rules that several tables share, as constraints of the database."""

from __future__ import annotations

from django.db.models import CheckConstraint, F, Q, TextChoices


def one_of(table: str, name: str, words: type[TextChoices], *, optional: bool = False) -> CheckConstraint:
    """The column holds a word of the list (or nothing, if optional)."""
    known = [*words.values, ""] if optional else words.values
    return CheckConstraint(condition=Q(**{f"{name}__in": known}), name=f"{table}_{name}_known")


def half_open(table: str, start: str = "valid_from", end: str = "valid_until") -> CheckConstraint:
    """The period ends after it starts; either end may be open."""
    ends_later = Q(**{f"{start}__lt": F(end)})
    return CheckConstraint(
        condition=Q(**{f"{start}__isnull": True}) | Q(**{f"{end}__isnull": True}) | ends_later,
        name=f"{table}_period",
    )
