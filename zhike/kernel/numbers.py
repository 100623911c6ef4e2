"""Human numbers such as C-000123: short, rising, unique, said aloud on the telephone."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F

from zhike.kernel.models import Counter


def next_numbers(series: str, count: int = 1) -> list[int]:
    """Take `count` numbers of a series, rising. No number is given twice; a rolled-back use leaves a gap.

    On PostgreSQL a sequence `number_<series>` gives them, so that writers do not wait for each other.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [f"number_{series}", count])
            return [row[0] for row in cursor.fetchall()]
    with transaction.atomic():
        Counter.objects.get_or_create(name=series)
        Counter.objects.filter(name=series).update(value=F("value") + count)
        last = Counter.objects.values_list("value", flat=True).get(name=series)
    return list(range(last - count + 1, last + 1))


def format_number(letter: str, number: int) -> str:
    """`C`, 123 → `C-000123`."""
    return f"{letter}-{number:06d}"
