"""Cohorts and their triangles against the same told plainly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.lines import line, lines
from zhike.insight.models.cohorts import Step, cohorts, cohorts_from_json
from zhike.insight.types import CannotCarry, Days
from zhike.insight.warehouse import PURCHASE, Warehouse, append, purchase_documents, purchases

START = date(2024, 11, 20)
AS_OF = date(2025, 6, 15)

Told = tuple[int | None, int, int]  # customer, day, amount in fen

told = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(1, 6)), st.integers(0, 230), st.integers(-2000, 5000)),
    max_size=30,
)
MONTHS: dict[Step, int] = {"month": 1, "quarter": 3, "year": 12}


def table(purchases: Sequence[Told]) -> list[dict[str, object]]:
    return [
        line(key, START + timedelta(days=day), str(Decimal(fen) / 100), f"D{at}")
        for at, (key, day, fen) in enumerate(purchases)
    ]


@settings(max_examples=60)
@given(told, st.sampled_from(["month", "quarter", "year"]))
def test_triangles_are_what_they_are_plainly(purchases: Sequence[Told], step: Step) -> None:
    def number(day: int) -> int:
        when = START + timedelta(days=day)
        return (when.year * 12 + when.month - 1) // MONTHS[step]

    within = [one for one in purchases if one[0] is not None and START + timedelta(days=one[1]) < AS_OF]
    first: dict[int, int] = {}
    for key, day, fen in within:
        if fen > 0:
            first[key or 0] = min(first.get(key or 0, number(day)), number(day))
    buyers: dict[tuple[int, int], set[int]] = defaultdict(set)
    money: dict[tuple[int, int], int] = defaultdict(int)
    for key, day, fen in within:
        if key in first and number(day) >= first[key]:
            cell = (first[key], number(day) - first[key])
            money[cell] += fen
            if fen > 0:
                buyers[cell].add(key)
    if not first:
        with pytest.raises(CannotCarry, match="nobody bought"):
            cohorts(lines(table(purchases)), as_of=AS_OF, step=step)
        return
    found = cohorts(lines(table(purchases)), as_of=AS_OF, step=step)
    begin = min(first.values())
    for row, start in enumerate(found.starts):
        assert (start.year * 12 + start.month - 1) // MONTHS[step] == begin + row
        for age in range(found.active.shape[1]):
            assert found.active[row, age] == len(buyers[begin + row, age])
            assert found.money[row, age] == money[begin + row, age] * 100
    assert found.left_out == len({key for key, _, _ in within} - set(first))
    assert cohorts_from_json(found.to_json()).table == found.table


def test_averages_and_what_is_not_yet_known() -> None:
    rows = [
        line(1, date(2025, 1, 10), 100, "A"),
        line(2, date(2025, 1, 20), 300, "B"),
        line(1, date(2025, 2, 10), 50, "C"),
        line(1, date(2025, 2, 11), -20, "D"),
        line(3, date(2025, 3, 2), 70, "E"),
        line(2, date(2025, 3, 20), 999, "later"),
    ]
    found = cohorts(lines(rows), as_of=date(2025, 3, 15))
    assert found.starts == (date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1))
    assert found.sizes.tolist() == [2, 0, 1]
    assert found.retention[0].tolist() == [1.0, 0.5, 0.0]
    assert found.money_per_customer[0].tolist() == [200.0, 15.0, 0.0]
    assert found.money_per_buyer[0, :2].tolist() == [200.0, 30.0]
    assert np.isnan(found.money_per_buyer[0, 2])
    assert found.money_so_far[0].tolist() == [200.0, 215.0, 215.0]
    assert found.running.tolist() == [[False, False, True], [False, True, False], [True, False, False]]
    assert np.isnan(found.retention[2, 1:]).all()
    assert found.mean_retention[:2].tolist() == [1.0, 0.5]
    assert np.isnan(found.mean_retention[2])
    low, high = found.retention_interval()
    assert low[0, 1] < 0.5 < high[0, 1]
    assert np.isnan(low[1]).all()
    whole = cohorts(lines(rows), as_of=date(2025, 4, 1))
    assert not whole.running.any()
    assert whole.mean_retention[2] == 0.5


def test_a_period_chooses_cohorts_but_not_first_purchases() -> None:
    rows = [line(1, date(2025, 1, 5), 10, "A"), line(1, date(2025, 2, 5), 10, "B")]
    rows += [line(2, date(2025, 2, 7), 10, "C")]
    period = Days(date(2025, 2, 1), date(2025, 3, 1))
    found = cohorts(lines(rows), as_of=date(2025, 3, 1), period=period)
    assert (found.starts, found.sizes.tolist()) == ((date(2025, 2, 1),), [1])
    with pytest.raises(CannotCarry, match="nobody bought"):
        cohorts(lines(rows), as_of=date(2025, 9, 1), period=Days(date(2025, 7, 1), date(2025, 8, 1)))


def test_what_cannot_be_added_up_is_refused() -> None:
    rows = [line(1, START, 10, "A"), line(2, START, 10, "B", currency="USD")]
    with pytest.raises(CannotCarry, match="CNY, USD") as refused:
        cohorts(lines(rows), as_of=AS_OF)
    assert refused.value.reason == "several_currencies"
    assert cohorts(lines(rows), as_of=AS_OF, currency="USD").sizes.tolist() == [1]
    with pytest.raises(ValueError, match="lack the column amount"):
        cohorts(lines(rows).drop_columns(["amount"]), as_of=AS_OF)
    with pytest.raises(ValueError, match="not the JSON of cohorts"):
        cohorts_from_json("[]")


def test_lines_and_documents_of_the_warehouse_agree(warehouse: Warehouse) -> None:
    rows = [line(at % 7, START + timedelta(days=at * 11 % 200), 5 - at % 4 * 3, f"D{at // 2}", line_no=at)
            for at in range(80)]  # fmt: skip
    append(warehouse, PURCHASE, lines(rows), application="import:job", version=1)
    slow = cohorts(purchases(warehouse), as_of=AS_OF)
    quick = cohorts(purchase_documents(warehouse), grain="document", as_of=AS_OF)
    assert quick.table == slow.table
