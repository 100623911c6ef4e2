"""RFM against the same told plainly, and at the edges of what data can carry."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.lines import line, lines
from zhike.insight.models.bands import cut, quantile_cuts
from zhike.insight.models.rfm import MEASURES, TYPES, CustomerType, Measure, Rfm, rfm
from zhike.insight.types import CannotCarry, Days

START = date(2025, 1, 1)
PERIOD = Days(START, date(2025, 4, 1))
AS_OF = PERIOD.end

Told = tuple[int | None, int, int, int]  # customer, day, amount in fen, document

purchases = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 12)),
        st.integers(-5, 95),
        st.integers(-3000, 9000),
        st.integers(1, 4),
    ),
    max_size=60,
)


def table(told: Sequence[Told]) -> pa.Table:
    return lines(
        [
            line(key, START + timedelta(days=day), str(Decimal(fen) / 100), f"D{document}", line_no=at)
            for at, (key, day, fen, document) in enumerate(told)
        ]
    )


def plainly(told: Sequence[Told], frequency: str) -> dict[int, tuple[int, int, int]]:
    """Recency, frequency and money (fen) of each customer who bought."""
    nets: dict[int, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    for at, (key, day, fen, document) in enumerate(told):
        if key is not None and PERIOD.start <= START + timedelta(days=day) < PERIOD.end:
            nets[key][{"documents": (day, document), "days": (day,), "lines": (day, at)}[frequency]] += fen
    found = {}
    for key, parts in nets.items():
        bought = [part[0] for part, fen in parts.items() if fen > 0]
        if bought:
            recency = (AS_OF - (START + timedelta(days=max(bought)))).days
            found[key] = (recency, len(bought), sum(parts.values()))
    return found


def band(values: list[int], value: int, bands: int) -> int:
    """1 + the number of quantiles k/bands (the smallest value that so many do not exceed) below the value."""
    ranked = sorted(values)
    return 1 + sum(ranked[-(-len(ranked) * k // bands) - 1] < value for k in range(1, bands))


@settings(max_examples=40)
@given(told=purchases, frequency=st.sampled_from(["documents", "days", "lines"]), bands=st.integers(2, 9))
def test_rfm_is_what_it_is_plainly(told: Sequence[Told], frequency: Any, bands: int) -> None:
    expected = plainly(told, frequency)
    if not expected:
        with pytest.raises(CannotCarry, match="nobody bought"):
            rfm(table(told), as_of=AS_OF, period=PERIOD, frequency=frequency)
        return
    result = rfm(table(told), as_of=AS_OF, period=PERIOD, frequency=frequency, bands=bands)
    found = {row["customer_key"]: row for row in result.table.to_pylist()}
    assert {
        key: (row["recency"], row["frequency"], int(row["money"] * 100)) for key, row in found.items()
    } == expected
    columns = list(zip(*expected.values(), strict=True))
    for key, (recency, count, fen) in expected.items():
        r = bands + 1 - band(list(columns[0]), recency, bands)
        f, m = band(list(columns[1]), count, bands), band(list(columns[2]), fen, bands)
        assert (found[key]["r"], found[key]["f"], found[key]["m"]) == (r, f, m)
        assert found[key]["code"] == f"{r}{f}{m}"
        assert found[key]["score"] == pytest.approx((r + f + m) / 3)
    assert_consistent(result)


def assert_consistent(result: Rfm) -> None:
    """Every figure opens the customers behind it, and all figures add up."""
    size, money = len(result.customers), int(result.values["money"].sum())
    for cell in result.cells:
        assert len(result.customers_in(recency=cell.recency, frequency=cell.frequency)) == cell.customers
    for each in result.by_type:
        assert len(result.customers_in(type=each.type)) == each.customers
    for measure in MEASURES:
        for edge in result.edges[measure]:
            assert len(result.customers_in(**{measure: edge.number})) == edge.customers  # type: ignore[arg-type]
        assert sum(edge.customers for edge in result.edges[measure]) == size
        assert sum(edge.money for edge in result.edges[measure]) == money
        edges = [(edge.low, edge.high) for edge in result.edges[measure] if edge.customers]
        ordered = edges[::-1] if measure == "recency" else edges
        assert all(high < low for (_, high), (low, _) in itertools.pairwise(ordered))  # type: ignore[operator]
    assert (
        sum(cell.customers for cell in result.cells) == sum(each.customers for each in result.by_type) == size
    )
    assert sum(cell.money for cell in result.cells) == sum(each.money for each in result.by_type) == money


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=50), st.integers(2, 9))
def test_equal_values_never_part_and_greater_ones_never_fall(values: list[int], bands: int) -> None:
    array = np.array(values)
    numbers = dict(zip(values, cut(array, quantile_cuts(array, bands)).tolist(), strict=True))
    ranked = sorted(numbers)
    assert all(numbers[low] <= numbers[high] for low, high in itertools.pairwise(ranked))
    assert set(numbers.values()) <= set(range(1, bands + 1))


def test_returns_lower_money_but_are_no_purchases() -> None:
    told = [
        (1, 0, 5000, 1),
        (1, 50, -2000, 2),
        (2, 10, -100, 1),
        (3, 0, 700, 1),
        (3, 0, -700, 1),
        (4, 0, 0, 1),
    ]
    result = rfm(table(told), as_of=AS_OF, period=PERIOD)
    assert result.customers.to_pylist() == [1]
    assert result.values["recency"].tolist() == [90]
    assert result.values["frequency"].tolist() == [1]
    assert result.values["money"].tolist() == [300_000]
    assert result.left_out == 3


def test_fixed_cuts_mean_the_same_every_time() -> None:
    told = [(1, 89, 100, 1), (2, 59, 20_000, 1), (3, 0, 300_000, 1)]
    cuts: dict[Measure, list[int]] = {"recency": [30, 60], "frequency": [1, 2], "money": [10_000, 2_000_000]}
    result = rfm(table(told), as_of=AS_OF, period=PERIOD, bands=3, method="fixed", cuts=cuts)
    codes = dict(zip(result.table["customer_key"].to_pylist(), result.table["code"].to_pylist(), strict=True))
    assert codes == {1: "311", 2: "212", 3: "113"}
    assert result.edges["money"][1].low == 2_000_000


def test_the_types_follow_the_average_bands() -> None:
    assert [kind.zh[:4] for kind in TYPES[:4]] == ["重要价值", "重要发展", "重要保持", "重要挽留"]
    told: list[Told] = []
    for at in range(8):
        day, count, fen = (85 if at & 1 else 1), (4 if at & 2 else 1), (90_000 if at & 4 else 100)
        told += [(at, day, fen // count, document) for document in range(count)]
    result = rfm(table(told), as_of=AS_OF, period=PERIOD, bands=2)
    found = dict(zip(result.customers.to_pylist(), (TYPES[place] for place in result.types), strict=True))
    assert found == {
        7: CustomerType.IMPORTANT_VALUE,
        5: CustomerType.IMPORTANT_DEVELOP,
        6: CustomerType.IMPORTANT_KEEP,
        4: CustomerType.IMPORTANT_WIN_BACK,
        3: CustomerType.GENERAL_VALUE,
        1: CustomerType.GENERAL_DEVELOP,
        2: CustomerType.GENERAL_KEEP,
        0: CustomerType.GENERAL_WIN_BACK,
    }


def test_one_customer_and_equal_customers_are_carried() -> None:
    alone = rfm(table([(1, 0, 100, 1)]), as_of=AS_OF, period=PERIOD)
    assert alone.table["code"].to_pylist() == ["511"]
    equal = rfm(table([(key, 3, 100, 1) for key in range(9)]), as_of=AS_OF, period=PERIOD)
    assert set(equal.table["code"].to_pylist()) == {"511"}
    assert equal.by_type[-1].customers == 9


def test_several_currencies_need_a_choice() -> None:
    rows = lines([line(1, START, 5, "A"), line(1, START, 7, "B", currency="USD"), line(2, START, 7, "C")])
    with pytest.raises(CannotCarry, match="choose a currency") as caught:
        rfm(rows, as_of=AS_OF, period=PERIOD)
    assert caught.value.facts["currencies"] == ["CNY", "USD"]
    result = rfm(rows, as_of=AS_OF, period=PERIOD, currency="USD")
    assert result.values["money"].tolist() == [70_000]


def test_weights_shape_the_score() -> None:
    result = rfm(
        table([(1, 0, 1, 1), (2, 80, 900, 1)]), as_of=AS_OF, period=PERIOD, bands=2, weights=(0, 0, 2)
    )
    assert sorted(result.score.tolist()) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bands": 1}, "bands must be 2 to 9"),
        ({"bands": 10}, "bands must be 2 to 9"),
        ({"method": "fixed"}, "cuts belong to"),
        ({"cuts": {"recency": [1]}}, "cuts belong to"),
        ({"method": "fixed", "cuts": {"recency": [5, 3, 8, 9]}}, "recency: 5 bands need 4 rising cuts"),
        ({"weights": (0, 0, 0)}, "weights"),
        ({"as_of": START - timedelta(days=1)}, "as_of lies before"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    given_options: dict[str, Any] = {"as_of": AS_OF, "period": PERIOD} | options
    with pytest.raises(ValueError, match=message):
        rfm(table([(1, 0, 100, 1)]), **given_options)


def test_purchases_without_documents_are_counted_by_days() -> None:
    rows = table([(1, 0, 100, 1), (1, 0, 100, 2), (1, 4, 100, 3)]).select(
        ["customer_key", "occurred_date", "amount"]
    )
    with pytest.raises(ValueError, match="lack the column document"):
        rfm(rows, as_of=AS_OF, period=PERIOD)
    assert rfm(rows, as_of=AS_OF, period=PERIOD, frequency="days").values["frequency"].tolist() == [2]
    with pytest.raises(ValueError, match="lack the column amount"):
        rfm(rows.drop_columns(["amount"]), as_of=AS_OF, period=PERIOD)


def test_a_stream_and_an_ibis_table_give_what_a_table_gives() -> None:
    rows = table([(1, 0, 100, 1), (2, 0, 300, 2), (1, 4, 100, 3)])
    expected = rfm(rows, as_of=AS_OF, period=PERIOD).table.sort_by("customer_key")
    for same in (rows.to_reader(), ibis.memtable(rows)):
        assert rfm(same, as_of=AS_OF, period=PERIOD).table.sort_by("customer_key") == expected
